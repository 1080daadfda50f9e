#include "steps/exec/exec_config.h"

namespace llmops::steps::exec {

const schema::Record<ExecConfig>& record_of(ExecConfig*) {
  static const auto record =
      schema::Record<ExecConfig>("exec", "Run a program; what it writes can be used by other steps.")
          .may("command", &ExecConfig::command,
               "The program and its arguments, run without a shell at the repository's root.")
          .may("shell", &ExecConfig::shell, "A command line for /bin/sh, instead of `command`.")
          .may("inputs", &ExecConfig::inputs,
               "Files, folders and globs that it reads; tracked files in `command` always count.")
          .may("outputs", &ExecConfig::outputs, "What it writes: a map of name to path, or a list of paths.")
          .may("metrics", &ExecConfig::metrics,
               "A JSON file of numbers that it writes anew each time: its metrics, by name.")
          .may("build", &ExecConfig::build, "It makes what is shipped: not run again where an artifact is promoted.")
          .without_effect("it runs in every environment");
  return record;
}

namespace {

/// Outputs are removed before the step runs: a path must not reach out of the repository, nor be all of it.
bool safe(const std::string& path) {
  if (path.empty() || path.front() == '/') return false;
  bool names_something = false;
  for (std::size_t from = 0; from <= path.size();) {
    const auto end = std::min(path.find('/', from), path.size());
    const auto part = path.substr(from, end - from);
    if (part == ".." || part == ".git" || part == ".llmops") return false;
    names_something = names_something || !(part.empty() || part == ".");
    from = end + 1;
  }
  return names_something;
}

}  // namespace

Result<std::vector<NamedPath>, Errors> outputs_of(const ExecConfig& config) {
  std::vector<NamedPath> out;
  Errors errors;
  const auto add = [&](const std::string& name, const doc::Node& path) {
    if (!path.is_scalar()) {
      errors.push_back(
          invalid_error("an output must be a path, found " + std::string(doc::describe(path.kind())), path.at()));
    } else if (!safe(path.text())) {
      errors.push_back(
          invalid_error("`" + path.text() + "` can't be an output", path.at(),
                        "outputs are removed before the step runs: name a file or folder inside the repository"));
    } else {
      out.push_back({name, path.text(), path.at()});
    }
  };
  if (config.outputs.is_map()) {
    for (const auto& entry : config.outputs.entries()) add(entry.key, entry.value);
  } else if (config.outputs.is_list()) {
    for (const auto& item : config.outputs.items()) add(item.text(), item);
  } else if (!config.outputs.is_null()) {
    add(config.outputs.text(), config.outputs);
  }
  if (!errors.empty()) return errors;
  return out;
}

Result<std::optional<NamedPath>, Errors> metrics_of(const ExecConfig& config) {
  const auto& [path, at] = config.metrics;
  if (path.empty()) return std::optional<NamedPath>();
  if (safe(path)) return std::optional(NamedPath{"metrics", path, at});
  return Errors{invalid_error("`" + path + "` can't be the file of the metrics", at,
                              "it is removed before the step runs: name a file inside the repository")};
}

}  // namespace llmops::steps::exec
