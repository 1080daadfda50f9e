#include "cli/usage.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"

namespace llmops::cli {
namespace {

/// The command that the words reach, as far as they name one.
struct Reached {
  const CLI::App* app = nullptr;
  std::string name = "llmops";        ///< `llmops lineage of`
  std::vector<const CLI::App*> path;  ///< From the program down, `app` last.
  std::string further;                ///< The first word behind it that is no option; empty where there is none.
};

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

Reached reached(const CLI::App& app, const std::vector<std::string>& words) {
  Reached out;
  out.app = &app;
  out.path = {&app};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (out.app == &app && words[i] == "-C")
      ++i;
    else if (!words[i].starts_with("-")) {
      const auto below = subcommands(*out.app);
      const auto found =
          std::find_if(below.begin(), below.end(), [&](const auto* sub) { return sub->get_name() == words[i]; });
      if (found == below.end()) {
        out.further = words[i];
        break;
      }
      out.app = *found;
      out.name += " " + words[i];
      out.path.push_back(out.app);
    }
  }
  return out;
}

std::string help_of(const Reached& at) {
  if (at.path.size() == 1) return "`llmops --help` lists the commands, `llmops COMMAND --help` their options";
  return "`" + at.name + " --help` shows what it takes";
}

std::string meant_or_help(const std::string& word, const std::vector<std::string>& names, const Reached& at) {
  const auto nearest = text::closest(word, names);
  return nearest.empty() ? help_of(at) : "did you mean `" + nearest + "`?";
}

Error no_command(const Reached& at) {
  std::vector<std::string> names;
  for (const auto* sub : subcommands(*at.app)) names.push_back(sub->get_name());
  const auto below = at.path.size() == 1 ? std::string() : at.name.substr(std::string("llmops ").size()) + " ";
  if (at.further.empty()) {
    std::vector<std::string> quoted;
    for (const auto& name : names) quoted.push_back("`" + name + "`");
    return usage_error("`" + at.name + "` needs a command: " + text::join(quoted, ", "), help_of(at));
  }
  const auto near = text::did_you_mean(at.further, names);
  return usage_error("there is no command `" + text::printable(below + at.further) + "`",
                     near.empty() ? help_of(at) : near);
}

Error not_expected(const std::string& word, const Reached& at) {
  const auto shown = "`" + text::printable(word) + "`";
  if (!word.starts_with("-"))
    return usage_error("`" + at.name + "` has no place for the argument " + shown, help_of(at));
  const auto name = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const auto* option : at.app->get_options()) {
    for (const auto& one : option->get_lnames()) known.push_back("--" + one);
  }
  return usage_error("`" + at.name + "` has no option `" + text::printable(name) + "`", meant_or_help(name, known, at));
}

/// The option whose name and a colon `said` begins with, as the library's texts do.
const CLI::Option* option_of(const std::string& said, const Reached& at) {
  for (auto app = at.path.rbegin(); app != at.path.rend(); ++app) {
    for (const auto* option : (*app)->get_options()) {
      if (said.starts_with(option->get_name() + ":")) return option;
    }
  }
  return nullptr;
}

Error missing_argument(const Reached& at) {
  for (const auto* option : at.app->get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    auto what = option->get_description();
    if (what.ends_with('.')) what.pop_back();
    if (!what.empty()) what[0] = text::lower(what.substr(0, 1))[0];
    return usage_error("`" + at.name + "` needs `" + option->get_name() + "`: " + what, help_of(at));
  }
  return no_command(at);
}

Error wrong_value(const CLI::Option& option, const std::string& said, const Reached& at) {
  const auto name = "`" + option.get_name() + "`";
  const auto given = option.results();
  if (option.get_items_expected_max() == 0) return usage_error(name + " takes no value", help_of(at));
  if (given.empty()) return usage_error(name + " needs a value", help_of(at));
  if (option.get_expected_max() == 1 && given.size() > 1)
    return usage_error(name + " is given " + std::to_string(given.size()) + " times", "give it once");
  // What our own validators say (`options.h`) follows the name.
  const auto rule = said.find("must be ");
  if (rule != std::string::npos) return usage_error(name + " " + said.substr(rule), help_of(at));
  return usage_error(name + " can't be `" + text::printable(text::shorten(given.back(), 60)) + "`", help_of(at));
}

}  // namespace

Error usage_failure(const CLI::App& app, const CLI::ParseError& thrown, const std::vector<std::string>& words) {
  const auto at = reached(app, words);
  const std::string said = thrown.what();
  const bool wants_command = !subcommands(*at.app).empty();
  const auto extras = app.remaining(true);
  const auto option = std::find_if(extras.begin(), extras.end(),
                                   [](const auto& word) { return word.size() > 1 && word.starts_with("-"); });
  if (option != extras.end()) return not_expected(*option, at);
  if (wants_command) {
    if (const auto* wrong = option_of(said, at)) return wrong_value(*wrong, said, at);
    return no_command(at);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&thrown) != nullptr) return missing_argument(at);
  if (!extras.empty()) return not_expected(extras.front(), at);
  if (const auto* wrong = option_of(said, at)) return wrong_value(*wrong, said, at);
  for (const auto& word : words) {  // Of a flag with a value the library says nothing that names it.
    const auto equals = word.find('=');
    const auto* flag = equals == std::string::npos ? nullptr : option_of(word.substr(0, equals) + ":", at);
    if (flag && flag->get_items_expected_max() == 0) return wrong_value(*flag, said, at);
  }
  return usage_error("`" + at.name + "` can't be called like this", help_of(at));
}

}  // namespace llmops::cli
