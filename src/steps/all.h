#pragma once
/// \file  All step kinds.
#include "step/kind.h"

namespace llmops::steps {

/// One row for each kind; lives as long as the program.
const step::Kinds& all();

}  // namespace llmops::steps
