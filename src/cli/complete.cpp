#include "cli/complete.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"
#include "cli/application.h"
#include "cli/command.h"
#include "cli/generated.h"
#include "cli/session.h"
#include "doc/yaml.h"
#include "model/catalog.h"

namespace llmops::cli {
namespace {

struct Candidate {
  std::string value, description;
};

class Completer {
 public:
  Completer(Shell& shell, std::vector<std::string> words) : shell_(shell), words_(std::move(words)) {
    if (words_.empty()) words_.emplace_back();
  }

  std::vector<Candidate> candidates() {
    const auto& last = words_.back();
    if (words_.size() == 1) return command_names();
    build_application(app_);
    command_ = find_command();
    if (!command_) return {};
    if (auto values = option_values(words_[words_.size() - 2])) return *values;
    if (auto values = values_after_equals(last)) return *values;
    if (last.starts_with("-")) return options();
    auto out = subcommands();
    const auto positional = positionals(words_[0]);
    out.insert(out.end(), positional.begin(), positional.end());
    return out;
  }

 private:
  static std::vector<Candidate> command_names() {
    std::vector<Candidate> out;
    for (const auto& command : commands()) out.push_back({std::string(command.name), std::string(command.summary)});
    out.push_back({"--version", "Print the version."});
    out.push_back({"--help", "Print the help."});
    return out;
  }

  CLI::App* find_command() {
    CLI::App* at = &app_;
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      for (auto* sub : at->get_subcommands([](const CLI::App*) { return true; })) {
        if (sub->get_name() == words_[i]) {
          at = sub;
          break;
        }
      }
    }
    return at == &app_ ? nullptr : at;
  }

  std::vector<Candidate> options() const {
    std::vector<Candidate> out;
    for (const auto* option : command_->get_options()) {
      for (const auto& name : option->get_lnames()) out.push_back({"--" + name, option->get_description()});
    }
    return out;
  }

  std::vector<Candidate> subcommands() const {
    std::vector<Candidate> out;
    for (const auto* sub : command_->get_subcommands([](const CLI::App*) { return true; })) {
      out.push_back({sub->get_name(), sub->get_description()});
    }
    return out;
  }

  /// What may follow an option that takes a value; nothing where `before` is none.
  std::optional<std::vector<Candidate>> option_values(const std::string& before) {
    if (before == "--env" || before == "-e") return environments();
    if (before == "--step") return steps();
    if (before == "--format") return std::vector<Candidate>{{"text", ""}, {"json", ""}, {"dot", ""}};
    if (!before.starts_with("-")) return std::nullopt;
    for (const auto* option : command_->get_options()) {
      if (option->check_name(before) && option->get_items_expected_max() > 0) return std::vector<Candidate>{};
    }
    return std::nullopt;
  }

  /// For `--step=com`: the whole word, as a shell replaces it.
  std::optional<std::vector<Candidate>> values_after_equals(const std::string& word) {
    const auto equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) return std::nullopt;
    auto out = option_values(word.substr(0, equals));
    if (!out) return std::nullopt;
    for (auto& candidate : *out) candidate.value.insert(0, word, 0, equals + 1);
    return out;
  }

  std::vector<Candidate> positionals(const std::string& command) {
    if (command == "run" || command == "plan" || command == "validate") return recipes();
    if (command == "show" || (command == "lineage" && words_.size() > 2)) return runs();
    if (command == "completion") return names_of(shells());
    if (command == "schema") return names_of(schema_names());
    if (command == "models" && words_.size() > 2 && words_[1] == "pull") {
      std::vector<Candidate> out;
      for (const auto& entry : model::catalog()) out.push_back({entry.name, entry.summary});
      return out;
    }
    return {};
  }

  static std::vector<Candidate> names_of(const std::vector<std::string_view>& names) {
    std::vector<Candidate> out;
    for (const auto name : names) out.push_back({std::string(name), ""});
    return out;
  }

  Session* session() {
    if (!session_) {
      if (auto opened = Session::open(shell_, Session::Need::repository)) session_ = *std::move(opened);
    }
    return session_.get();
  }

  std::vector<Candidate> recipes() {
    std::vector<Candidate> out;
    auto* opened = session();
    const auto all =
        opened ? recipe::find_all(opened->source()) : Result<std::vector<recipe::Found>>(std::vector<recipe::Found>{});
    if (!all) return out;
    for (const auto& found : *all) {
      if (!found.name.empty()) out.push_back({found.name, found.path});
      out.push_back({found.path, found.name});
    }
    return out;
  }

  /// The document of the recipe on the command line, or of the only one there is.
  std::optional<doc::Node> document() {
    auto* opened = session();
    if (!opened) return std::nullopt;
    const auto all = recipe::find_all(opened->source());
    if (!all) return std::nullopt;
    std::string path = all->size() == 1 ? all->front().path : std::string();
    for (const auto& found : *all) {
      for (const auto& word : words_) {
        if (word == found.path || (!word.empty() && word == found.name)) path = found.path;
      }
    }
    const auto text = path.empty() ? Result<std::string>(usage_error("no recipe")) : opened->source().read(path);
    if (!text) return std::nullopt;
    auto node = doc::parse_yaml(path, *text);
    return node ? std::optional(*std::move(node)) : std::nullopt;
  }

  std::vector<Candidate> environments() {
    std::vector<Candidate> out;
    const auto node = document();
    const auto* all = node ? node->find("environments") : nullptr;
    if (!all || !all->is_map()) return {{"dev", ""}};
    for (const auto& entry : all->entries()) out.push_back({entry.key, ""});
    return out;
  }

  std::vector<Candidate> steps() {
    std::vector<Candidate> out;
    const auto node = document();
    const auto* all = node ? node->find("steps") : nullptr;
    if (!all || !all->is_list()) return out;
    for (const auto& step : all->items()) out.push_back({step.get("id", ""), ""});
    return out;
  }

  std::vector<Candidate> runs() {
    std::vector<Candidate> out;
    auto* opened = session();
    if (!opened) return out;
    const auto records = lineage::Records::read(opened->repository());
    if (!records) return out;
    for (const auto& run : records->runs()) {
      if (out.size() >= 50) break;
      out.push_back({run.id(), run.document.get("recipe", "") + "@" + run.document.get("environment", "") + " " +
                                   run.document.get("status", "") + " " + run.started().substr(0, 19)});
    }
    return out;
  }

  Shell& shell_;
  std::vector<std::string> words_;
  CLI::App app_;
  CLI::App* command_ = nullptr;
  std::unique_ptr<Session> session_;
};

/// One line, without what a terminal would obey.
bool is_plain(const std::string& value) {
  return value.find_first_of("\n\t") == std::string::npos && text::printable(value) == value;
}

}  // namespace

std::string complete(Shell& shell, const std::vector<std::string>& words) {
  const auto prefix = words.empty() ? std::string() : words.back();
  std::string out;
  for (const auto& candidate : Completer(shell, words).candidates()) {
    if (!candidate.value.starts_with(prefix) || candidate.value.empty()) continue;
    if (!is_plain(candidate.value)) continue;  // The shell would print it as it is.
    const bool told = !candidate.description.empty() && is_plain(candidate.description);
    out += candidate.value + (told ? "\t" + candidate.description : "") + "\n";
  }
  return out;
}

}  // namespace llmops::cli
