#include "cli/application.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/complete.h"
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

/// The command that was meant, where what was typed is near to one.
std::string meant(const std::vector<std::string>& words, const std::vector<Declared>& all) {
  std::vector<std::string> names;
  for (const auto& declared : all) names.emplace_back(declared.command->name);
  for (const auto& word : words) {
    if (word.starts_with("-")) continue;
    return std::find(names.begin(), names.end(), word) == names.end() ? text::did_you_mean(word, names) : std::string();
  }
  return {};
}

/// The first word that is no option, where it is no command either.
std::string unknown_command(const std::vector<std::string>& words, const std::vector<Declared>& all) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-C") ++i;
    else if (!words[i].starts_with("-")) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.command->name == words[i]; });
      return known ? std::string() : words[i];
    }
  }
  return {};
}

/// An option that was meant, of the command that is being used.
std::string meant_option(const std::vector<std::string>& words, const std::vector<Declared>& all) {
  for (const auto& declared : all) {
    if (std::find(words.begin(), words.end(), declared.command->name) == words.end()) continue;
    std::vector<std::string> known;
    for (const auto* option : declared.app->get_options()) {
      for (const auto& name : option->get_lnames()) known.push_back("--" + name);
    }
    for (const auto& word : words) {
      const auto name = word.substr(0, word.find('='));
      if (!word.starts_with("--") || std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto nearest = text::closest(name, known);
      if (!nearest.empty()) return "did you mean `" + nearest + "`?";
    }
  }
  return {};
}

int usage_failure(const CLI::ParseError& error, const std::vector<std::string>& words, const std::vector<Declared>& all, Shell& shell) {
  std::string message = error.what();
  if (!message.empty()) message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  message = text::replace_all(message, "\n", "; ");
  if (const auto unknown = unknown_command(words, all); !unknown.empty()) message = "there is no command `" + unknown + "`";
  auto hint = meant(words, all);
  if (hint.empty()) hint = meant_option(words, all);
  if (hint.empty()) hint = "`llmops --help` lists the commands, `llmops COMMAND --help` their options";
  return shell.fail(usage_error(std::move(message), std::move(hint)));
}

}  // namespace

std::vector<Declared> build_application(CLI::App& app) {
  app.name("llmops");
  app.description("LLMOps in one binary: recipes from prompt to production, run against git-tracked assets, with lineage.");
  app.formatter(std::make_shared<Formatter>());
  app.footer("Exit status: 0 all passed, 1 a step failed, 2 usage, 3 recipe or data invalid, 4 gate failed or\n"
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
    return usage_failure(error, words, declared, shell);
  }
  if (!folder.empty()) {
    const auto asked = shell.folder / folder;
    const auto stat = shell.system.files.stat(asked);
    if (!stat || stat->kind != sys::FileKind::folder) return shell.fail(usage_error("there is no folder `" + folder + "`"));
    shell.folder = asked.lexically_normal();
  }
  for (auto& one : declared) {
    if (one.app->parsed()) return one.action(shell);
  }
  return kUsage;
}

}  // namespace llmops::cli
