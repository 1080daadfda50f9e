#include <cmath>

#include "score/evidence.h"
#include "score/results.h"

namespace llmops::score {

Summary summarise(const Results& results, const CellResult& cell, std::size_t metric, const Where& where) {
  Summary out;
  out.metric = results.metrics.at(metric);
  out.model = cell.model;
  out.prompt = cell.prompt;
  for (const auto& result : cell.cases) {
    if (result.cached && matches(result, where)) ++out.cached;
  }
  const auto cases = values_of({results, cell, metric}, where);
  Measured measured;
  for (std::size_t i = 0; i < cases.values.size(); ++i) {
    const auto& value = cases.values[i];
    if (!value || !std::isfinite(*value)) {
      ++out.errors;
      continue;
    }
    measured.values.push_back(*value);
    if (!cases.clusters.empty()) measured.clusters.push_back(cases.clusters[i]);
    if (cases.shares.effective > 0) measured.shares.own.push_back(cases.shares.own[i]);
  }
  measured.shares.effective = cases.shares.effective;
  const bool within = out.metric.scale != Scale::amount && all_between_0_and_1(measured.values);
  measured.bounded = within || !measured.of_cases();
  measured.amount = are_amounts(out.metric.scale, measured.values);
  measured.whole = within && measured.of_cases() && all_whole(measured.values);

  const auto evidence = evidence_of(measured, {0, 0.975});
  out.n = measured.values.size();
  out.value = evidence.mean.mean;
  out.standard_error = evidence.mean.standard_error;
  out.low = evidence.low;
  out.high = evidence.high;
  return out;
}

std::vector<Summary> summarise(const Results& results) {
  std::vector<Summary> out;
  for (const auto& cell : results.cells) {
    for (std::size_t metric = 0; metric < results.metrics.size(); ++metric) {
      out.push_back(summarise(results, cell, metric));
    }
  }
  return out;
}

doc::Node to_node(const Summary& summary) {
  const auto known = [&](double value) { return summary.n > 0 ? doc::Node(value) : doc::Node(); };
  const auto bound = [&](double value) {
    return summary.n > 1 ? doc::Node(value) : doc::Node();
  };  // One case has none.
  const auto count = [](std::size_t value) { return doc::Node(static_cast<std::int64_t>(value)); };
  auto out = doc::Node::map({{"metric", summary.metric.name},
                             {"model", summary.model},
                             {"prompt", summary.prompt.empty() ? doc::Node() : doc::Node(summary.prompt)},
                             {"n", count(summary.n)},
                             {"errors", count(summary.errors)},
                             {"value", known(summary.value)},
                             {"stderr", summary.standard_error ? doc::Node(*summary.standard_error) : doc::Node()},
                             {"low", bound(summary.low)},
                             {"high", bound(summary.high)},
                             {"scale", to_string(summary.metric.scale)},
                             {"better", to_string(summary.metric.better)},
                             {"unit", summary.metric.unit},
                             {"cached", count(summary.cached)}});
  if (!summary.metric.of_cases()) out["statistic"] = to_string(summary.metric.statistic);
  return out;
}

}  // namespace llmops::score
