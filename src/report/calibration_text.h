#pragma once
/// \file  A judge against people, as a person reads it.
#include <string>

#include "score/calibration.h"

namespace llmops::report {

std::string calibration_text(const score::Calibration& calibration);

}  // namespace llmops::report
