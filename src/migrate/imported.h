#pragma once
/// \file  What becomes of another tool's configuration.
#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"

namespace llmops::migrate {

struct File {
  std::string path;  ///< From the repository's root.
  std::string text;
};

/// Where the files go.
struct Target {
  std::string name;    ///< The recipe's.
  std::string recipe;  ///< Its path from the repository's root.
  std::string folder;  ///< Of the configuration, from the repository's root; empty: the root itself.
};

struct Imported {
  std::vector<File> files;  ///< The recipe first.
  /// What is not carried, or not in the same way, each with its place in the configuration, in the order found.
  Errors notes;
  std::size_t models = 0, prompts = 0, cases = 0, scorers = 0;
};

}  // namespace llmops::migrate
