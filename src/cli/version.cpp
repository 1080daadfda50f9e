#include "cli/version.h"

namespace llmops::cli {

std::string version() { return LLMOPS_VERSION; }

}  // namespace llmops::cli
