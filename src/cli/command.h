#pragma once
/// \file  The contract of a command: one file declares its options and does it.
#include <functional>
#include <string_view>
#include <vector>

#include "cli/shell.h"

namespace CLI {
class App;
}

namespace llmops::cli {

using Action = std::function<int(Shell&)>;

struct Command {
  std::string_view name, summary;
  /// Adds arguments and options to `app`, and gives what to do once they are read.
  Action (*declare)(CLI::App& app);
  std::string_view examples;  ///< One command a line.
};

/// A row for each command, in the order of the help.
const std::vector<Command>& commands();

}  // namespace llmops::cli
