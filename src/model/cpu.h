#pragma once
/// \file  What the embedded engine is built to need of the processor.
#include <string>

namespace llmops::model {

/// The instruction sets among AVX2, FMA, F16C and BMI2 that this processor lacks, as ` AVX2 F16C`; empty where it has
/// all, and on other architectures than x86-64, where the engine is built for the machine's baseline.
std::string missing_instructions();

}  // namespace llmops::model
