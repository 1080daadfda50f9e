#include <CLI/CLI.hpp>

#include "base/text.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "model/catalog.h"
#include "model/model_source.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string source, sha256, name;
  bool json = false;
};

doc::Node list_node(const std::vector<model::StoredModel>& stored) {
  auto list = doc::Node::list();
  const auto is_stored = [&](const std::string& name) {
    return std::any_of(stored.begin(), stored.end(), [&](const auto& model) { return model.name == name; });
  };
  for (const auto& model : stored) {
    list.push_back(doc::Node::map({{"name", model.name},
                                   {"stored", true},
                                   {"sha256", model.sha256.hex()},
                                   {"size", model.size.value},
                                   {"path", model.path.string()},
                                   {"source", model.source}}));
  }
  for (const auto& entry : model::catalog()) {
    if (is_stored(entry.name)) continue;
    list.push_back(doc::Node::map({{"name", entry.name},
                                   {"stored", false},
                                   {"sha256", entry.sha256.hex()},
                                   {"size", entry.size.value},
                                   {"path", doc::Node()},
                                   {"source", entry.name}}));
  }
  return list;
}

int list(Shell& shell, const Options& options) {
  model::ModelStore store(shell.system, models_folder(shell.system.env));
  auto stored = store.list();
  if (!stored) return shell.fail(stored.error());
  const auto node = list_node(*stored);
  if (options.json) {
    shell.print(node);
    return kPassed;
  }
  std::string text;
  for (const auto& model : node.items()) {
    text += report::padded(model.get("name", ""), 28) + "  " +
            report::padded_left(units::to_string(Bytes{static_cast<std::uint64_t>(model.get("size", 0))}), 10) + "  " +
            model.get("sha256", "").substr(0, 12) + "  " +
            (model.get("stored", false) ? "here" : "known; `llmops models pull` brings it") + "\n";
  }
  shell.print(text);
  return kPassed;
}

int pull(Shell& shell, const Options& options) {
  model::ModelStore store(shell.system, models_folder(shell.system.env));
  model::ModelStore::Wanted wanted{options.source, std::nullopt, options.name};
  if (!options.sha256.empty()) {
    wanted.sha256 = Digest::parse(options.sha256);
    if (!wanted.sha256) return shell.fail(usage_error("`--sha256` must be 64 hexadecimal digits"));
  }
  auto said = shell.system.clock.monotonic();
  const auto progress = [&](Bytes done, std::optional<Bytes> total) {
    const auto now = shell.system.clock.monotonic();
    if (now - said < std::chrono::milliseconds(shell.console.live ? 100 : 5000)) return;
    said = now;
    const auto line = model::shown_source(options.source) + "  " + units::to_string(done) +
                      (total ? " of " + units::to_string(*total) : std::string());
    shell.console.err(shell.console.live ? "\r\x1b[2K" + line : line + "\n");
  };
  auto pulled = store.pull(wanted, shell.stop(), progress);
  if (shell.console.live) shell.console.err("\r\x1b[2K");
  if (!pulled) return shell.fail(pulled.error());
  shell.print(pulled->name + "  " + units::to_string(pulled->size) + "  sha256:" + pulled->sha256.hex() + "\n");
  return kPassed;
}

}  // namespace

Action declare_models(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  auto* list_command = app.add_subcommand("list", "Models on this machine, and those known by name.");
  add_json(*list_command, options->json);
  auto* pull_command =
      app.add_subcommand("pull", "Bring a model: a known name, https://…, or hf://org/repo/file@revision.");
  pull_command->add_option("source", options->source, "What to bring.")->required();
  pull_command->add_option("--sha256", options->sha256, "The digest it must have; needed for https://.")
      ->type_name("HEX");
  pull_command->add_option("--name", options->name, "The name it gets here.")->type_name("NAME");
  return [options, list_command](Shell& shell) {
    return list_command->parsed() ? list(shell, *options) : pull(shell, *options);
  };
}

}  // namespace llmops::cli
