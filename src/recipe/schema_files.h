#pragma once
/// \file  JSON Schemas that a recipe names by their files.
#include <string>
#include <vector>

#include "asset/asset.h"
#include "base/result.h"
#include "doc/node.h"

namespace llmops::recipe {

/// Puts the content of each file that `parameters.format.schema` of a model or a step names in its place, so that it
/// counts like a schema that is written there; the files are added to `files`. A path is as everywhere in a recipe, and
/// of the file that it stands in. Errors: a file that git does not track, one that is no map of JSON or YAML.
Errors inline_schemas(doc::Node& document, asset::AssetSource& source, std::vector<std::string>& files);

}  // namespace llmops::recipe
