#include "base/text.h"
#include "recipe/recipe.h"

namespace llmops::recipe {
namespace {

/// The value of a top-level `key: value` line, without a full parse: listing names must be cheap, even of broken files.
std::string top_level(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) {
      line = text::trim(line.substr(key.size() + 1));
      if (const auto comment = line.find(" #"); comment != std::string_view::npos)
        line = text::trim(line.substr(0, comment));
      if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front()) {
        line = line.substr(1, line.size() - 2);
      }
      return std::string(line);
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Result<std::vector<Found>> find_all(asset::AssetSource& source) {
  std::vector<Found> out;
  for (const auto* pattern : {"*.yaml", "*.yml", "recipes/**/*.yaml", "recipes/**/*.yml"}) {
    TRY(const auto paths, source.list(pattern));
    for (const auto& path : paths) {
      auto text = source.read(path);
      if (!text || top_level(*text, "llmops").empty()) continue;
      out.push_back({path, top_level(*text, "name")});
    }
  }
  return out;
}

Result<std::string> find(asset::AssetSource& source, const std::string& path_or_name) {
  const bool path_like =
      path_or_name.find('/') != std::string::npos || path_or_name.ends_with(".yaml") || path_or_name.ends_with(".yml");
  if (path_like) {
    TRY(const auto file, source.file(path_or_name));
    return file.path;
  }
  TRY(const auto all, find_all(source));
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
  return usage_error("there is no recipe `" + path_or_name + "`", names.empty()
                                                                      ? "put one below `recipes/` and `git add` it"
                                                                      : text::did_you_mean(path_or_name, names));
}

}  // namespace llmops::recipe
