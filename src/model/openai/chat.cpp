#include "model/openai/chat.h"

#include "model/api/body.h"
#include "model/api/fields.h"
#include "model/api/form.h"
#include "model/api/tools_text.h"
#include "model/openai/chat_assembler.h"
#include "model/openai/key.h"

namespace llmops::model::openai {
namespace {

/// OpenAI's reasoning models refuse `max_tokens` and want the newer name; other servers know only the older.
std::string_view token_limit_key(std::string_view model) {
  const bool o_series = model.size() > 1 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9';
  return o_series || model.starts_with("gpt-5") ? "max_completion_tokens" : "max_tokens";
}

void write_form(api::Body& body, const Query& query) {
  const auto form = api::form_of(query);
  if (!form || !body.ours("response_format")) return;
  if (form->schema.empty()) {
    body.raw("response_format", R"({"type":"json_object"})");
    return;
  }
  body.raw("response_format", R"({"type":"json_schema","json_schema":{)" + api::members_of(*form) + "}}");
}

Result<void> write_tools(api::Body& body, const Query& query) {
  TRY(const auto tools, tools_of(query.parameters));
  if (tools.empty()) return {};
  if (query.raw) {
    return invalid_error("`tools` for a raw prompt can't be asked of this API", {}, "write the prompt as messages");
  }
  body.raw("tools", api::tools_json(tools, api::ToolStyle::nested));
  if (const auto& choice = query.parameters.tool_choice; !choice.empty()) {
    body.raw("tool_choice", api::tool_choice_json(choice, api::ToolStyle::nested));
  }
  return {};
}

void write_logprobs(api::Body& body, const Query& query) {
  // The older endpoint wants the number of alternatives.
  if (query.parameters.logprobs.value_or(false)) body.raw("logprobs", query.raw ? "0" : "true");
}

std::vector<ToolCall> calls_of(const doc::Node& message) {
  std::vector<ToolCall> out;
  const auto* calls = message.find("tool_calls");
  if (calls == nullptr || !calls->is_list()) return out;
  for (const auto& call : calls->items()) {
    const auto* function = call.find("function");
    if (function == nullptr) continue;
    const auto name = function->get("name", "");
    if (!name.empty()) out.push_back({name, api::arguments_in(function->get("arguments", ""))});
  }
  return out;
}

/// `choices[0]`: the answer's text and how it ended; nothing where it has another shape.
std::optional<Answer> first_choice(const doc::Node& body, const Query& query) {
  const auto* choices = body.find("choices");
  if (choices == nullptr || !choices->is_list() || choices->items().empty()) return std::nullopt;
  const auto& first = choices->items().front();
  const auto* holder = query.raw ? &first : first.find("message");
  if (holder == nullptr || !holder->is_map()) return std::nullopt;
  Answer out;
  out.finish_reason = first.get("finish_reason", "stop");
  if (const auto* refusal = holder->find("refusal"); refusal != nullptr && refusal->is_string()) {
    out.text = refusal->as_string();
    out.finish_reason = "refusal";
    return out;
  }
  out.tool_calls = calls_of(*holder);
  auto text = api::content_text(holder->find(query.raw ? "text" : "content"));
  if (!text && out.tool_calls.empty()) return std::nullopt;
  out.text = std::move(text).value_or(std::string());
  if (const auto* logprobs = first.find("logprobs")) {
    out.mean_log_probability = api::mean_log_probability(logprobs->find(query.raw ? "token_logprobs" : "content"));
  }
  return out;
}

Usage usage_of(const doc::Node& body) {
  const auto* usage = body.find("usage");
  Usage out{api::count(usage, "prompt_tokens"), api::count(usage, "completion_tokens")};
  if (usage != nullptr) out.cache_read_tokens = api::count(usage->find("prompt_tokens_details"), "cached_tokens");
  return out;
}

class Chat final : public api::Dialect {
 public:
  std::vector<sys::Header> headers(const std::string& api_key) const override { return bearer(api_key); }

  Result<api::Call> call(const std::string& model, const Query& query, api::Delivery delivery) const override {
    TRY_VOID(api::check_texts(query));
    if (query.raw && api::form_of(query)) {
      const std::string what = query.choices.empty() ? "format" : "choices";
      return invalid_error("`" + what + "` for a raw prompt can't be asked of this API", {},
                           "write the prompt as messages, or leave out `" + what + "`");
    }
    const auto& given = query.parameters;
    api::Body body(query);
    body.key("model").string(model);
    if (query.raw) {
      body.key("prompt").string(api::joined(query.messages, query.messages.size()));
    } else {
      body.key("messages").messages(query.messages);
    }
    body.set("temperature", given.temperature)
        .set("top_p", given.top_p)
        .set(token_limit_key(model), given.max_tokens)
        .set("seed", api::seed_of(query))
        .set("stop", given.stop);
    write_form(body, query);
    TRY_VOID(write_tools(body, query));
    write_logprobs(body, query);
    if (delivery == api::Delivery::streamed) {
      body.raw("stream", "true").raw("stream_options", R"({"include_usage":true})");
    }
    return api::Call{query.raw ? "/completions" : "/chat/completions", body.finish()};
  }

  Result<Answer, api::NoAnswer> answer(const doc::Node& body, const Query& query) const override {
    if (api::tells_error(body)) return api::NoAnswer{api::words_of(body, {}), api::code_of(body)};
    auto out = first_choice(body, query);
    if (!out)
      return api::NoAnswer{query.raw ? "`choices[0].text` is missing" : "`choices[0].message.content` is missing"};
    out->usage = usage_of(body);
    out->reported_model = body.get("model", "");
    if (const auto fingerprint = body.get("system_fingerprint", ""); !fingerprint.empty()) {
      out->reported_model += " (" + fingerprint + ")";
    }
    return *std::move(out);
  }

  std::unique_ptr<api::Assembler> assembler() const override { return chat_assembler(); }
};

}  // namespace

std::unique_ptr<const api::Dialect> chat() { return std::make_unique<Chat>(); }

}  // namespace llmops::model::openai
