#pragma once
/// \file  The running program itself.
#include <string>

namespace llmops::sys {

/// Changes with every build of the program: the linker's build id, in hexadecimal. What was made by another build is
/// told apart by it.
const std::string& build_id();

}  // namespace llmops::sys
