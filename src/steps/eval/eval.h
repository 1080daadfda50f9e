#pragma once
/// \file  `eval`: every model × prompt × case × repeat, asked and scored.
#include "step/kind.h"

namespace llmops::steps::eval {

const step::Kind& kind();

}  // namespace llmops::steps::eval
