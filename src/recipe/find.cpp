#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "doc/yaml.h"
#include "recipe/document.h"
#include "recipe/recipe.h"

namespace llmops::recipe {
namespace {

/// `text` without `key` in front, quoted or not, and the colon behind it; nothing where it begins otherwise.
std::optional<std::string_view> after_key(std::string_view text, std::string_view key) {
  const auto quote = text.empty() ? '\0' : text.front();
  const bool quoted = quote == '"' || quote == '\'';
  if (quoted) text.remove_prefix(1);
  if (!text.starts_with(key)) return std::nullopt;
  text.remove_prefix(key.size());
  if (quoted) {
    if (text.empty() || text.front() != quote) return std::nullopt;
    text.remove_prefix(1);
  }
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (!text.starts_with(':')) return std::nullopt;
  return text.substr(1);
}

std::string_view plain_value(std::string_view line) {
  line = text::trim(line);
  if (const auto comment = line.find(" #"); comment != std::string_view::npos)
    line = text::trim(line.substr(0, comment));
  if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front()) {
    line = line.substr(1, line.size() - 2);
  }
  return line;
}

/// The value of a top-level `key: value` line, without a full parse: listing names must be cheap, even of broken files.
std::optional<std::string> top_level(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (const auto value = after_key(text.substr(0, end), key)) return std::string(plain_value(*value));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

/// The text from its first key on: behind blanks, comments, directives, `---`, and the brace of a flow map.
std::string_view from_first_key(std::string_view text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n{"), text.size()));
    if (text.starts_with('#') || text.starts_with('%')) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("---")) {
      text.remove_prefix(3);
    } else {
      return text;
    }
  }
}

/// Whether somebody meant it as a recipe, be it right or wrong: in another encoding, behind foreign bytes, indented,
/// quoted, or as a flow map too.
bool is_meant_as_recipe(const std::string& text) {
  constexpr std::size_t kHead = 4096;
  if (top_level(text, "llmops")) return true;
  std::string head;
  for (const char c : text.substr(0, kHead)) {
    if (c != '\0' && (!head.empty() || static_cast<unsigned char>(c) < 0x80)) head += c;
  }
  return after_key(from_first_key(head), "llmops").has_value();
}

std::string name_in(const std::string& path, const std::string& text) {
  if (auto name = top_level(text, "name")) return *std::move(name);
  const auto parsed = doc::parse_yaml(path, text);
  return parsed ? parsed->get("name", "") : std::string();
}

/// The files that recipes include are none themselves.
std::set<std::string> included(const std::map<std::string, std::string>& texts) {
  std::set<std::string> out;
  for (const auto& [path, text] : texts) {
    if (!is_meant_as_recipe(text)) continue;
    const auto parsed = doc::parse_yaml(path, text);
    const auto* include = parsed ? parsed->find("include") : nullptr;
    if (!include || !include->is_list()) continue;
    for (const auto& file : include->items()) out.insert(rooted(file.text(), path));
  }
  return out;
}

enum class Unreadable { fails, passed_over };

/// Everything below `recipes/` is a recipe, with or without `llmops:`; at the root, what is meant as one.
Result<std::vector<Found>> find_among(asset::AssetSource& source, Unreadable unreadable) {
  std::vector<std::string> paths;
  std::map<std::string, std::string> texts;
  bool odd = false;
  for (const auto* pattern : {"*.yaml", "*.yml", "recipes/**/*.yaml", "recipes/**/*.yml"}) {
    TRY(const auto listed, source.list(pattern));
    for (const auto& path : listed) {
      auto text = source.read(path);
      // One that was removed, and git knows yet, is no recipe any more.
      if (!text && text.error().kind == ErrorKind::environment && unreadable == Unreadable::fails) {
        return std::move(text).error().within("reading `" + path + "`");
      }
      if (!text) continue;
      const bool meant = is_meant_as_recipe(*text);
      if (!meant && !path.starts_with("recipes/")) continue;
      odd = odd || !meant;
      paths.push_back(path);
      texts.emplace(path, *std::move(text));
    }
  }
  const auto not_recipes = odd ? included(texts) : std::set<std::string>();
  std::vector<Found> out;
  for (const auto& path : paths) {
    if (!not_recipes.contains(path)) out.push_back({path, name_in(path, texts.at(path))});
  }
  return out;
}

}  // namespace

Result<std::vector<Found>> find_all(asset::AssetSource& source) { return find_among(source, Unreadable::fails); }

Result<std::string> find(asset::AssetSource& source, const std::string& path_or_name) {
  const bool path_like =
      path_or_name.find('/') != std::string::npos || path_or_name.ends_with(".yaml") || path_or_name.ends_with(".yml");
  if (path_like) {
    TRY(const auto file, source.file(path_or_name));
    return file.path;
  }
  TRY(const auto all, find_among(source, Unreadable::passed_over));
  std::vector<std::string> names, paths;
  for (const auto& found : all) {
    names.push_back(found.name);
    if (found.name == path_or_name) paths.push_back(found.path);
  }
  if (paths.size() == 1) return paths.front();
  if (paths.size() > 1) {
    return invalid_error("`" + path_or_name + "` is the name of several recipes: " + text::join(paths, ", "), {},
                         "give each its own `name`, or say the path");
  }
  TRY_VOID(find_all(source));  // It may be in a file that can't be read.
  return usage_error("there is no recipe `" + path_or_name + "`", names.empty()
                                                                      ? "put one below `recipes/` and `git add` it"
                                                                      : text::did_you_mean(path_or_name, names));
}

}  // namespace llmops::recipe
