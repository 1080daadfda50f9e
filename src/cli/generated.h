#pragma once
/// \file  Texts made from the declarations: they are committed, and a test makes them again and compares.
#include <string>
#include <string_view>
#include <vector>

#include "step/kind.h"

namespace llmops::cli {

/// `recipe`, `run`, `lineage`: JSON Schemas; `reference`: the recipe language as Markdown.
const std::vector<std::string_view>& schema_names();
std::string schema_text(std::string_view name, const step::Kinds& kinds);

/// A completion script: `bash`, `zsh` or `fish`. It asks `llmops __complete`.
const std::vector<std::string_view>& shells();
std::string completion_script(std::string_view shell);

/// The manual page, as roff for man(1).
std::string manual_page();

/// Every generated file of the tree: its path from the project's root, and its bytes.
struct GeneratedFile {
  std::string path, bytes;
};
std::vector<GeneratedFile> generated_files(const step::Kinds& kinds);

}  // namespace llmops::cli
