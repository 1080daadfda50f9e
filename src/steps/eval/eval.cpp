#include "steps/eval/eval.h"

#include "steps/eval/eval_config.h"
#include "steps/eval/eval_run.h"

namespace llmops::steps::eval {
namespace {

class EvalKind : public step::Kind {
 public:
  std::string_view name() const override { return "eval"; }
  int version() const override { return 1; }
  std::string_view summary() const override {
    return "Ask every model with every prompt on every case, and score the answers.";
  }
  const schema::Type& config_type() const override { return record_of(static_cast<EvalConfig*>(nullptr)).type(); }

  Result<step::Declared, Errors> declare(const doc::Node& node) const override {
    const auto config = schema::read<EvalConfig>(node);
    step::Declared out;
    out.reads.models = config.models;
    out.reads.prompts = config.prompts;
    out.reads.datasets.push_back(config.dataset);
    out.outputs.push_back({"results", {}, node.at()});
    out.outputs.push_back({"answers", {}, node.at()});
    Errors errors;
    for (const auto& scorer : config.scorers) {
      auto made = score::make_scorer(scorer);
      if (!made) errors.insert(errors.end(), made.error().begin(), made.error().end());
    }
    if (config.models.empty()) errors.push_back(invalid_error("an eval needs at least one model", node.at()));
    if (config.scorers.empty()) errors.push_back(invalid_error("an eval needs at least one scorer", node.at()));
    if (!errors.empty()) return errors;
    return out;
  }

  step::Estimate estimate(const doc::Node& config, const step::Inputs& inputs) const override {
    return estimate_eval(schema::read<EvalConfig>(config), inputs);
  }

  Result<step::Outcome> run(step::Context& context) const override {
    return run_eval(schema::read<EvalConfig>(context.config()), context);
  }
};

}  // namespace

const step::Kind& kind() {
  static const EvalKind kind;
  return kind;
}

}  // namespace llmops::steps::eval
