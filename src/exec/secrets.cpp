#include "exec/secrets.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace llmops::exec {

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
  return value;
}

Result<std::string> Secrets::ask_command(const std::string& command, const std::string& name) {
  sys::ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", command + " \"$1\"", "secrets", name};
  spec.folder = system_.env.current_folder();
  spec.env = system_.env.all();
  spec.timeout = Duration{30'000};
  std::string printed;
  TRY(const auto end, system_.process.run(spec, {}, [&](sys::Stream stream, std::string_view bytes) {
    if (stream == sys::Stream::out) printed += bytes;
  }));
  if (!end.ok()) {
    return environment_error("`LLMOPS_SECRETS_CMD` failed for `" + name + "` with status " +
                             std::to_string(end.status));
  }
  if (printed.ends_with('\n')) printed.pop_back();
  return printed;
}

std::string Secrets::mask(std::string text) const {
  std::vector<std::string> values;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, value] : known_) {
      if (value.size() >= 4 && text.find(value) != std::string::npos) values.push_back(value);
    }
  }
  // The longest first: a secret that another one begins with would leave the rest of it in sight.
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const auto& value : values) text = text::replace_all(text, value, "***");
  return text;
}

}  // namespace llmops::exec
