#include "model/llama/prompt_tokens.h"

#include <algorithm>

#include "base/text.h"
#include "model/llama/grammar.h"
#include "model/tool.h"

namespace llmops::model::llama {
namespace {

constexpr std::size_t kLongestLabel = 256;  // One label is decoded in one go.

/// `12,345`
std::string grouped(std::size_t number) {
  auto out = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<std::size_t>(at), ",");
  return out;
}

bool ends_in_space(const templating::Text& text) {
  const auto all = templating::plain(text);
  return all.empty() || text::trim(std::string_view(all).substr(all.size() - 1)).empty();
}

Result<std::vector<std::vector<Token>>> labels_of(const Query& query, const Vocabulary& vocabulary,
                                                  const templating::Text& text) {
  const bool space = query.raw && !ends_in_space(text);
  std::vector<std::vector<Token>> out;
  for (const auto& choice : query.choices) {
    auto tokens = choice.empty() ? std::vector<Token>{} : vocabulary.continuation(space ? " " + choice : choice);
    if (tokens.empty()) return step_error("a choice is empty, expected text", "remove it from `choices`");
    if (tokens.size() > kLongestLabel) {
      return step_error("the choice `" + text::printable(text::shorten(choice, 40)) + "` has " +
                            grouped(tokens.size()) + " tokens, expected at most " + grouped(kLongestLabel),
                        "give it a shorter name in `choices`");
    }
    out.push_back(std::move(tokens));
  }
  return out;
}

}  // namespace

Result<Prepared> prepare(const Query& query, const ChatFormat& format, const Vocabulary& vocabulary,
                         std::size_t context) {
  TRY(const auto tools, tools_of(query.parameters));
  if (!tools.empty()) {
    return invalid_error("`tools` can't be given to the embedded engine", {},
                         "ask for the call as JSON: `format: {schema: …}`, or use a server");
  }
  TRY(const auto text, format.text(query));
  Prepared out;
  if (query.choices.empty()) {
    TRY(out.grammar, grammar_of(query.parameters));
  }
  out.prompt = vocabulary.prompt(text);
  if (out.prompt.empty()) return step_error("the prompt is empty, expected text");
  TRY(out.labels, labels_of(query, vocabulary, text));
  std::size_t behind = 1;
  for (const auto& label : out.labels) behind = std::max(behind, label.size());
  if (out.prompt.size() + behind > context) {
    const auto with = out.labels.empty() ? std::string{} : " and up to " + grouped(behind) + " for a choice";
    return step_error("the prompt has " + grouped(out.prompt.size()) + " tokens" + with + ", but the context holds " +
                          grouped(context),
                      "raise `parameters.context` of the model, or shorten the prompt");
  }
  return out;
}

}  // namespace llmops::model::llama
