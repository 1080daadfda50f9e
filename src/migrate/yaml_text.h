#pragma once
/// \file  YAML as a person would write it. Private to this room.
#include <string>

#include "doc/node.h"

namespace llmops::migrate {

/// A map or list in block style; what is short stands on one line in braces. Reading it back gives an equal node.
std::string yaml_text(const doc::Node& node);

}  // namespace llmops::migrate
