#include "model/api/fields.h"

#include "doc/json.h"

namespace llmops::model::api {
namespace {

/// Counts are added up, and none that is true comes near.
constexpr std::int64_t kMost = 1'000'000'000'000;

}  // namespace

std::optional<std::int64_t> count(const doc::Node* node, std::string_view key) {
  const auto* value = node == nullptr ? nullptr : node->find(key);
  const bool sound = value != nullptr && value->is_int() && value->as_int() >= 0 && value->as_int() <= kMost;
  return sound ? std::optional(value->as_int()) : std::nullopt;
}

std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return a ? a : b;
  return *a + *b;
}

std::optional<std::string> content_text(const doc::Node* content) {
  if (content == nullptr) return std::nullopt;
  if (content->is_string()) return content->as_string();
  if (content->is_null()) return std::string();
  if (!content->is_list()) return std::nullopt;
  std::string out;
  for (const auto& part : content->items()) out += part.get("text", "");
  return out;
}

std::string words_of(const doc::Node& body, const std::string& otherwise) {
  const auto* error = body.find("error");
  if (error != nullptr && error->is_string()) return error->as_string();
  for (const auto* node : {error, &body}) {
    if (node == nullptr) continue;
    for (const auto* key : {"message", "detail"}) {
      const auto* value = node->find(key);
      if (value != nullptr && !value->is_null()) return value->text();
    }
  }
  return otherwise;
}

std::string code_of(const doc::Node& body) {
  const auto* error = body.find("error");
  if (error == nullptr) return {};
  const auto code = error->get("code", "");
  return code.empty() ? error->get("type", "") : code;
}

std::optional<double> mean_log_probability(const doc::Node* list) {
  if (list == nullptr || !list->is_list()) return std::nullopt;
  double total = 0;
  std::int64_t tokens = 0;
  for (const auto& item : list->items()) {
    const auto* value = item.is_map() ? item.find("logprob") : &item;
    if (value == nullptr || !value->is_number()) continue;
    total += value->as_double();
    ++tokens;
  }
  return tokens == 0 ? std::nullopt : std::optional(total / static_cast<double>(tokens));
}

doc::Node arguments_in(const std::string& json) {
  if (json.empty()) return doc::Node::map();
  auto parsed = doc::parse_json_data(json);
  return parsed ? *std::move(parsed) : doc::Node(json);
}

bool tells_error(const doc::Node& body) {
  const auto* error = body.find("error");
  return error != nullptr && !error->is_null();
}

}  // namespace llmops::model::api
