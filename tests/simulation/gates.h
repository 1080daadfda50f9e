#pragma once
/// \file  A gate over drawn results, as the step runs it: results are written, read back and decided.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "doc/yaml.h"
#include "fakes/fake_step_context.h"
#include "score/results.h"
#include "steps/gate/gate.h"

namespace llmops::simulation {

inline score::CellResult cell(const std::string& name, const std::vector<std::optional<double>>& values,
                              const std::vector<std::string>& clusters = {}) {
  score::CellResult out{name, {}, Digest{}, {}, {}};
  out.cases.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    score::CaseResult one;
    one.id = std::to_string(i);
    one.scores = {values[i]};
    if (!values[i]) one.error = "no answer";
    if (!clusters.empty()) one.cluster = clusters[i];
    out.cases.push_back(std::move(one));
  }
  return out;
}

/// Runs one gate again and again.
class Gate {
 public:
  Gate(const std::string& config, score::MetricInfo metric) {
    context_.given_config = doc::parse_yaml("gate.yaml", config).value();
    REQUIRE(steps::gate::kind().declare(context_.given_config).has_value());
    results_.dataset = "drawn";
    results_.metrics = {std::move(metric)};
  }

  /// `pass`, `fail` or `inconclusive`.
  std::string decide(std::vector<score::CellResult> cells) {
    results_.cells = std::move(cells);
    const auto& bytes = context_.kept["results"] = score::to_jsonl(results_);
    step::Output output;
    output.name = "results";
    output.digest = sys::sha256(bytes);
    context_.given_inputs.steps["eval"].outputs = {output};
    const auto outcome = steps::gate::kind().run(context_);
    REQUIRE(outcome.has_value());
    return outcome->gate.get("decision", "");
  }

 private:
  fakes::FakeStepContext context_;
  score::Results results_;
};

}  // namespace llmops::simulation
