#include "sys/real/git_attributes.h"

#include <algorithm>

#include "base/text.h"
#include "sys/real/file_io.h"
#include "sys/real/git_config.h"

namespace llmops::sys {
namespace {

/// `-text`, `!text` and `-filter` switch a conversion off, `binary` is `-text` and more.
bool attribute_converts(std::string_view word) {
  if (word.starts_with('-') || word.starts_with('!')) return false;
  const auto name = word.substr(0, word.find('='));
  return name == "filter" || name == "eol" || name == "text" || name == "crlf" || name == "ident" ||
         name == "working-tree-encoding";
}

std::string_view next_word(std::string_view& line) {
  const auto start = std::min(line.find_first_not_of(" \t\r"), line.size());
  line.remove_prefix(start);
  const auto end = std::min(line.find_first_of(" \t\r"), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

Result<bool> file_converts(const Path& file) {
  TRY(const auto text, read_if_present(file));
  return text && attributes_text_converts(*text);
}

bool in_index(const Index& index, std::string_view path) {
  const auto at =
      std::lower_bound(index.begin(), index.end(), path,
                       [](const IndexEntry& entry, std::string_view wanted) { return entry.path < wanted; });
  return at != index.end() && at->path == path;
}

bool autocrlf(const std::vector<ConfigEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const ConfigEntry& entry) {
    const auto value = text::lower(entry.value);
    return entry.key == "core.autocrlf" && value != "false" && value != "no" && value != "off" && value != "0";
  });
}

std::vector<Path> attribute_files(const GitLayout& layout, const Env& env, const GitSettings& settings) {
  std::vector<Path> out = {layout.common_dir / "info" / "attributes", "/etc/gitattributes"};
  const auto home = env.get("HOME").value_or("/");
  const auto xdg = env.get("XDG_CONFIG_HOME").value_or("");
  out.push_back((xdg.empty() ? Path(home) / ".config" : Path(xdg)) / "git" / "attributes");
  for (const auto* entries : {&settings.entries, &settings.included}) {
    const auto named = config_value(*entries, "core.attributesfile");
    if (named) out.push_back(named->starts_with("~/") ? Path(home) / named->substr(2) : layout.root / *named);
  }
  return out;
}

}  // namespace

bool attributes_text_converts(std::string_view text) {
  for (const auto& whole : text::split(text, '\n')) {
    std::string_view line = whole;
    if (text::trim(line).starts_with('#')) continue;
    next_word(line);  // The pattern, or the name of a macro.
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      if (attribute_converts(word)) return true;
    }
  }
  return false;
}

Result<bool> GitAttributes::everywhere() {
  if (everywhere_) return *everywhere_;
  TRY(const auto settings, read_git_settings(layout_, env_));
  const auto parameters = text::lower(env_.get("GIT_CONFIG_PARAMETERS").value_or(""));
  bool converts =
      autocrlf(settings.entries) || autocrlf(settings.included) || parameters.find("core.a") != std::string::npos;
  for (const auto& file : attribute_files(layout_, env_, settings)) {
    if (converts) break;
    TRY(converts, file_converts(file));
  }
  everywhere_ = converts;
  return converts;
}

Result<bool> GitAttributes::in_folder(const std::string& folder, const Index& index) {
  const auto known = folders_.find(folder);
  if (known != folders_.end()) return known->second;
  const std::string file = folder.empty() ? ".gitattributes" : folder + "/.gitattributes";
  TRY(const auto text, read_if_present(layout_.root / file));
  const bool converts = text ? attributes_text_converts(*text) : in_index(index, file);
  folders_.emplace(folder, converts);
  return converts;
}

Result<bool> GitAttributes::convert(std::string_view path, const Index& index) {
  const std::lock_guard lock(mutex_);
  TRY(const bool all, everywhere());
  if (all) return true;
  TRY(const bool top, in_folder("", index));
  if (top) return true;
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    TRY(const bool here, in_folder(std::string(path.substr(0, slash)), index));
    if (here) return true;
  }
  return false;
}

}  // namespace llmops::sys
