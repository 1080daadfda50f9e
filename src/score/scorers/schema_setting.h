#pragma once
/// \file  The JSON Schema that `is-json` and `contains-json` may be given. Private to this room.
#include <optional>

#include "base/result.h"
#include "doc/node.h"
#include "score/json_schema/validator.h"

namespace llmops::score {

/// The schema of settings that passed `check_schema_settings`; nothing where none is given.
Result<std::optional<json_schema::Validator>> schema_of(const doc::Node& settings);

}  // namespace llmops::score
