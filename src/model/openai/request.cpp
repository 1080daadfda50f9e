#include "model/openai/request.h"

#include "base/text.h"
#include "doc/json.h"
#include "model/json_text.h"

namespace llmops::model::openai {
namespace {

/// OpenAI's reasoning models refuse `max_tokens` and want the newer name; other servers know only the older.
std::string_view token_limit_key(std::string_view model) {
  const bool o_series = model.size() > 1 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9';
  return o_series || model.starts_with("gpt-5") ? "max_completion_tokens" : "max_tokens";
}

/// The sum, wrapped around where it is too large.
std::int64_t repeat_seed(std::int64_t seed, std::int64_t repeat) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(repeat));
}

class Body {
 public:
  Body(const std::string& model, const Query& query)
      : query_(query), extra_(query.parameters.extra), token_limit_(token_limit_key(model)) {
    std::size_t size = 256;
    for (const auto& message : query.messages) {
      for (const auto& part : message.content) size += part.text.size() + part.text.size() / 8 + 32;
    }
    out_.text.reserve(size);
    out_.raw(R"({"model":)").string(model);
  }

  std::string write() {
    if (query_.raw) {
      templating::Text whole;
      for (const auto& message : query_.messages)
        whole.insert(whole.end(), message.content.begin(), message.content.end());
      key("prompt").string(whole);
    } else {
      key("messages").messages(query_.messages);
    }
    write_parameters();
    if (!query_.choices.empty() && ours("response_format")) write_choices();
    if (extra_.is_map()) {
      for (const auto& entry : extra_.entries()) key(entry.key).raw(doc::to_json(entry.value));
    }
    out_.raw("}");
    return std::move(out_.text);
  }

 private:
  JsonText& key(std::string_view name) { return out_.raw(",").string(name).raw(":"); }
  bool ours(std::string_view name) const { return extra_.find(name) == nullptr; }

  void write_parameters() {
    const auto& given = query_.parameters;
    if (given.temperature && ours("temperature")) key("temperature").number(*given.temperature);
    if (given.top_p && ours("top_p")) key("top_p").number(*given.top_p);
    if (given.max_tokens && ours(token_limit_)) key(token_limit_).number(*given.max_tokens);
    if (given.seed && ours("seed")) key("seed").number(repeat_seed(*given.seed, query_.repeat));
    if (!given.stop.empty() && ours("stop")) key("stop").strings(given.stop);
  }

  void write_choices() {
    key("response_format")
        .raw(R"({"type":"json_schema","json_schema":{"name":"choice","strict":true,"schema":{"type":"object",)"
             R"("properties":{"choice":{"type":"string","enum":)")
        .strings(query_.choices)
        .raw(R"(}},"required":["choice"],"additionalProperties":false}}})");
  }

  const Query& query_;
  const doc::Node& extra_;
  const std::string_view token_limit_;
  JsonText out_;
};

}  // namespace

Result<std::string> request_body(const std::string& model, const Query& query) {
  if (!is_utf8(query.messages))
    return invalid_error("the prompt holds bytes that are not UTF-8, and the API takes only text");
  if (query.raw && !query.choices.empty()) {
    return invalid_error("`choices` for a raw prompt can't be asked of this API", {},
                         "write the prompt as messages, or leave out `choices`");
  }
  for (const auto& choice : query.choices) {
    if (text::invalid_utf8(choice)) return invalid_error("one of the `choices` is not UTF-8");
  }
  return Body(model, query).write();
}

}  // namespace llmops::model::openai
