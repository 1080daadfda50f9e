#pragma once
/// \file  A step's `if:`, as an expression over what is known before the step runs.
#include "base/result.h"
#include "doc/node.h"
#include "recipe/scope.h"
#include "templating/expression.h"

namespace llmops::recipe {

/// The expression: bare, or in one `${…}` that is the whole text. Anything else is an error with its place.
Result<templating::Expression> parse_condition(const doc::Node& condition);

/// What a name stands for in a scope. One that is not there is an error with the reference's place and the nearest
/// name.
Result<templating::Looked> look_up(const templating::Reference& reference, const Scope& scope);

}  // namespace llmops::recipe
