#pragma once
/// \file  Where a model file can come from.
#include <string>
#include <variant>

#include "base/result.h"
#include "model/catalog.h"

namespace llmops::model {

/// A file of a repository on the Hugging Face hub.
struct HubFile {
  std::string repository;  ///< `org/name`
  std::string file;        ///< May hold folders.
  std::string revision = "main";
};
struct WebFile {
  std::string url;
};

struct ModelSource {
  std::variant<const CatalogEntry*, HubFile, WebFile> from;
  std::string name;  ///< In the store, where the person gave none.
};

/// A catalog name, `hf://org/repo/file@revision` or a URL. Kind `usage` for anything else, with the nearest known name.
Result<ModelSource> parse_model_source(const std::string& text);

/// The source as messages and files may have it: a URL without its user part and query, which may hold a secret.
std::string shown_source(const std::string& text);

/// Whether a name can be a folder of the store: letters, digits, `.`, `_` and `-`, not beginning with a dot.
bool is_model_name(std::string_view name);

}  // namespace llmops::model
