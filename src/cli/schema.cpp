#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/generated.h"
#include "cli/options.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string what = "recipe";
};

}  // namespace

Action declare_schema(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  std::vector<std::string> names;
  for (const auto& schema : schema_names()) names.emplace_back(schema);
  app.add_option("what", options->what, "A document's JSON Schema, or `reference`: the recipe language as Markdown.")
      ->check(one_of(names));
  return [options](Shell& shell) {
    shell.print(schema_text(options->what, shell.kinds));
    return static_cast<int>(kPassed);
  };
}

}  // namespace llmops::cli
