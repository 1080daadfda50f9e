#include "sys/real/real_env.h"

#include <unistd.h>

#include <system_error>

namespace llmops::sys {

RealEnv::RealEnv() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) variables_.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  std::error_code failed;
  folder_ = std::filesystem::current_path(failed);
  if (failed) folder_ = "/";
}

std::optional<std::string> RealEnv::get(const std::string& name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

}  // namespace llmops::sys
