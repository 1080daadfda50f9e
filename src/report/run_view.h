#pragma once
/// \file  A finished run with its cases: what every form of report is made of.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "score/answers.h"
#include "score/results.h"

namespace llmops::report {

/// An eval's cases with their answers.
struct EvalView {
  std::string step;
  score::Results results;
  bool has_answers = false;  ///< Their texts are kept only where they were made.
  /// In order of repeats, by cell and case.
  std::map<std::pair<std::size_t, std::string>, std::vector<score::AnswerLine>> answers;

  /// Empty where nothing was answered, or the texts are not here.
  const std::vector<score::AnswerLine>& answers_of(std::size_t cell, const score::CaseResult& one) const;
};

struct RunView {
  doc::Node document;  ///< As `lineage::to_document`.
  std::vector<EvalView> evals;
};

/// `answers` are the bytes of an eval's output of that name, or nothing. Errors where these are damaged.
Result<EvalView> eval_view(std::string step, score::Results results, const std::optional<std::string>& answers);

/// What became of a case: its query failed, a binary metric is 0 (the first such), or neither.
struct CaseVerdict {
  enum class State { passed, failed, error };
  State state = State::passed;
  std::string metric;  ///< Of `failed`.
  std::string reason;  ///< Why, in one line; may be empty.
};
CaseVerdict verdict_of(const EvalView& eval, std::size_t cell, const score::CaseResult& one);

/// The field that tells cases apart for a person: the longest of the short ones that is neither the id nor what was
/// expected; empty where there is none.
std::string title_field_of(const EvalView& eval, std::size_t cell, const score::CaseResult& one);
/// What a person would call the case: the text of that field, else its id.
std::string title_of(const EvalView& eval, std::size_t cell, const score::CaseResult& one);

}  // namespace llmops::report
