#include "score/json_schema/pointer.h"

#include "base/text.h"

namespace llmops::score::json_schema {

std::string pointer_token(std::string_view key) {
  return "/" + text::replace_all(text::replace_all(key, "~", "~0"), "/", "~1");
}

std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  std::vector<std::string> out;
  if (pointer.empty()) return out;
  if (!pointer.starts_with('/')) return std::nullopt;
  for (const auto& token : text::split(pointer.substr(1), '/')) {
    out.push_back(text::replace_all(text::replace_all(token, "~1", "/"), "~0", "~"));
  }
  return out;
}

const doc::Node* step_to(const doc::Node& from, std::string_view token) {
  if (!from.is_list()) return from.find(token);
  const auto index = text::to_int(token);
  const bool plain = index && std::to_string(*index) == token;  // No sign, no leading zero.
  if (!plain || *index < 0 || static_cast<std::size_t>(*index) >= from.size()) return nullptr;
  return &from.items()[static_cast<std::size_t>(*index)];
}

}  // namespace llmops::score::json_schema
