#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/generated.h"
#include "cli/options.h"

namespace llmops::cli {

Action declare_completion(CLI::App& app) {
  const auto name = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const auto& known : shells()) names.emplace_back(known);
  app.add_option("shell", *name, "bash, zsh or fish.")->required()->check(one_of(names));
  return [name](Shell& shell) {
    shell.print(completion_script(*name));
    return static_cast<int>(kPassed);
  };
}

}  // namespace llmops::cli
