#include "model/openai/chat_assembler.h"

#include <map>
#include <optional>
#include <string>

#include "model/api/fields.h"

namespace llmops::model::openai {
namespace {

class ChatAssembler final : public api::Assembler {
 public:
  void take(const doc::Node& piece) override {
    if (api::tells_error(piece)) {
      if (!error_) error_ = piece;
      return;
    }
    for (const auto* key : {"model", "system_fingerprint", "usage"}) {
      if (const auto* value = piece.find(key); value != nullptr && !value->is_null()) head_[key] = *value;
    }
    const auto* choices = piece.find("choices");
    if (choices == nullptr || !choices->is_list()) return;
    for (const auto& choice : choices->items()) {
      if (choice.get("index", 0) == 0) take_choice(choice);
    }
  }
  void take_end() override { ended_ = true; }
  bool begun() const override { return begun_; }
  bool complete() const override { return error_ || (ended_ && !reason_.empty()); }

  doc::Node body() override {
    if (error_) return *std::move(error_);
    auto choice = doc::Node::map({{"finish_reason", reason_}});
    auto message = doc::Node::map({{"content", text_}});
    if (refusal_) message["refusal"] = *refusal_;
    for (auto& [index, call] : calls_) {
      message["tool_calls"].push_back(doc::Node::map(
          {{"function", doc::Node::map({{"name", std::move(call.name)}, {"arguments", std::move(call.arguments)}})}}));
    }
    if (logprobs_.size() > 0)
      choice["logprobs"] = doc::Node::map({{"content", logprobs_}, {"token_logprobs", logprobs_}});
    choice["text"] = std::move(text_);
    choice["message"] = std::move(message);
    head_["choices"].push_back(std::move(choice));
    return std::move(head_);
  }

 private:
  void take_choice(const doc::Node& choice) {
    if (const auto reason = choice.get("finish_reason", ""); !reason.empty()) reason_ = reason;
    add(text_, choice.find("text"));
    take_logprobs(choice.find("logprobs"));
    const auto* delta = choice.find("delta");
    if (delta == nullptr) return;
    add(text_, delta->find("content"));
    if (const auto* calls = delta->find("tool_calls"); calls != nullptr && calls->is_list()) {
      for (const auto& call : calls->items()) take_call(call);
    }
    if (const auto* refusal = delta->find("refusal"); refusal != nullptr && refusal->is_string()) {
      if (!refusal_) refusal_.emplace();
      add(*refusal_, refusal);
    }
  }
  void take_call(const doc::Node& piece) {
    const auto* function = piece.find("function");
    if (function == nullptr) return;
    auto& call = calls_[piece.get("index", 0)];
    add(call.name, function->find("name"));
    add(call.arguments, function->find("arguments"));
  }
  void take_logprobs(const doc::Node* logprobs) {
    if (logprobs == nullptr) return;
    for (const auto* key : {"content", "token_logprobs"}) {
      const auto* list = logprobs->find(key);
      if (list == nullptr || !list->is_list()) continue;
      for (const auto& item : list->items()) {
        const auto* value = item.is_map() ? item.find("logprob") : &item;
        if (value != nullptr) logprobs_.push_back(*value);
      }
    }
  }
  void add(std::string& to, const doc::Node* text) {
    if (text == nullptr || !text->is_string() || text->as_string().empty()) return;
    to += text->as_string();
    begun_ = true;
  }

  doc::Node head_ = doc::Node::map();
  std::optional<doc::Node> error_;
  std::string text_, reason_;
  std::optional<std::string> refusal_;
  struct Call {
    std::string name, arguments;
  };
  std::map<std::int64_t, Call> calls_;
  doc::Node logprobs_;
  bool begun_ = false, ended_ = false;
};

}  // namespace

std::unique_ptr<api::Assembler> chat_assembler() { return std::make_unique<ChatAssembler>(); }

}  // namespace llmops::model::openai
