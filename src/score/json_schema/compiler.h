#pragma once
/// \file  A schema's document → a program. Private to this folder.
#include <memory>

#include "base/result.h"
#include "score/json_schema/program.h"
#include "score/json_schema/validator.h"

namespace llmops::score::json_schema {

/// See `Validator::compile`.
Result<std::shared_ptr<const Program>, Errors> compile_program(const doc::Node& schema, Draft otherwise);

}  // namespace llmops::score::json_schema
