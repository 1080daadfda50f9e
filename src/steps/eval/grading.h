#pragma once
/// \file  Answers on their way to their scores: some scorers ask before they can tell.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/asker.h"
#include "score/results.h"
#include "score/scorer.h"
#include "step/context.h"
#include "steps/eval/own_scorers.h"
#include "steps/eval/questions.h"
#include "steps/eval/scorers.h"

namespace llmops::steps::eval {

/// An answer, and what each scorer makes of it.
struct Graded {
  Place place;
  asset::Case one;
  Own own;  ///< The case's own scorers.
  Answered answered;
  std::vector<Result<score::Score>> scores;  ///< The eval's, then its own, in order. Empty where there is no answer.
};

/// What scorers may look at. The answer, the case and the cell must outlive it.
score::Sample sample_of(const model::Answer& answer, const asset::Case& one, const Cell& cell);

class Grading {
 public:
  using OnGraded = std::function<void(Graded)>;
  struct Who {
    const Scorers& scorers;
    const OwnScorers& own;
  };
  /// Questions of scorers get tags from `first_tag` on. What `who` has, and `inputs`, are borrowed.
  Grading(Who who, const step::Inputs& inputs, std::size_t first_tag, OnGraded on_graded);

  /// An answer to a query of the eval; calls back at once where nobody need be asked for its scores.
  void take(const Place& place, const Cell& cell, asset::Case one, const Answered& answered);
  /// The next question of a scorer, if one is waiting.
  std::optional<model::Ask> next();
  bool owns(std::size_t tag) const { return tag >= first_tag_; }
  /// The answer to one.
  void take_reply(const model::Asked& asked);
  /// What was never answered, because asking ended before, is graded without.
  void finish();

  /// Who was asked, in the order of their first question.
  const std::vector<score::JudgeUse>& judges() const { return judges_; }
  /// What is to be said of texts that were too long to be embedded whole.
  std::vector<std::string> notes() const;

 private:
  struct Open {
    Place place;
    asset::Case one;
    Own own;
    Answered answered;
    std::vector<std::optional<Result<score::Score>>> scores;
    std::vector<std::unique_ptr<score::Scoring>> scorings;  ///< Null where the score is known.
    std::vector<std::vector<std::optional<Result<score::Reply>>>> replies;
    std::vector<std::size_t> missing;
    std::size_t waiting = 0;  ///< Scorers that still ask.
  };
  struct Slot {
    std::uint64_t open = 0;
    std::size_t scorer = 0, question = 0, judge = 0;
    std::optional<std::size_t> embedded;  ///< Where a vector is wanted: a hash of the text.
  };

  void go_on(std::uint64_t number, Open& open, std::size_t scorer, std::vector<Result<score::Reply>> replies);
  void close(std::uint64_t number);
  Result<score::Reply> reply_of(const Slot& slot, const model::Answer& answer);
  Result<model::Ask> ask_of(score::Inquiry question);
  std::size_t judge_of(const model::AskedModel& model);
  const model::AskedModel* program(const score::ScorerProgram& program);

  const Scorers& scorers_;
  const OwnScorers& own_;
  const step::Inputs& inputs_;
  std::size_t first_tag_, next_tag_;
  OnGraded on_graded_;
  std::map<std::uint64_t, Open> open_;
  std::uint64_t last_open_ = 0;
  std::unordered_map<std::size_t, Slot> slots_;
  std::deque<model::Ask> queue_;
  std::vector<std::pair<score::ScorerProgram, std::unique_ptr<model::AskedModel>>> programs_;
  std::vector<score::JudgeUse> judges_;
  struct Cut {
    std::unordered_set<std::size_t> texts;  ///< Hashes of those that were cut.
    std::int64_t tokens = 0;                ///< To so many at most.
  };
  std::map<std::string, Cut> cut_;  ///< By the model that embedded.
};

}  // namespace llmops::steps::eval
