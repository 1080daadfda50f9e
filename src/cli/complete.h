#pragma once
/// \file  Completion: what could stand at the end of a command line.
#include <string>
#include <vector>

#include "cli/shell.h"

namespace llmops::cli {

/// `value<TAB>description` lines for the last of `words` (the command line after the program's name). Knows commands,
/// options, recipes, steps, environments and runs. Never fails: what can't be read offers nothing.
std::string complete(Shell& shell, const std::vector<std::string>& words);

}  // namespace llmops::cli
