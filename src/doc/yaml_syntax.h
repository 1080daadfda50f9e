#pragma once
/// \file  What yaml-cpp says when it cannot go on → what a person can act on. Included by this room only.
#include <yaml-cpp/exceptions.h>

#include "base/error.h"
#include "doc/yaml_builder.h"

namespace llmops::doc {

Error syntax_error(const YAML::Exception& failure, YamlText& text, const YamlBuilder& builder);

}  // namespace llmops::doc
