#include "model/api/body.h"

#include "base/text.h"
#include "doc/json.h"
#include "model/embedding.h"

namespace llmops::model::api {

Body::Body(const Query& query) : extra_(query.parameters.extra) {
  std::size_t size = 256;
  for (const auto& message : query.messages) {
    for (const auto& part : message.content) size += part.text.size() + part.text.size() / 8 + 32;
  }
  out_.text.reserve(size);
}

JsonText& Body::key(std::string_view key) { return out_.raw(out_.text.empty() ? "{" : ",").string(key).raw(":"); }

Body& Body::set(std::string_view name, const std::vector<std::string>& texts) {
  if (!texts.empty() && ours(name)) key(name).strings(texts);
  return *this;
}

Body& Body::raw(std::string_view name, std::string_view json) {
  if (ours(name)) key(name).raw(json);
  return *this;
}

std::string Body::finish(std::string_view without) {
  if (extra_.is_map()) {
    for (const auto& entry : extra_.entries()) {
      if (entry.key != without) key(entry.key).raw(doc::to_json(entry.value));
    }
  }
  out_.raw("}");
  return std::move(out_.text);
}

std::optional<std::int64_t> seed_of(const Query& query) {
  if (!query.parameters.seed) return std::nullopt;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(*query.parameters.seed) +
                                   static_cast<std::uint64_t>(query.repeat));
}

Result<void> check_texts(const Query& query) {
  if (!query.embed.empty()) return embeds_nothing();
  if (!is_utf8(query.messages))
    return invalid_error("the prompt holds bytes that are not UTF-8, and the API takes only text");
  for (const auto& choice : query.choices) {
    if (text::invalid_utf8(choice)) return invalid_error("one of the `choices` is not UTF-8");
  }
  return {};
}

std::size_t leading_instructions(const std::vector<templating::Message>& messages) {
  std::size_t out = 0;
  while (out < messages.size() && (messages[out].role == "system" || messages[out].role == "developer")) ++out;
  return out;
}

templating::Text joined(const std::vector<templating::Message>& messages, std::size_t count) {
  templating::Text out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back({"\n\n", templating::Origin::author});
    out.insert(out.end(), messages[i].content.begin(), messages[i].content.end());
  }
  return out;
}

}  // namespace llmops::model::api
