#pragma once
/// \file  Queries of several turns: each answer is part of the next question.
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/asker.h"
#include "prompt/prompt.h"

namespace llmops::steps::eval {

/// A query that was answered to its end.
struct Answered {
  model::Asked asked;                ///< The last answer; its cost, usage and latency are those of all turns.
  std::vector<std::string> earlier;  ///< What the model answered before.
};

class Conversations {
 public:
  /// The first turn of a query. `rendered` is all of it; `ask` has everything but the messages. The answer is one of
  /// its choices only in the last turn.
  model::Ask begin(model::Ask ask, prompt::Rendered rendered);
  /// An answer: nothing where another turn follows.
  std::optional<Answered> take(const model::Asked& asked);
  /// The next turn that is waiting to be asked.
  std::optional<model::Ask> next();

 private:
  struct Open {
    model::Ask ask;                                      ///< As it was asked last, and with the choices.
    std::deque<std::vector<templating::Message>> turns;  ///< Those to come.
    Answered so_far;
  };
  static model::Ask turn_of(Open& open);

  std::unordered_map<std::size_t, Open> open_;  ///< By tag.
  std::deque<model::Ask> waiting_;
};

}  // namespace llmops::steps::eval
