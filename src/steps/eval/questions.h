#pragma once
/// \file  The queries of an eval, made one by one as they are asked for.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asset/cases.h"
#include "model/asker.h"
#include "step/context.h"
#include "steps/eval/conversations.h"
#include "steps/eval/eval_config.h"

namespace llmops::steps::eval {

/// One model with one prompt; `prompt` is null for programs that are sent the case.
struct Cell {
  const model::AskedModel* model = nullptr;
  const step::PromptInput* prompt = nullptr;
  doc::Node tools;           ///< What is offered to the model, or null.
  std::int64_t repeats = 1;  ///< One where the model is greedy: asking again gives the same answer.
};

/// Where a query's number points to.
struct Place {
  std::size_t cell = 0, index = 0, repeat = 0;
};

/// Whether models of this provider may be asked without a prompt: a program is sent the case itself.
bool takes_cases(std::string_view provider);
Error needs_prompt(const schema::Placed<std::string>& model);

/// The parameters that count in a cell: the model's, then the prompt's, then the eval's.
model::Parameters parameters_of(const EvalConfig& config, const Cell& cell);

class Questions {
 public:
  /// Errors: a model or prompt that isn't there, a model that needs a prompt and has none.
  static Result<Questions> make(const EvalConfig& config, const step::Inputs& inputs, const asset::Cases& cases);

  /// The next query, or nothing at the end, after a failure, or until an answer brings its next turn.
  std::optional<model::Ask> next();
  /// An answer; nothing where its next turn is to be asked first.
  std::optional<Answered> take(const model::Asked& asked) { return conversations_.take(asked); }
  /// A template that could not be rendered: the step fails with it.
  const std::optional<Error>& failure() const { return failure_; }
  Place place(std::size_t tag) const;
  const std::vector<Cell>& cells() const { return cells_; }
  std::size_t total() const { return total_; }

 private:
  Result<model::Ask> ask(std::size_t tag, const asset::Case& one);

  const EvalConfig* config_ = nullptr;
  const step::Inputs* inputs_ = nullptr;
  const asset::Cases* cases_ = nullptr;
  std::vector<Cell> cells_;
  std::vector<std::size_t> starts_;  ///< First tag of each cell.
  std::size_t total_ = 0, at_ = 0;
  Conversations conversations_;
  std::optional<Error> failure_;
};

}  // namespace llmops::steps::eval
