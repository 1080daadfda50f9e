#include "steps/exec/exec.h"

#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "steps/exec/exec_config.h"

namespace llmops::steps::exec {
namespace {

Error not_metrics(std::string message, const SourcePos& at, std::string hint) {
  return {ErrorKind::step, std::move(message), at, std::move(hint), {}};
}

/// `{"accuracy": 0.9, "loss": {"value": 0.2, "n": 40}}`
Result<std::vector<doc::Node>> read_metrics(step::Context& context, const schema::Placed<std::string>& path) {
  auto text = context.read(path.value);
  if (!text) {
    return Error{ErrorKind::step,
                 "the program wrote no metrics: " + text.error().message,
                 path.at,
                 "write them to this file, or take out `metrics`",
                 {}};
  }
  auto parsed = doc::parse_json(path.value, *std::move(text));
  if (!parsed) {
    auto error = std::move(parsed).error();
    error.kind = ErrorKind::step;
    return error;
  }
  const auto& node = *parsed;
  if (!node.is_map()) {
    return not_metrics("metrics must be an object of numbers, found " + std::string(doc::describe(node.kind())),
                       node.at(), "write `{\"accuracy\": 0.9}`");
  }
  std::vector<doc::Node> out;
  for (const auto& entry : node.entries()) {
    const auto* value = entry.value.is_map() ? entry.value.find("value") : &entry.value;
    if (!value || !value->is_number()) {
      return not_metrics("the metric `" + entry.key + "` must be a number", entry.value.at(),
                         "write a number, or a map with `value`");
    }
    auto metric = doc::Node::map({{"metric", entry.key}, {"model", doc::Node()}, {"prompt", doc::Node()}});
    for (const auto* key : {"n", "value", "stderr", "low", "high", "errors"}) {
      const auto* given = entry.value.is_map() ? entry.value.find(key) : nullptr;
      metric[key] = given ? *given : std::string_view(key) == "value" ? *value : doc::Node();
    }
    out.push_back(std::move(metric));
  }
  return out;
}

/// What may be a file's name in a shell line: pieces between blanks and the shell's own signs, and whole quotations.
/// More than there are does no harm, since only tracked files among them count.
std::vector<std::string> words_of(std::string_view line) {
  static constexpr std::string_view kSigns = " \t\r\n;|&<>(){}$`\"'=,:*?\\";
  std::vector<std::string> out;
  const auto add = [&out](std::string_view word) {
    if (!word.empty()) out.emplace_back(word);
  };
  for (std::size_t at = 0; at < line.size();) {
    const auto end = std::min(line.find_first_of(kSigns, at), line.size());
    add(line.substr(at, end - at));
    at = end + 1;
  }
  for (const char quote : {'"', '\''}) {
    for (auto open = line.find(quote); open != std::string_view::npos;) {
      const auto close = line.find(quote, open + 1);
      if (close == std::string_view::npos) break;
      add(line.substr(open + 1, close - open - 1));
      open = line.find(quote, close + 1);
    }
  }
  // As the shell would part it at blanks: names may hold some of the signs.
  for (const auto& word : text::split(line, ' ')) add(word);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

class ExecKind : public step::Kind {
 public:
  std::string_view name() const override { return "exec"; }
  int version() const override { return 1; }
  std::string_view summary() const override { return "Run a program; what it writes can be used by other steps."; }
  const schema::Type& config_type() const override { return record_of(static_cast<ExecConfig*>(nullptr)).type(); }
  bool builds(const doc::Node& config) const override { return schema::read<ExecConfig>(config).build; }

  Result<step::Declared, Errors> declare(const doc::Node& node) const override {
    const auto config = schema::read<ExecConfig>(node);
    const auto* command = node.find("command");
    const bool no_command = config.command.empty() && !(command && schema::holds_expression(*command));
    if (no_command == config.shell.value.empty()) {
      return Errors{invalid_error("`exec` needs `command` or `shell`, and not both", node.at(),
                                  "`command: [program, argument]`, or `shell: \"one | two\"`")};
    }
    step::Declared out;
    TRY(const auto outputs, outputs_of(config));
    for (const auto& output : outputs) out.outputs.push_back({output.name, output.path, output.at});
    TRY(const auto metrics, metrics_of(config));
    if (metrics) out.written.push_back({metrics->name, metrics->path, metrics->at});
    out.reads.paths = config.inputs;
    out.reads.maybe = config.command;
    for (const auto& word : config.command) {  // `--data=file`
      const auto equals = word.value.find('=');
      if (equals != std::string::npos) out.reads.maybe.push_back({word.value.substr(equals + 1), word.at});
    }
    for (auto& word : words_of(config.shell.value)) out.reads.maybe.push_back({std::move(word), config.shell.at});
    out.always_runs = out.outputs.empty();
    return out;
  }

  step::Estimate estimate(const doc::Node&, const step::Inputs&) const override { return {}; }

  Result<step::Outcome> run(step::Context& context) const override {
    const auto config = schema::read<ExecConfig>(context.config());
    auto declared = outputs_of(config);
    if (!declared) return std::move(declared).error().front();
    const auto metrics = metrics_of(config);
    if (!metrics) return metrics.error().front();
    for (const auto& output : *declared) TRY_VOID(remove(context, output));
    if (*metrics) TRY_VOID(remove(context, **metrics));
    step::SpawnRequest request;
    if (config.shell.value.empty()) {
      for (const auto& word : config.command) request.argv.push_back(word.value);
    } else {
      request.argv = {"/bin/sh", "-c", config.shell.value};
    }
    TRY(const auto end, context.spawn(request));
    if (!end.ok()) return failure(end);
    step::Outcome outcome;
    for (const auto& output : *declared) {
      auto kept = context.keep_path(output.name, output.path);
      if (!kept) {
        auto error = std::move(kept).error();
        if (error.kind == ErrorKind::step) error.at = output.at;
        return error;
      }
      outcome.outputs.push_back(*std::move(kept));
    }
    if (!config.metrics.value.empty()) {
      TRY(outcome.metrics, read_metrics(context, config.metrics));
    }
    if (end.orphans_ended > 0) {
      context.emit(step::Note{"it left " + std::to_string(end.orphans_ended) +
                              (end.orphans_ended == 1 ? " process" : " processes") + " running, ended now"});
    }
    return outcome;
  }

 private:
  /// What an earlier run left there must not pass for what this one made.
  static Result<void> remove(step::Context& context, const NamedPath& made) {
    auto removed = context.remove(made.path);
    if (removed || removed.error().at.known()) return removed;
    auto error = std::move(removed).error();
    error.at = made.at;
    return error;
  }

  static Error failure(const sys::ProcessEnd& end) {
    if (end.timed_out) return step_error("the program did not end in time", "give the step a longer `timeout`");
    if (end.stopped) return {ErrorKind::interrupted, "the program was stopped", {}, {}, {}};
    if (end.signal != 0) return step_error("the program was killed by signal " + std::to_string(end.signal));
    return step_error("the program ended with status " + std::to_string(end.status));
  }
};

}  // namespace

const step::Kind& kind() {
  static const ExecKind kind;
  return kind;
}

}  // namespace llmops::steps::exec
