#include "cli/application.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/complete.h"
#include "cli/usage.h"
#include "cli/version.h"

namespace llmops::cli {
namespace {

class Formatter : public CLI::Formatter {
 public:
  std::string make_footer(const CLI::App* app) const override {
    const auto footer = app->get_footer();
    return footer.empty() ? std::string() : footer + "\n";
  }
};

std::string examples_text(std::string_view examples) {
  if (examples.empty()) return {};
  std::string out = "Examples:";
  for (const auto& line : text::split(examples, '\n')) out += "\n  " + line;
  return out;
}

}  // namespace

std::vector<Declared> build_application(CLI::App& app) {
  app.name("llmops");
  app.description(
      "LLMOps in one binary: recipes from prompt to production, run against git-tracked assets, with lineage.");
  app.formatter(std::make_shared<Formatter>());
  app.footer(
      "Exit status: 0 all passed, 1 a step failed, 2 usage, 3 recipe or data invalid, 4 gate failed or\n"
      "promotion refused, 5 gate inconclusive or budget ended, 6 environment, 70 a bug, 130 interrupted.");
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Print this help.");
  std::vector<Declared> out;
  for (const auto& command : commands()) {
    auto* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    sub->set_help_flag("-h,--help", "Print this help.");
    sub->footer(examples_text(command.examples));
    out.push_back({sub, &command, command.declare(*sub)});
  }
  return out;
}

int run_application(int argc, const char* const* argv, Shell& shell) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words[0] == "__complete") {
    shell.print(complete(shell, {words.begin() + 1, words.end()}));
    return kPassed;
  }
  if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V")) {
    shell.print("llmops " + version() + "\n");
    return kPassed;
  }
  CLI::App app;
  auto declared = build_application(app);
  std::string folder;
  app.add_option("-C", folder, "Act as if started in this folder.")->type_name("DIR");
  bool show_version = false;
  app.add_flag("-V,--version", show_version, "Print the version.");
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    shell.print(app.help());
    return kPassed;
  } catch (const CLI::ParseError& error) {
    if (words.empty()) {
      shell.console.err(app.help());
      return kUsage;
    }
    return shell.fail(usage_failure(app, error, words));
  }
  if (!folder.empty()) {
    const auto asked = shell.folder / folder;
    const auto stat = shell.system.files.stat(asked);
    if (!stat || stat->kind != sys::FileKind::folder)
      return shell.fail(usage_error("there is no folder `" + folder + "`"));
    shell.folder = asked.lexically_normal();
  }
  for (auto& one : declared) {
    if (one.app->parsed()) return one.action(shell);
  }
  return kUsage;
}

}  // namespace llmops::cli
