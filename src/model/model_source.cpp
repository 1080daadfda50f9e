#include "model/model_source.h"

#include <algorithm>

#include "base/text.h"
#include "model/base_url.h"

namespace llmops::model {
namespace {

/// `a/b/Model.Q4.gguf?x=1` → `Model.Q4`
std::string stem_of(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  path.remove_prefix(path.rfind('/') + 1);
  if (path.ends_with(".gguf")) path.remove_suffix(5);
  return std::string(path);
}

Result<ModelSource> parse_hub(std::string_view text) {
  auto rest = text.substr(5);
  HubFile hub;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    hub.revision = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const auto first = rest.find('/');
  const auto second = first == std::string_view::npos ? first : rest.find('/', first + 1);
  const bool whole = second != std::string_view::npos && first != 0 && second != first + 1 && second + 1 != rest.size();
  if (!whole || hub.revision.empty()) {
    return usage_error("`" + std::string(text) + "` is not a file on the hub",
                       "write `hf://org/repo/file.gguf@revision`");
  }
  hub.repository = rest.substr(0, second);
  hub.file = rest.substr(second + 1);
  auto name = stem_of(hub.file);
  return ModelSource{std::move(hub), std::move(name)};
}

}  // namespace

bool is_model_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), fits);
}

std::string shown_source(const std::string& text) {
  return text.starts_with("https://") || text.starts_with("http://") ? shown(text) : text;
}

Result<ModelSource> parse_model_source(const std::string& text) {
  if (text.starts_with("hf://")) return parse_hub(text);
  if (text.starts_with("https://") || text.starts_with("http://")) return ModelSource{WebFile{text}, stem_of(text)};
  std::vector<std::string> names;
  for (const auto& entry : catalog()) {
    if (entry.name == text) return ModelSource{&entry, entry.name};
    names.push_back(entry.name);
  }
  return usage_error(
      "unknown model `" + text + "`, expected a catalog name, `https://…` or `hf://org/repo/file@revision`",
      text::did_you_mean(text, names));
}

}  // namespace llmops::model
