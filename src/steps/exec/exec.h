#pragma once
/// \file  `exec`: a program of the team's own.
#include "step/kind.h"

namespace llmops::steps::exec {

const step::Kind& kind();

}  // namespace llmops::steps::exec
