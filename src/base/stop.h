#pragma once
/// \file  One wish to stop, heard everywhere.
#include <stop_token>

namespace llmops {
using StopToken = std::stop_token;
using StopSource = std::stop_source;
}  // namespace llmops
