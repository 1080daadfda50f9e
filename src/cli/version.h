#pragma once
#include <string>

namespace llmops::cli {

std::string version();

}  // namespace llmops::cli
