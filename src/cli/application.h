#pragma once
/// \file  The command line as a whole.
#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace llmops::cli {

/// A command and what it does once its options are read.
struct Declared {
  CLI::App* app = nullptr;
  const Command* command = nullptr;
  Action action;
};
/// Adds all commands to `app`.
std::vector<Declared> build_application(CLI::App& app);

/// Reads the command line and does it. The exit status.
int run_application(int argc, const char* const* argv, Shell& shell);

}  // namespace llmops::cli
