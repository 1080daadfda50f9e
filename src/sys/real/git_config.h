#pragma once
/// \file  Git's configuration, as far as it is needed before git itself is asked.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/real/git_layout.h"
#include "sys/system.h"

namespace llmops::sys {

struct ConfigEntry {
  std::string key;    ///< `section.key` or `section.Sub.key`: section and key in lower case.
  std::string value;  ///< `true` for a key that stands alone.
};

/// The entries of one file, in order. What can't be understood is left out.
std::vector<ConfigEntry> parse_git_config(std::string_view text);
/// The last value of a key.
std::optional<std::string> config_value(const std::vector<ConfigEntry>& entries, std::string_view key);
bool config_true(const std::vector<ConfigEntry>& entries, std::string_view key);

/// All of it: system, global, the repository's, the work tree's, the environment's, the last wins.
struct GitSettings {
  std::vector<ConfigEntry> entries;
  std::vector<ConfigEntry> included;  ///< From all included files, whatever their condition.
  bool includes = false;              ///< `entries` lacks what included files say: only git can tell what holds.
};
Result<GitSettings> read_git_settings(const GitLayout& layout, const Env& env);

}  // namespace llmops::sys
