#include "model/ollama/chat.h"

#include "doc/json.h"
#include "model/api/body.h"
#include "model/api/fields.h"
#include "model/api/form.h"
#include "model/api/tools_text.h"
#include "model/openai/key.h"

namespace llmops::model::ollama {
namespace {

doc::Node options_of(const Query& query) {
  const auto& given = query.parameters;
  auto out = doc::Node::map();
  if (given.temperature) out["temperature"] = *given.temperature;
  if (given.top_p) out["top_p"] = *given.top_p;
  if (given.max_tokens) out["num_predict"] = *given.max_tokens;
  if (const auto seed = api::seed_of(query)) out["seed"] = *seed;
  if (given.context) out["num_ctx"] = *given.context;
  if (!given.stop.empty()) out["stop"] = doc::Node::strings(given.stop);
  if (const auto* more = given.extra.find("options"); more != nullptr && more->is_map()) {
    for (const auto& entry : more->entries()) out[entry.key] = entry.value;
  }
  return out;
}

Result<void> write_tools(api::Body& body, const Query& query) {
  TRY(const auto tools, tools_of(query.parameters));
  if (tools.empty()) return {};
  const auto& choice = query.parameters.tool_choice;
  if (!choice.empty() && choice != "auto") {
    return invalid_error("`tool_choice: " + choice + "` can't be asked of Ollama, whose models choose themselves", {},
                         "write `auto` or `none`, or leave it out");
  }
  if (query.raw) return invalid_error("`tools` for a raw prompt can't be asked of Ollama", {}, "write messages");
  body.raw("tools", api::tools_json(tools, api::ToolStyle::nested));
  return {};
}

std::vector<ToolCall> calls_of(const doc::Node* message) {
  std::vector<ToolCall> out;
  const auto* calls = message == nullptr ? nullptr : message->find("tool_calls");
  if (calls == nullptr || !calls->is_list()) return out;
  for (const auto& call : calls->items()) {
    const auto* function = call.find("function");
    if (function == nullptr) continue;
    const auto name = function->get("name", "");
    const auto* arguments = function->find("arguments");
    if (!name.empty()) out.push_back({name, arguments == nullptr ? doc::Node::map() : *arguments});
  }
  return out;
}

class ChatAssembler final : public api::Assembler {
 public:
  void take(const doc::Node& piece) override {
    if (api::tells_error(piece)) {
      if (!error_) error_ = piece;
      return;
    }
    add(piece.find("response"));
    if (const auto* message = piece.find("message")) {
      add(message->find("content"));
      gather(message->find("tool_calls"), calls_);
      begun_ = begun_ || calls_.size() > 0;
    }
    gather(piece.find("logprobs"), logprobs_);
    if (piece.get("done", false)) last_ = piece;
  }
  bool begun() const override { return begun_; }
  bool complete() const override { return error_ || last_; }

  doc::Node body() override {
    if (error_) return *std::move(error_);
    auto out = *std::move(last_);
    if (out.find("message") != nullptr) {
      out["message"] = doc::Node::map({{"content", std::move(text_)}, {"tool_calls", std::move(calls_)}});
    } else {
      out["response"] = std::move(text_);
    }
    out["logprobs"] = std::move(logprobs_);
    return out;
  }

 private:
  static void gather(const doc::Node* more, doc::Node& into) {
    if (more == nullptr || !more->is_list()) return;
    for (const auto& item : more->items()) into.push_back(item);
  }
  void add(const doc::Node* text) {
    if (text == nullptr || !text->is_string() || text->as_string().empty()) return;
    text_ += text->as_string();
    begun_ = true;
  }

  std::string text_;
  doc::Node calls_, logprobs_;
  std::optional<doc::Node> last_, error_;
  bool begun_ = false;
};

class Chat final : public api::Dialect {
 public:
  std::vector<sys::Header> headers(const std::string& api_key) const override { return openai::bearer(api_key); }

  Result<api::Call> call(const std::string& model, const Query& query, api::Delivery delivery) const override {
    TRY_VOID(api::check_texts(query));
    api::Body body(query);
    body.key("model").string(model);
    if (query.raw) {
      body.key("prompt").string(api::joined(query.messages, query.messages.size())).raw(R"(,"raw":true)");
    } else {
      body.key("messages").messages(query.messages);
    }
    if (const auto options = options_of(query); options.size() > 0) body.key("options").raw(doc::to_json(options));
    if (const auto form = api::form_of(query)) body.raw("format", form->schema.empty() ? R"("json")" : form->schema);
    TRY_VOID(write_tools(body, query));
    if (query.parameters.logprobs.value_or(false)) body.raw("logprobs", "true");
    body.raw("stream", delivery == api::Delivery::streamed ? "true" : "false");
    return api::Call{query.raw ? "/api/generate" : "/api/chat", body.finish("options")};
  }

  Result<Answer, api::NoAnswer> answer(const doc::Node& body, const Query& query) const override {
    if (api::tells_error(body)) return api::NoAnswer{api::words_of(body, {}), api::code_of(body)};
    const auto* message = body.find("message");
    const auto* content = query.raw ? body.find("response") : message == nullptr ? nullptr : message->find("content");
    Answer out;
    out.tool_calls = calls_of(message);
    auto text = api::content_text(content);
    if (!text && out.tool_calls.empty())
      return api::NoAnswer{query.raw ? "`response` is missing" : "`message.content` is missing"};
    out.text = std::move(text).value_or(std::string());
    out.finish_reason = body.get("done_reason", "stop");
    if (!out.tool_calls.empty() && out.finish_reason == "stop") out.finish_reason = "tool_calls";
    out.mean_log_probability = api::mean_log_probability(body.find("logprobs"));
    out.usage = {api::count(&body, "prompt_eval_count"), api::count(&body, "eval_count")};
    out.reported_model = body.get("model", "");
    return out;
  }

  std::string hint(int status, const std::string& model) const override {
    return status == 404 ? "`ollama pull " + model + "` brings a model to that server; `ollama list` tells which it has"
                         : std::string();
  }
  api::Framing framing() const override { return api::Framing::lines; }
  std::unique_ptr<api::Assembler> assembler() const override { return std::make_unique<ChatAssembler>(); }
};

}  // namespace

std::unique_ptr<const api::Dialect> chat() { return std::make_unique<Chat>(); }

}  // namespace llmops::model::ollama
