#include "model/anthropic/messages.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "model/api/body.h"
#include "model/api/fields.h"
#include "model/api/form.h"
#include "model/api/tools_text.h"

namespace llmops::model::anthropic {
namespace {

Result<void> check(const Query& query) {
  TRY_VOID(api::check_texts(query));
  if (query.raw) {
    return invalid_error("a raw prompt can't be asked of Anthropic's API", {}, "write the prompt as messages");
  }
  if (const auto form = api::form_of(query); form && form->schema.empty()) {
    return invalid_error("`format: json` can't be asked of Anthropic's API, which wants to know what JSON", {},
                         "write the schema: `format: {schema: …}`");
  }
  const auto instructions = static_cast<std::ptrdiff_t>(api::leading_instructions(query.messages));
  if (std::any_of(query.messages.begin() + instructions, query.messages.end(),
                  [](const templating::Message& message) { return message.role == "system"; })) {
    return invalid_error("a system message stands behind others, and Anthropic's API takes it in front only", {},
                         "move it to the beginning of the prompt");
  }
  return {};
}

void write_form(api::Body& body, const Query& query) {
  const auto form = api::form_of(query);
  if (!form || !body.ours("output_config")) return;
  body.key("output_config").raw(R"({"format":{"type":"json_schema","schema":)").raw(form->schema).raw("}}");
}

Result<void> write_tools(api::Body& body, const Query& query) {
  TRY(const auto tools, tools_of(query.parameters));
  if (tools.empty()) return {};
  body.raw("tools", api::tools_json(tools, api::ToolStyle::bare));
  const auto& choice = query.parameters.tool_choice;
  if (choice.empty() || !body.ours("tool_choice")) return {};
  if (choice == "auto" || choice == "required") {
    body.key("tool_choice").raw(R"({"type":)").string(std::string_view(choice == "auto" ? "auto" : "any")).raw("}");
  } else {
    body.key("tool_choice").raw(R"({"type":"tool","name":)").string(choice).raw("}");
  }
  return {};
}

std::string reason_of(const std::string& stop_reason) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> known = {
      {{"end_turn", "stop"},
       {"stop_sequence", "stop"},
       {"max_tokens", "length"},
       {"model_context_window_exceeded", "length"},
       {"tool_use", "tool_calls"}}};
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == stop_reason; });
  return found == known.end() ? stop_reason : std::string(found->second);
}

/// The API counts what was read from its cache, and what was written to it, apart from the rest of the prompt.
Usage usage_of(const doc::Node& body) {
  const auto* usage = body.find("usage");
  Usage out;
  out.cache_read_tokens = api::count(usage, "cache_read_input_tokens");
  out.cache_write_tokens = api::count(usage, "cache_creation_input_tokens");
  if (const auto fresh = api::count(usage, "input_tokens")) {
    out.input_tokens = api::sum(api::sum(fresh, out.cache_read_tokens), out.cache_write_tokens);
  }
  out.output_tokens = api::count(usage, "output_tokens");
  return out;
}

class MessagesAssembler final : public api::Assembler {
 public:
  void take(const doc::Node& piece) override {
    const auto type = piece.get("type", "");
    if (type == "error") {
      if (!error_) error_ = piece;
    } else if (type == "message_start") {
      if (const auto* message = piece.find("message")) message_ = *message;
    } else if (type == "content_block_start") {
      if (const auto* block = piece.find("content_block")) blocks_[piece.get("index", 0)].block = *block;
    } else if (type == "content_block_delta") {
      take_delta(piece);
    } else if (type == "message_delta") {
      take_message_delta(piece);
    } else if (type == "message_stop") {
      stopped_ = true;
    }
  }
  bool begun() const override { return begun_; }
  bool complete() const override { return error_ || (stopped_ && message_.is_map()); }

  doc::Node body() override {
    if (error_) return *std::move(error_);
    auto content = doc::Node::list();
    for (auto& [index, block] : blocks_) {
      const auto type = block.block.get("type", "");
      if (type == "text") block.block["text"] = block.block.get("text", "") + block.text;
      if (type == "tool_use" && !block.text.empty()) block.block["input"] = api::arguments_in(block.text);
      content.push_back(std::move(block.block));
    }
    message_["content"] = std::move(content);
    return std::move(message_);
  }

 private:
  struct Block {
    doc::Node block;
    std::string text;  ///< What came behind its start.
  };

  void take_delta(const doc::Node& piece) {
    const auto* delta = piece.find("delta");
    if (delta == nullptr) return;
    const auto type = delta->get("type", "");
    if (type != "text_delta" && type != "input_json_delta") return;
    const auto more = delta->get(type == "text_delta" ? "text" : "partial_json", "");
    blocks_[piece.get("index", 0)].text += more;
    begun_ = begun_ || !more.empty();
  }
  void take_message_delta(const doc::Node& piece) {
    if (const auto* delta = piece.find("delta")) merge(*delta, message_);
    if (const auto* usage = piece.find("usage")) merge(*usage, message_["usage"]);
  }
  static void merge(const doc::Node& from, doc::Node& into) {
    if (!from.is_map() || !(into.is_map() || into.is_null())) return;
    for (const auto& entry : from.entries()) {
      if (!entry.value.is_null()) into[entry.key] = entry.value;
    }
  }

  doc::Node message_;
  std::map<std::int64_t, Block> blocks_;
  std::optional<doc::Node> error_;
  bool begun_ = false, stopped_ = false;
};

class Messages final : public api::Dialect {
 public:
  std::vector<sys::Header> headers(const std::string& api_key) const override {
    std::vector<sys::Header> out = {{"anthropic-version", Secret(kVersion)}};
    if (!api_key.empty()) out.push_back({"x-api-key", Secret(api_key)});
    return out;
  }

  Result<api::Call> call(const std::string& model, const Query& query, api::Delivery delivery) const override {
    TRY_VOID(check(query));
    const auto& given = query.parameters;
    const auto instructions = api::leading_instructions(query.messages);
    api::Body body(query);
    body.key("model").string(model);
    body.set("max_tokens", std::optional(given.max_tokens.value_or(kMaxTokens)));
    if (instructions > 0) body.key("system").string(api::joined(query.messages, instructions));
    body.key("messages").messages(std::span(query.messages).subspan(instructions));
    body.set("temperature", given.temperature).set("top_p", given.top_p).set("stop_sequences", given.stop);
    write_form(body, query);
    TRY_VOID(write_tools(body, query));
    if (delivery == api::Delivery::streamed) body.raw("stream", "true");
    return api::Call{"/v1/messages", body.finish()};
  }

  Result<Answer, api::NoAnswer> answer(const doc::Node& body, const Query&) const override {
    if (api::tells_error(body)) return api::NoAnswer{api::words_of(body, {}), api::code_of(body)};
    const auto* content = body.find("content");
    if (content == nullptr || !content->is_list()) return api::NoAnswer{"`content` is missing"};
    Answer out;
    for (const auto& block : content->items()) {
      const auto type = block.get("type", "");
      if (type == "text") out.text += block.get("text", "");
      const auto* input = block.find("input");
      if (type == "tool_use" && input != nullptr) out.tool_calls.push_back({block.get("name", ""), *input});
    }
    out.finish_reason = reason_of(body.get("stop_reason", "stop"));
    out.usage = usage_of(body);
    out.reported_model = body.get("model", "");
    return out;
  }

  std::unique_ptr<api::Assembler> assembler() const override { return std::make_unique<MessagesAssembler>(); }
};

}  // namespace

std::unique_ptr<const api::Dialect> messages() { return std::make_unique<Messages>(); }

}  // namespace llmops::model::anthropic
