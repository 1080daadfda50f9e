#include "model/openai/responses.h"

#include <span>

#include "model/api/body.h"
#include "model/api/fields.h"
#include "model/api/form.h"
#include "model/api/tools_text.h"
#include "model/openai/key.h"

namespace llmops::model::openai {
namespace {

void write_form(api::Body& body, const Query& query) {
  const auto form = api::form_of(query);
  if (!form || !body.ours("text")) return;
  if (form->schema.empty()) {
    body.raw("text", R"({"format":{"type":"json_object"}})");
    return;
  }
  body.raw("text", R"({"format":{"type":"json_schema",)" + api::members_of(*form) + "}}");
}

Result<void> write_tools(api::Body& body, const Query& query) {
  TRY(const auto tools, tools_of(query.parameters));
  if (tools.empty()) return {};
  body.raw("tools", api::tools_json(tools, api::ToolStyle::flat));
  if (const auto& choice = query.parameters.tool_choice; !choice.empty()) {
    body.raw("tool_choice", api::tool_choice_json(choice, api::ToolStyle::flat));
  }
  return {};
}

Result<void> check(const Query& query) {
  TRY_VOID(api::check_texts(query));
  if (query.raw) {
    return invalid_error("a raw prompt can't be asked of the Responses API", {},
                         "write the prompt as messages, or use `api: chat`");
  }
  if (!query.parameters.stop.empty()) {
    return invalid_error("`stop` can't be asked of the Responses API, which has no stop texts", {},
                         "leave out `stop`, or use `api: chat`");
  }
  return {};
}

/// Of one item of `output`; its tokens' log-probabilities go to `logprobs`.
void read_message(const doc::Node& item, Answer& out, doc::Node& logprobs) {
  const auto* content = item.find("content");
  if (content == nullptr || !content->is_list()) return;
  for (const auto& part : content->items()) {
    const auto type = part.get("type", "");
    if (type == "output_text") {
      out.text += part.get("text", "");
      if (const auto* more = part.find("logprobs"); more != nullptr && more->is_list()) {
        for (const auto& token : more->items()) logprobs.push_back(token);
      }
    }
    if (type != "refusal") continue;
    out.text += part.get("refusal", "");
    out.finish_reason = "refusal";
  }
}

std::string reason_of(const doc::Node& body) {
  if (body.get("status", "completed") == "completed") return "stop";
  const auto* details = body.find("incomplete_details");
  const auto reason = details == nullptr ? std::string() : details->get("reason", "");
  if (reason == "max_output_tokens") return "length";
  return reason.empty() ? body.get("status", "") : reason;
}

Usage usage_of(const doc::Node& body) {
  const auto* usage = body.find("usage");
  Usage out{api::count(usage, "input_tokens"), api::count(usage, "output_tokens")};
  if (usage != nullptr) out.cache_read_tokens = api::count(usage->find("input_tokens_details"), "cached_tokens");
  return out;
}

/// The last event has the whole response in it; those before tell only that the answer has begun.
class ResponsesAssembler final : public api::Assembler {
 public:
  void take(const doc::Node& piece) override {
    const auto type = piece.get("type", "");
    if (type == "response.output_text.delta" || type == "response.refusal.delta" ||
        type == "response.function_call_arguments.delta") {
      begun_ = true;
    } else if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
      if (const auto* response = piece.find("response")) body_ = *response;
    } else if (type == "error" || (type.empty() && api::tells_error(piece))) {
      body_ = doc::Node::map({{"error", api::tells_error(piece) ? *piece.find("error") : piece}});
    }
  }
  bool begun() const override { return begun_; }
  bool complete() const override { return !body_.is_null(); }
  doc::Node body() override { return std::move(body_); }

 private:
  doc::Node body_;
  bool begun_ = false;
};

class Responses final : public api::Dialect {
 public:
  std::vector<sys::Header> headers(const std::string& api_key) const override { return bearer(api_key); }

  Result<api::Call> call(const std::string& model, const Query& query, api::Delivery delivery) const override {
    TRY_VOID(check(query));
    const auto& given = query.parameters;
    const auto instructions = api::leading_instructions(query.messages);
    api::Body body(query);
    body.key("model").string(model);
    if (instructions > 0) body.key("instructions").string(api::joined(query.messages, instructions));
    body.key("input").messages(std::span(query.messages).subspan(instructions));
    body.set("temperature", given.temperature).set("top_p", given.top_p).set("max_output_tokens", given.max_tokens);
    write_form(body, query);
    TRY_VOID(write_tools(body, query));
    if (given.logprobs.value_or(false)) body.raw("include", R"(["message.output_text.logprobs"])");
    body.raw("store", "false");
    if (delivery == api::Delivery::streamed) body.raw("stream", "true");
    return api::Call{"/responses", body.finish()};
  }

  Result<Answer, api::NoAnswer> answer(const doc::Node& body, const Query&) const override {
    if (api::tells_error(body)) return api::NoAnswer{api::words_of(body, {}), api::code_of(body)};
    const auto* output = body.find("output");
    if (output == nullptr || !output->is_list()) return api::NoAnswer{"`output` is missing"};
    Answer out;
    out.finish_reason = reason_of(body);
    doc::Node logprobs;
    for (const auto& item : output->items()) {
      const auto type = item.get("type", "");
      if (type == "message") read_message(item, out, logprobs);
      if (type != "function_call") continue;
      out.tool_calls.push_back({item.get("name", ""), api::arguments_in(item.get("arguments", ""))});
      if (out.finish_reason == "stop") out.finish_reason = "tool_calls";
    }
    out.mean_log_probability = api::mean_log_probability(&logprobs);
    out.usage = usage_of(body);
    out.reported_model = body.get("model", "");
    return out;
  }

  std::unique_ptr<api::Assembler> assembler() const override { return std::make_unique<ResponsesAssembler>(); }
};

}  // namespace

std::unique_ptr<const api::Dialect> responses() { return std::make_unique<Responses>(); }

}  // namespace llmops::model::openai
