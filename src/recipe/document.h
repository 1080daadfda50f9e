#pragma once
/// \file  The file of a recipe, read, checked for its shape, and joined with what it includes.
#include <string>
#include <vector>

#include "asset/asset.h"
#include "base/result.h"
#include "doc/node.h"
#include "step/kind.h"
#include "store/cache.h"

namespace llmops::recipe {

struct Document {
  doc::Node node;                  ///< Shaped as `recipe_type` says, includes joined, schemas' files in their place.
  std::vector<std::string> files;  ///< The recipe's own path first.
};

/// Parses and checks. A text that passed before, under this version of the program, is not checked again.
Result<Document, Errors> read_document(asset::AssetSource& source, store::Cache& cache, const step::Kinds& kinds,
                                       const std::string& path);

/// Ids of steps that can't be one, and those given twice; whatever else the steps' shape may be. Steps of a matrix get
/// longer ids, which are not compared here.
Errors check_ids(const doc::Node& document);
/// Whether a step of this id, or the one whose matrix `id` names, is written at all, be it right or wrong.
bool has_step(const doc::Node& document, std::string_view id);
/// Letters, digits, `-` and `_`, at most 100.
bool valid_id(std::string_view id);

/// A path as written in a recipe: `./x` is relative to the recipe's folder, anything else to the root.
std::string rooted(const std::string& written, const std::string& recipe_path);
/// A word of a command: programs run at the root, so `./x` is a file there.
std::string command_path(const std::string& word);

}  // namespace llmops::recipe
