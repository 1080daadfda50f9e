#include "score/calibration.h"

#include <cmath>

namespace llmops::score {
namespace {

constexpr std::size_t kFewCases = 50;  ///< Below, kappa's normal interval is too short.

std::string label_of(bool right) { return right ? "right" : "wrong"; }

Confusion at_threshold(const std::vector<Graded>& cases, double threshold) {
  std::vector<std::string> judge, people;
  for (const auto& one : cases) {
    judge.push_back(label_of(one.score >= threshold));
    people.push_back(label_of(one.right));
  }
  return confusion_of(judge, people, {label_of(true), label_of(false)});
}

}  // namespace

Calibration calibrate(const CellMetric& judge, const MetricInfo& metric, const People& people) {
  Calibration out;
  std::vector<Graded> cases;
  std::size_t met = 0;
  for (const auto& one : judge.cell.cases) {
    if (!has_metric(one, judge.metric)) continue;
    const auto label = people.find(one.id);
    if (label == people.end()) {
      ++out.not_labelled;
      continue;
    }
    ++met;
    const auto& score = one.scores.at(judge.metric);
    if (score) {
      cases.push_back({*score, label->second});
    } else {
      ++out.not_judged;
    }
  }
  out.unknown = people.size() - met;
  out.n = cases.size();
  if (metric.scale != Scale::binary) out.threshold = best_threshold(cases, {});
  constexpr double kMajority = 0.5;
  const auto threshold = out.threshold ? out.threshold->value : std::nextafter(kMajority, 1);
  out.confusion = at_threshold(cases, threshold);
  out.agreement = agreement_of(out.confusion);
  out.kappa = kappa_of(out.confusion, Weights::none);
  if (out.kappa && out.n < kFewCases) {
    if (const auto drawn = bootstrapped_kappa(out.confusion, Weights::none, {})) out.kappa->interval = *drawn;
  }
  return out;
}

doc::Node to_node(const Calibration& of) {
  const auto count = [](std::size_t value) { return doc::Node(static_cast<std::int64_t>(value)); };
  const auto estimate = [](double value, const Interval& interval) {
    return doc::Node::map({{"value", value}, {"low", interval.low}, {"high", interval.high}});
  };
  auto confusion = doc::Node::list();
  for (std::size_t row = 0; row < of.confusion.counts.size(); ++row) {
    for (std::size_t column = 0; column < of.confusion.counts[row].size(); ++column) {
      confusion.push_back(doc::Node::map({{"judge", of.confusion.labels[row]},
                                          {"people", of.confusion.labels[column]},
                                          {"n", count(of.confusion.counts[row][column])}}));
    }
  }
  auto threshold = doc::Node();
  if (of.threshold) {
    threshold = doc::Node::map(
        {{"value", of.threshold->value}, {"kappa", of.threshold->kappa}, {"kappa_expected", of.threshold->expected}});
  }
  return doc::Node::map({{"n", count(of.n)},
                         {"not_labelled", count(of.not_labelled)},
                         {"not_judged", count(of.not_judged)},
                         {"unknown_labels", count(of.unknown)},
                         {"threshold", std::move(threshold)},
                         {"agreement", of.n > 0 ? estimate(of.agreement.share, of.agreement.interval) : doc::Node()},
                         {"kappa", of.kappa ? estimate(of.kappa->value, of.kappa->interval) : doc::Node()},
                         {"confusion", std::move(confusion)}});
}

}  // namespace llmops::score
