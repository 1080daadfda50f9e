#pragma once
/// \file  What expressions yield, held against what is wanted in their place.
#include "base/result.h"
#include "doc/node.h"
#include "recipe/scope.h"
#include "schema/type.h"

namespace llmops::recipe {

/// `resolve`, where the result is a `type`: a text that reads as the number or the truth that is wanted becomes it,
/// since variables of the process only hold texts. What does not fit is an error at its `${…}`, which names the var
/// behind it and its place. What still waits passes. A node without expressions, which was checked when it was read, is
/// returned as it is.
Result<doc::Node, Errors> resolve_as(const schema::Type& type, const doc::Node& node, const Scope& scope);

/// The same for the value of a key, where nothing may wait any more: what rests on a variable that is not set is an
/// error too.
Result<doc::Node, Errors> settle_as(const schema::Field& key, const doc::Node& value, const Scope& scope);

/// True where a value, or one within it, holds an expression.
bool holds_expressions(const doc::Node& node);

}  // namespace llmops::recipe
