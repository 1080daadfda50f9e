#pragma once
/// \file  Whether a value counts as true where a truth is wanted.
#include "base/result.h"
#include "doc/node.h"

namespace llmops::templating {

/// A text counts by what it says, since variables of the process hold only texts: `true` and `false`. Any other text is
/// an error at `at`. For the rest see `truthy`.
Result<bool> truth(const doc::Node& value, const SourcePos& at);

}  // namespace llmops::templating
