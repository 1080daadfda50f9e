#include "report/run_view.h"

namespace llmops::report {

const std::vector<score::AnswerLine>& EvalView::answers_of(std::size_t cell, const score::CaseResult& one) const {
  static const std::vector<score::AnswerLine> none;
  const auto found = answers.find({cell, one.id});
  return found == answers.end() ? none : found->second;
}

Result<EvalView> eval_view(std::string step, score::Results results, const std::optional<std::string>& answers) {
  EvalView out;
  out.step = std::move(step);
  out.results = std::move(results);
  out.has_answers = answers.has_value();
  if (answers) {
    TRY_VOID(score::read_answers(*answers, [&out](score::AnswerLine line) {
      auto& of_case = out.answers[{line.cell, line.case_id}];
      of_case.push_back(std::move(line));
    }));
  }
  return out;
}

CaseVerdict verdict_of(const EvalView& eval, std::size_t cell, const score::CaseResult& one) {
  if (!one.error.empty()) return {CaseVerdict::State::error, {}, one.error};
  const auto& answers = eval.answers_of(cell, one);
  for (std::size_t i = 0; i < eval.results.metrics.size() && i < one.scores.size(); ++i) {
    const auto& metric = eval.results.metrics[i];
    const bool failed = metric.scale == score::Scale::binary && one.scores[i] && *one.scores[i] < 1;
    const bool unscored = metric.scale != score::Scale::amount && !one.scores[i] && score::has_metric(one, i);
    if (!failed && !unscored) continue;
    CaseVerdict out{unscored ? CaseVerdict::State::error : CaseVerdict::State::failed, metric.name, {}};
    for (const auto& answer : answers) {
      const auto reason = answer.reasons.find(metric.name);
      if (reason == answer.reasons.end()) continue;
      out.reason = reason->second;
      break;
    }
    return out;
  }
  return {};
}

std::string title_field_of(const EvalView& eval, std::size_t cell, const score::CaseResult& one) {
  const auto& answers = eval.answers_of(cell, one);
  const auto expected = answers.empty() ? std::nullopt : answers.front().expected;
  std::string_view field, longest;
  for (const auto& [name, value] : one.fields.list()) {
    if (value == one.id || (expected && value == *expected) || value.size() <= longest.size()) continue;
    field = name;
    longest = value;
  }
  return std::string(field);
}

std::string title_of(const EvalView& eval, std::size_t cell, const score::CaseResult& one) {
  const auto text = one.fields.find(title_field_of(eval, cell, one));
  return std::string(text.value_or(one.id));
}

}  // namespace llmops::report
