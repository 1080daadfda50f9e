#include "model/llama/chat_format.h"

#include "doc/node.h"

namespace llmops::model::llama {
namespace {

templating::Text raw_text(const Query& query) {
  templating::Text out;
  for (const auto& message : query.messages) out.insert(out.end(), message.content.begin(), message.content.end());
  return out;
}

doc::Node messages_of(const Query& query) {
  auto out = doc::Node::list();
  for (const auto& message : query.messages) {
    out.push_back(doc::Node::map({{"role", message.role}, {"content", templating::plain(message.content)}}));
  }
  return out;
}

Error refused(const std::string& model, const Error& error) {
  return step_error("the chat template of `" + model + "` can't be used: " + error.message,
                    "write `raw: true` in the prompt's front matter to ask without it");
}

}  // namespace

ChatFormat::ChatFormat(ChatFormatConfig config) : config_(std::move(config)) {
  if (config_.chat_template.empty()) return;
  auto source = std::make_shared<SourceText>(SourceText{"chat template of " + config_.model, config_.chat_template});
  templating::TemplateOptions options;
  options.undefined = templating::Undefined::lenient;
  options.first = SourcePos{std::move(source), 1, 1};
  template_ = templating::Template::parse(config_.chat_template, std::move(options));
}

Result<templating::Text> ChatFormat::text(const Query& query) const {
  if (query.raw) return raw_text(query);
  if (!template_) {
    return step_error("the model `" + config_.model + "` has no chat template, and the prompt is not a raw one",
                      "write `raw: true` in the prompt's front matter");
  }
  if (!*template_) return refused(config_.model, template_->error());
  const auto context = doc::Node::map({{"messages", messages_of(query)},
                                       {"add_generation_prompt", true},
                                       {"bos_token", config_.bos_text},
                                       {"eos_token", config_.eos_text}});
  auto text = template_->value().render(context, {"bos_token", "eos_token"});
  if (!text) return refused(config_.model, text.error());
  return text;
}

}  // namespace llmops::model::llama
