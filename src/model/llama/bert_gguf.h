#pragma once
/// \file  A BERT model as Hugging Face's libraries keep it, made a GGUF file.
#include <string>

#include "base/result.h"
#include "sys/file_system.h"

namespace llmops::model::llama {

/// What the file says of itself.
struct GgufLabels {
  std::string name, licence;
};

/// Writes `to` from `model.safetensors`, `config.json`, `vocab.txt` and `1_Pooling/config.json` in `folder`: names,
/// metadata and vocabulary as llama.cpp's `convert_hf_to_gguf.py --outtype f16` gives them (architecture `bert`,
/// matrices as 16-bit floats, positions, token types and what has one dimension as 32-bit; pieces `##x` become `x`, all
/// others but control tokens begin with `▁`; the pooler is left out). The same files give the same bytes. Errors of
/// kind `environment`: a file that is missing or not what it is expected to be, another architecture, a tensor that is
/// not there or of another shape, and `to` that can't be written.
Result<void> write_bert_gguf(sys::FileSystem& files, const sys::Path& folder, const GgufLabels& labels,
                             const sys::Path& to);

}  // namespace llmops::model::llama
