#include "sys/real/git_config.h"

#include <algorithm>

#include "base/text.h"
#include "sys/real/file_io.h"

namespace llmops::sys {
namespace {

constexpr int kIncludeDepth = 5;

/// Reads one configuration file's text, character by character, as git's own parser does.
class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text) : text_(text) {}

  std::vector<ConfigEntry> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    while (!text_.empty()) {
      const char c = text_.front();
      if (c == '[') {
        section();
      } else if (c == '#' || c == ';') {
        skip_line();
      } else if (is_name(c)) {
        entry();
      } else {
        text_.remove_prefix(1);
      }
    }
    return std::move(entries_);
  }

 private:
  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  }
  void skip_line() { text_.remove_prefix(std::min(text_.find('\n'), text_.size())); }
  std::string name() {
    const auto end = std::find_if_not(text_.begin(), text_.end(), is_name);
    const auto length = static_cast<std::size_t>(end - text_.begin());
    auto out = text::lower(text_.substr(0, length));
    text_.remove_prefix(length);
    return out;
  }
  void skip_blanks() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r"), text_.size())); }

  void section() {
    text_.remove_prefix(1);
    section_ = name();
    skip_blanks();
    if (text_.starts_with('"')) {
      text_.remove_prefix(1);
      section_ += '.';
      while (!text_.empty() && text_.front() != '"' && text_.front() != '\n') {
        if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
        section_ += text_.front();
        text_.remove_prefix(1);
      }
    }
    text_.remove_prefix(std::min(text_.find_first_of("]\n"), text_.size()));
    if (text_.starts_with(']')) text_.remove_prefix(1);
  }

  void entry() {
    std::string key = section_ + "." + name();
    skip_blanks();
    if (!text_.starts_with('=')) {
      entries_.push_back({std::move(key), "true"});
      return;
    }
    text_.remove_prefix(1);
    skip_blanks();
    entries_.push_back({std::move(key), value()});
  }

  std::string value() {
    std::string out;
    std::size_t kept = 0;  // Without the white space behind the value.
    bool quoted = false;
    while (!text_.empty() && text_.front() != '\n') {
      char c = text_.front();
      if (!quoted && (c == '#' || c == ';')) {
        skip_line();
        break;
      }
      text_.remove_prefix(1);
      if (c == '"') {
        quoted = !quoted;
        kept = out.size();
        continue;
      }
      if (c == '\\' && !text_.empty()) {
        c = text_.front();
        text_.remove_prefix(1);
        if (c == '\n') continue;
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
        kept = out.size();
        continue;
      }
      out += c;
      if (quoted || (c != ' ' && c != '\t' && c != '\r')) kept = out.size();
    }
    out.resize(kept);
    return out;
  }

  std::string_view text_;
  std::string section_;
  std::vector<ConfigEntry> entries_;
};

Path expand(const std::string& written, const Path& beside, const Env& env) {
  if (written.starts_with("~/")) return Path(env.get("HOME").value_or("/")) / written.substr(2);
  return beside / written;
}

Result<void> read_included(const ConfigEntry& entry, const Path& file, const Env& env, int depth, GitSettings& into) {
  const bool include =
      entry.key == "include.path" || (entry.key.starts_with("includeif.") && entry.key.ends_with(".path"));
  if (!include || depth == 0) return {};
  into.includes = true;
  const Path path = expand(entry.value, file.parent_path(), env);
  TRY(const auto text, read_if_present(path));
  for (auto& found : parse_git_config(text.value_or(""))) {
    TRY_VOID(read_included(found, path, env, depth - 1, into));
    into.included.push_back(std::move(found));
  }
  return {};
}

std::vector<Path> config_files(const GitLayout& layout, const Env& env) {
  std::vector<Path> out;
  const auto no_system = env.get("GIT_CONFIG_NOSYSTEM").value_or("");
  if (no_system.empty() || no_system == "0" || no_system == "false") {
    out.emplace_back(env.get("GIT_CONFIG_SYSTEM").value_or("/etc/gitconfig"));
  }
  const auto home = env.get("HOME");
  if (const auto global = env.get("GIT_CONFIG_GLOBAL")) {
    out.emplace_back(*global);
  } else {
    const auto xdg = env.get("XDG_CONFIG_HOME");
    if (xdg && !xdg->empty()) out.push_back(Path(*xdg) / "git" / "config");
    if ((!xdg || xdg->empty()) && home) out.push_back(Path(*home) / ".config" / "git" / "config");
    if (home) out.push_back(Path(*home) / ".gitconfig");
  }
  out.push_back(layout.common_dir / "config");
  if (layout.worktree_config) out.push_back(layout.git_dir / "config.worktree");
  return out;
}

void add_environment(const Env& env, GitSettings& into) {
  const auto count = text::to_int(env.get("GIT_CONFIG_COUNT").value_or("0")).value_or(0);
  for (std::int64_t at = 0; at < count; ++at) {
    const auto key = env.get("GIT_CONFIG_KEY_" + std::to_string(at));
    const auto value = env.get("GIT_CONFIG_VALUE_" + std::to_string(at));
    if (key && value) into.entries.push_back({text::lower(*key), *value});
  }
  if (env.get("GIT_CONFIG_PARAMETERS")) into.includes = true;
}

}  // namespace

std::vector<ConfigEntry> parse_git_config(std::string_view text) { return ConfigReader(text).run(); }

std::optional<std::string> config_value(const std::vector<ConfigEntry>& entries, std::string_view key) {
  const auto found =
      std::find_if(entries.rbegin(), entries.rend(), [&](const auto& entry) { return entry.key == key; });
  if (found == entries.rend()) return std::nullopt;
  return found->value;
}

bool config_true(const std::vector<ConfigEntry>& entries, std::string_view key) {
  const auto value = text::lower(config_value(entries, key).value_or("false"));
  return value == "true" || value == "yes" || value == "on" || text::to_int(value).value_or(0) != 0;
}

Result<GitSettings> read_git_settings(const GitLayout& layout, const Env& env) {
  GitSettings out;
  for (const auto& file : config_files(layout, env)) {
    TRY(const auto text, read_if_present(file));
    for (auto& entry : parse_git_config(text.value_or(""))) {
      TRY_VOID(read_included(entry, file, env, kIncludeDepth, out));
      out.entries.push_back(std::move(entry));
    }
  }
  add_environment(env, out);
  return out;
}

}  // namespace llmops::sys
