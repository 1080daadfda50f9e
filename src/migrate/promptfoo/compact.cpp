/// \file  Assertions written as one text.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "migrate/promptfoo/assertions.h"

namespace llmops::migrate::promptfoo {
namespace {

constexpr std::array<std::string_view, 64> kTypes = {"answer-relevance",
                                                     "bleu",
                                                     "classifier",
                                                     "contains",
                                                     "contains-all",
                                                     "contains-any",
                                                     "contains-html",
                                                     "contains-json",
                                                     "contains-sql",
                                                     "contains-xml",
                                                     "context-faithfulness",
                                                     "context-recall",
                                                     "context-relevance",
                                                     "conversation-relevance",
                                                     "cost",
                                                     "equals",
                                                     "factuality",
                                                     "finish-reason",
                                                     "g-eval",
                                                     "gleu",
                                                     "guardrails",
                                                     "icontains",
                                                     "icontains-all",
                                                     "icontains-any",
                                                     "is-html",
                                                     "is-json",
                                                     "is-refusal",
                                                     "is-sql",
                                                     "is-valid-function-call",
                                                     "is-valid-openai-function-call",
                                                     "is-valid-openai-tools-call",
                                                     "is-xml",
                                                     "javascript",
                                                     "latency",
                                                     "levenshtein",
                                                     "llm-rubric",
                                                     "meteor",
                                                     "model-graded-closedqa",
                                                     "model-graded-factuality",
                                                     "moderation",
                                                     "perplexity",
                                                     "perplexity-score",
                                                     "pi",
                                                     "python",
                                                     "regex",
                                                     "rouge-n",
                                                     "ruby",
                                                     "similar",
                                                     "similar:cosine",
                                                     "similar:dot",
                                                     "similar:euclidean",
                                                     "starts-with",
                                                     "tool-call-f1",
                                                     "skill-used",
                                                     "trace-error-spans",
                                                     "trace-span-count",
                                                     "trace-span-duration",
                                                     "webhook",
                                                     "word-count",
                                                     "agent-rubric",
                                                     "search-rubric",
                                                     "select-best",
                                                     "max-score",
                                                     "human"};

/// Those whose value may have a threshold in front.
constexpr std::array<std::string_view, 16> kWithThreshold = {"answer-relevance",
                                                             "classifier",
                                                             "context-faithfulness",
                                                             "context-recall",
                                                             "context-relevance",
                                                             "cost",
                                                             "latency",
                                                             "levenshtein",
                                                             "perplexity-score",
                                                             "perplexity",
                                                             "rouge-n",
                                                             "similar",
                                                             "starts-with",
                                                             "bleu",
                                                             "gleu",
                                                             "meteor"};

std::vector<std::string> by_commas(std::string_view list) {
  std::vector<std::string> out;
  for (const auto& part : text::split(list, ',')) {
    auto one = text::trim(part);
    if (one.size() > 1 && one.front() == '"' && one.back() == '"') one = one.substr(1, one.size() - 2);
    if (!one.empty()) out.emplace_back(one);
  }
  return out;
}

}  // namespace

doc::Node assertion_of(const std::string& text, const SourcePos& at) {
  const auto made = [&](std::string_view type, doc::Node value, std::optional<double> threshold = {}) {
    value.set_at(at);
    auto out = doc::Node::map({{"type", type}, {"value", std::move(value)}});
    if (threshold) out["threshold"] = *threshold;
    for (auto& entry : out.entries()) entry.key_at = at;
    return std::move(out.set_at(at));
  };
  const auto behind = [&](std::size_t from) { return std::string(text::trim(std::string_view(text).substr(from))); };
  for (const auto* code : {"javascript:", "fn:", "eval:"}) {
    if (text.starts_with(code)) return made("javascript", behind(std::string_view(code).size()));
  }
  if (text.starts_with("grade:")) return made("llm-rubric", behind(6));
  if (const auto path = file_uri(text)) {
    return made(path->find(".py") != std::string::npos ? "python" : "javascript", text);
  }
  auto rest = std::string_view(text);
  const bool negated = rest.starts_with("not-");
  if (negated) rest.remove_prefix(4);
  std::string_view type;
  for (const auto known : kTypes) {
    if (!rest.starts_with(known) || known.size() <= type.size()) continue;
    const auto next = rest.substr(known.size());
    if (next.empty() || next.front() == ':' || next.front() == '(') type = known;
  }
  if (type.empty()) return made("equals", text);
  const auto full = (negated ? "not-" : "") + std::string(type);
  rest.remove_prefix(type.size());
  std::optional<double> threshold;
  if (rest.starts_with('(')) {
    const auto end = rest.find(')');
    threshold = end == std::string_view::npos ? std::nullopt : text::to_double(rest.substr(1, end - 1));
    if (!threshold) return made("equals", text);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() && rest.front() != ':') return made("equals", text);
  if (!rest.empty()) rest.remove_prefix(1);
  if (type.ends_with("contains-all") || type.ends_with("contains-any")) {
    return made(full, doc::Node::strings(by_commas(rest)));
  }
  constexpr double kDefault = 0.75;
  if (std::find(kWithThreshold.begin(), kWithThreshold.end(), type) != kWithThreshold.end()) {
    return made(full, std::string(text::trim(rest)), threshold.value_or(kDefault));
  }
  return made(full, std::string(text::trim(rest)));
}

}  // namespace llmops::migrate::promptfoo
