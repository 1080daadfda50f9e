#include "steps/gate/gate.h"

#include "steps/gate/gate_check.h"
#include "steps/gate/gate_config.h"
#include "steps/gate/gate_run.h"

namespace llmops::steps::gate {
namespace {

Errors check_rules(const GateConfig& config) {
  Errors errors;
  for (const auto& requirement : config.require) {
    const int levels = requirement.at_least.has_value() + requirement.at_most.has_value();
    const int pairs = requirement.better_by.has_value() + requirement.not_worse_by.has_value();
    const bool compares = !requirement.versus.value.is_null();
    if (compares && (pairs != 1 || levels > 0)) {
      errors.push_back(
          invalid_error("a requirement with `versus` needs either `better_by` or `not_worse_by`, and no level",
                        requirement.versus.at, "`better_by: 0.0` asks for any improvement"));
    } else if (!compares && (levels == 0 || pairs > 0)) {
      errors.push_back(invalid_error("a requirement needs `at_least`, `at_most`, or `versus` with a margin",
                                     requirement.metric.at, "write for example `at_least: 0.8`"));
    }
    if (requirement.point && config.sequential) {
      errors.push_back(invalid_error("`point` has no bound that `sequential` could keep valid", requirement.metric.at,
                                     "leave one of them out"));
    }
    for (const auto& margin : {requirement.better_by, requirement.not_worse_by}) {
      if (margin && *margin < 0) errors.push_back(invalid_error("a margin can't be negative", requirement.metric.at));
    }
  }
  return errors;
}

class GateKind : public step::Kind {
 public:
  std::string_view name() const override { return "gate"; }
  int version() const override { return 1; }
  std::string_view summary() const override { return "Decide on measured metrics: pass, fail, or inconclusive."; }
  const schema::Type& config_type() const override { return record_of(static_cast<GateConfig*>(nullptr)).type(); }

  Result<step::Declared, Errors> declare(const doc::Node& node) const override {
    const auto config = schema::read<GateConfig>(node);
    auto errors = check_rules(config);
    if (config.require.empty() && !config.select) {
      errors.push_back(invalid_error("a gate needs `require` or `select`", node.at()));
    }
    if (!errors.empty()) return errors;
    step::Declared out;
    out.reads.steps = config.from;
    out.outputs.push_back({"model", {}, node.at()});
    out.outputs.push_back({"prompt", {}, node.at()});
    return out;
  }

  Errors check(const doc::Node& config, const step::Surroundings& around) const override {
    return check_references(schema::read<GateConfig>(config), around);
  }

  step::Estimate estimate(const doc::Node&, const step::Inputs&) const override { return {}; }

  Result<step::Outcome> run(step::Context& context) const override {
    return run_gate(schema::read<GateConfig>(context.config()), context);
  }
};

}  // namespace

const step::Kind& kind() {
  static const GateKind kind;
  return kind;
}

}  // namespace llmops::steps::gate
