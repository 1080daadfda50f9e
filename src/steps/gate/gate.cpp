#include "steps/gate/gate.h"

#include "steps/gate/gate_check.h"
#include "steps/gate/gate_config.h"
#include "steps/gate/gate_run.h"

namespace llmops::steps::gate {
namespace {

/// Keys count by being there: a value that is not known yet is one.
bool has(const doc::Node& map, std::string_view key) { return map.find(key) != nullptr; }

Errors check_requirement(const Requirement& requirement, const doc::Node& written) {
  Errors errors;
  const int levels = has(written, "at_least") + has(written, "at_most");
  const int pairs = has(written, "better_by") + has(written, "not_worse_by");
  const bool compares = has(written, "versus");
  if (compares && (pairs != 1 || levels > 0)) {
    errors.push_back(
        invalid_error("a requirement with `versus` needs either `better_by` or `not_worse_by`, and no level",
                      requirement.versus.at, "`better_by: 0.0` asks for any improvement"));
  } else if (!compares && (levels == 0 || pairs > 0)) {
    errors.push_back(invalid_error("a requirement needs `at_least`, `at_most`, or `versus` with a margin",
                                   requirement.metric.at, "write for example `at_least: 0.8`"));
  }
  for (const auto& margin : {requirement.better_by, requirement.not_worse_by}) {
    if (margin && *margin < 0) errors.push_back(invalid_error("a margin can't be negative", requirement.metric.at));
  }
  return errors;
}

Errors check_rules(const GateConfig& config, const doc::Node& written) {
  Errors errors;
  const auto* require = written.find("require");
  if (!require || !require->is_list()) return errors;
  for (std::size_t i = 0; i < config.require.size(); ++i) {
    if (!require->items()[i].is_map()) continue;
    const auto wrong = check_requirement(config.require[i], require->items()[i]);
    errors.insert(errors.end(), wrong.begin(), wrong.end());
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
    auto errors = check_rules(config, node);
    const auto* require = node.find("require");
    const bool requires_some = !config.require.empty() || (require && schema::holds_expression(*require));
    if (!requires_some && !has(node, "select")) {
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
