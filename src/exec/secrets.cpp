#include "exec/secrets.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "doc/json.h"

namespace llmops::exec {
namespace {

/// Words of the recipe and of this program in an outcome: a secret that is spelled like one must not change what they
/// mean.
bool is_ours(std::string_view key) {
  static constexpr std::string_view kOurs[] = {"model", "prompt",   "of",    "versus", "selected",
                                               "rule",  "decision", "scale", "better", "unit"};
  return std::find(std::begin(kOurs), std::end(kOurs), key) != std::end(kOurs);
}

/// What is looked for in texts: the value, its lines where it has several (what programs print comes line by line), and
/// the value as it stands in JSON. Nothing shorter than four bytes.
std::vector<std::string> needles_of(const std::string& value) {
  constexpr std::size_t kShortest = 4;
  std::vector<std::string> all = {value};
  for (auto& line : text::split(value, '\n')) all.emplace_back(text::trim(line));
  const auto json = doc::to_json(doc::Node(value));
  all.push_back(json.substr(1, json.size() - 2));
  std::vector<std::string> out;
  for (auto& needle : all) {
    if (needle.size() >= kShortest && std::find(out.begin(), out.end(), needle) == out.end()) {
      out.push_back(std::move(needle));
    }
  }
  return out;
}

}  // namespace

Result<std::string> Secrets::get(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
  }
  std::string value;
  if (auto variable = system_.env.get(name)) {
    value = *std::move(variable);
  } else if (const auto command = system_.env.get("LLMOPS_SECRETS_CMD")) {
    TRY(value, ask_command(*command, name));
  } else {
    return environment_error("the secret `" + name + "` is not set",
                             "set the variable `" + name + "`, or `LLMOPS_SECRETS_CMD` to a program that prints it");
  }
  const std::lock_guard lock(mutex_);
  known_[name] = value;
  for (auto& needle : needles_of(value)) needles_.push_back(std::move(needle));
  // The longest first: a secret that another one begins with would leave the rest of it in sight.
  std::stable_sort(needles_.begin(), needles_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return value;
}

void Secrets::heed(StopToken stop) {
  const std::lock_guard lock(mutex_);
  stop_ = std::move(stop);
}

Result<std::string> Secrets::ask_command(const std::string& command, const std::string& name) {
  sys::ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", command + " \"$1\"", "secrets", name};
  spec.folder = system_.env.current_folder();
  spec.env = system_.env.all();
  spec.timeout = Duration{30'000};
  StopToken stop;
  {
    const std::lock_guard lock(mutex_);
    stop = stop_;
  }
  std::string printed;
  TRY(const auto end, system_.process.run(spec, stop, [&](sys::Stream stream, std::string_view bytes) {
    if (stream == sys::Stream::out) printed += bytes;
  }));
  if (end.stopped) return Error{ErrorKind::interrupted, "stopped while fetching `" + name + "`", {}, {}, {}};
  if (end.timed_out) {
    return environment_error(
        "`LLMOPS_SECRETS_CMD` did not print `" + name + "` within " + units::to_string(*spec.timeout),
        "run it by hand: `$LLMOPS_SECRETS_CMD " + name + "`");
  }
  if (!end.ok()) {
    return environment_error("`LLMOPS_SECRETS_CMD` failed for `" + name + "` with status " +
                             std::to_string(end.status));
  }
  if (printed.ends_with('\n')) printed.pop_back();
  return printed;
}

std::string Secrets::mask(std::string text) const {
  std::vector<std::string> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& needle : needles_) {
      if (text.find(needle) != std::string::npos) found.push_back(needle);
    }
  }
  for (const auto& needle : found) text = text::replace_all(text, needle, "***");
  return text;
}

doc::Node Secrets::mask_texts(const doc::Node& node) const {
  if (node.is_string()) return doc::Node(mask(node.as_string())).set_at(node.at());
  if (node.is_list()) {
    auto out = doc::Node::list();
    for (const auto& item : node.items()) out.push_back(mask_texts(item));
    return out.set_at(node.at());
  }
  if (!node.is_map()) return node;
  auto out = doc::Node::map();
  for (const auto& entry : node.entries()) {
    out.entries().push_back(
        {mask(entry.key), entry.key_at, is_ours(entry.key) ? entry.value : mask_texts(entry.value)});
  }
  return out.set_at(node.at());
}

Error Secrets::mask_error(Error error) const {
  error.message = mask(std::move(error.message));
  error.hint = mask(std::move(error.hint));
  for (auto& context : error.trail) context = mask(std::move(context));
  if (error.at.source) {
    auto masked = *error.at.source;
    masked.text = mask(std::move(masked.text));
    if (masked.text != error.at.source->text) {
      error.at.source = std::make_shared<const SourceText>(std::move(masked));
    }
  }
  return error;
}

step::Outcome Secrets::mask(step::Outcome outcome) const {
  outcome.reason = mask(std::move(outcome.reason));
  if (outcome.error) outcome.error = mask_error(*std::move(outcome.error));
  for (auto& metric : outcome.metrics) metric = mask_texts(metric);
  outcome.gate = mask_texts(outcome.gate);
  for (auto& output : outcome.outputs) {
    if (output.path.empty() && !output.digest) output.value = mask_texts(output.value);
  }
  return outcome;
}

}  // namespace llmops::exec
