#pragma once
/// \file  `gate`: measured metrics → pass, fail or inconclusive.
#include "step/kind.h"

namespace llmops::steps::gate {

const step::Kind& kind();

}  // namespace llmops::steps::gate
