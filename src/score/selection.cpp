#include <algorithm>
#include <cmath>
#include <limits>

#include "score/decision.h"
#include "score/decision_text.h"
#include "score/evidence.h"

namespace llmops::score {
namespace {

using Places = std::vector<std::size_t>;

bool has_value(const Candidate& candidate) {
  return std::any_of(candidate.values.begin(), candidate.values.end(),
                     [](const auto& value) { return value && std::isfinite(*value); });
}

/// The cases that all of these candidates have.
Places common_cases(const std::vector<Candidate>& candidates, const Places& running) {
  std::size_t size = std::numeric_limits<std::size_t>::max();
  for (const auto place : running) size = std::min(size, candidates[place].values.size());
  Places out;
  for (std::size_t i = 0; i < size; ++i) {
    const bool all = std::all_of(running.begin(), running.end(), [&](std::size_t place) {
      const auto& value = candidates[place].values[i];
      return value && std::isfinite(*value);
    });
    if (all) out.push_back(i);
  }
  return out;
}

std::vector<double> values_over(const Candidate& candidate, const Places& cases) {
  std::vector<double> out;
  for (const auto i : cases) out.push_back(*candidate.values[i]);
  return out;
}

Shares shares_over(const Candidate& candidate, const Places& cases) {
  Shares out{candidate.shares.effective, {}};
  if (out.effective == 0) return out;
  for (const auto i : cases) out.own.push_back(candidate.shares.own[i]);
  return out;
}

double sign_of(const MetricInfo& metric) { return metric.better == Better::higher ? 1 : -1; }

/// The clusters of these cases; empty where each stands alone.
std::vector<std::size_t> clusters_over(const Candidate& candidate, const Places& cases) {
  std::vector<std::size_t> out;
  for (const auto i : cases) {
    if (i < candidate.clusters.size()) out.push_back(candidate.clusters[i]);
  }
  if (out.size() != cases.size()) out.clear();
  return out;
}

/// What all candidates measured, over the same cases.
struct Measurements {
  std::vector<std::vector<double>> values;  ///< By candidate.
  std::vector<std::size_t> clusters;
  std::vector<Shares> shares;  ///< By candidate.
};

/// One-sided p of "the best is no better than this one", paired.
double p_of_no_difference(const MetricInfo& metric, const Measurements& all, std::size_t best_one,
                          std::size_t other_one) {
  const auto &best = all.values[best_one], &other = all.values[other_one];
  Measured differences;
  differences.clusters = all.clusters;
  differences.form = Measured::Form::differences;
  const auto within = [&](bool (*holds)(const std::vector<double>&)) {
    return metric.scale != Scale::amount && holds(best) && holds(other);
  };
  differences.shares = difference_of(all.shares[best_one], all.shares[other_one]);
  differences.whole = differences.of_cases() && within(all_whole);
  differences.bounded = !differences.of_cases() || within(all_between_0_and_1);
  for (std::size_t i = 0; i < best.size(); ++i) differences.values.push_back(sign_of(metric) * (best[i] - other[i]));
  const auto evidence = evidence_of(differences, {0, 0.95});
  if (evidence.p_above) return *evidence.p_above;
  // Always the same difference: the sign test.
  return evidence.constant && evidence.mean.mean > 0 ? std::pow(0.5, static_cast<double>(best.size())) : 1;
}

/// A candidate in the running.
struct Runner {
  std::size_t place = 0;
  double mean = 0;  ///< Signed so that higher is better.
  bool tied = false;
};

void mark_ties(const MetricInfo& metric, const Measurements& all, double confidence, std::vector<Runner>& runners) {
  const auto best =
      static_cast<std::size_t>(std::max_element(runners.begin(), runners.end(),
                                                [](const Runner& a, const Runner& b) { return a.mean < b.mean; }) -
                               runners.begin());
  std::vector<double> p;
  for (std::size_t i = 0; i < runners.size(); ++i) {
    if (i != best) p.push_back(p_of_no_difference(metric, all, best, i));
  }
  const auto adjusted = holm(p);
  for (std::size_t i = 0, test = 0; i < runners.size(); ++i) {
    runners[i].tied = i == best || adjusted[test++] > 1 - confidence;
  }
}

/// Of the tied ones, who wins.
const Runner& pick(const std::vector<Candidate>& candidates, const std::vector<Runner>& tied, Ties ties) {
  if (ties == Ties::first) return tied.front();
  const auto cost = [&](const Runner& runner) {
    const auto& known = candidates[runner.place].cost;
    return known && std::isfinite(*known) ? *known : std::numeric_limits<double>::infinity();
  };
  return *std::min_element(tied.begin(), tied.end(), [&](const Runner& a, const Runner& b) {
    const double left = cost(a), right = cost(b);
    return left != right ? left < right : a.mean > b.mean;
  });
}

std::string reason_of(const MetricInfo& metric, const std::vector<Candidate>& candidates,
                      const std::vector<Runner>& tied, const Runner& chosen, Ties ties) {
  const auto& best =
      *std::max_element(tied.begin(), tied.end(), [](const Runner& a, const Runner& b) { return a.mean < b.mean; });
  const auto named = [&](const Runner& runner) { return "`" + candidates[runner.place].name + "`"; };
  const auto value = [&](const Runner& runner) {
    const double mean = sign_of(metric) * runner.mean;
    return metric.name + " " + show_value(metric, mean, mean);
  };
  if (tied.size() == 1) return named(chosen) + " is the best: " + value(chosen);
  const std::string of = " of " + std::to_string(tied.size()) + " not shown to be worse than the best";
  const bool by_cost = ties == Ties::cheapest && candidates[chosen.place].cost;
  const std::string how = ties == Ties::first ? " is the first" : by_cost ? " is the cheapest" : " has the best mean";
  if (best.place == chosen.place) return named(chosen) + how + of + ", and the best: " + value(chosen);
  return named(chosen) + how + of + ": " + value(chosen) + ", best " + named(best) + " " + value(best);
}

}  // namespace

std::optional<Selection> select(const MetricInfo& metric, const std::vector<Candidate>& candidates, Ties ties,
                                double confidence) {
  Places running;
  for (std::size_t place = 0; place < candidates.size(); ++place) {
    if (has_value(candidates[place])) running.push_back(place);
  }
  if (running.empty()) return std::nullopt;
  const auto cases = common_cases(candidates, running);
  if (cases.empty()) return std::nullopt;

  std::vector<Runner> runners;
  Measurements all;
  all.clusters = clusters_over(candidates[running.front()], cases);
  for (const auto place : running) {
    all.values.push_back(values_over(candidates[place], cases));
    all.shares.push_back(shares_over(candidates[place], cases));
    runners.push_back({place, sign_of(metric) * mean_of(all.values.back()).mean, false});
  }
  mark_ties(metric, all, confidence, runners);

  std::erase_if(runners, [](const Runner& runner) { return !runner.tied; });
  const Runner& chosen = pick(candidates, runners, ties);
  Selection out{chosen.place, {}, reason_of(metric, candidates, runners, chosen, ties)};
  for (const auto& runner : runners) out.tied.push_back(runner.place);
  return out;
}

}  // namespace llmops::score
