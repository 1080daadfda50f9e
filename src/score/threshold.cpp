#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "score/agreement.h"
#include "score/bca.h"

namespace llmops::score {
namespace {

/// How many cases of one score people called right, and wrong.
struct Step {
  double score = 0;
  std::size_t right = 0, wrong = 0;
};

/// Each score once, in order.
std::vector<Step> steps_of(std::span<const Graded> cases) {
  std::vector<Graded> sorted;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(sorted),
               [](const Graded& one) { return std::isfinite(one.score); });
  std::sort(sorted.begin(), sorted.end(), [](const Graded& a, const Graded& b) { return a.score < b.score; });
  std::vector<Step> out;
  for (const auto& [score, right] : sorted) {
    if (out.empty() || out.back().score != score) out.push_back({score, 0, 0});
    ++(right ? out.back().right : out.back().wrong);
  }
  return out;
}

/// Judge against people where what comes before the step `from` fails.
Confusion confusion_at(const std::vector<Step>& steps, std::size_t from) {
  Confusion out{{"fail", "pass"}, {{0, 0}, {0, 0}}};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto& row = out.counts[i < from ? 0 : 1];
    row[0] += steps[i].wrong;
    row[1] += steps[i].right;
  }
  return out;
}

/// Kappa of a table of two by two; 0 where it is not defined, as for a judge who says always the same.
double kappa_of_two(double fail_wrong, double fail_right, double pass_wrong, double pass_right) {
  const double fail = fail_wrong + fail_right, pass = pass_wrong + pass_right;
  const double wrong = fail_wrong + pass_wrong, right = fail_right + pass_right;
  const double apart = fail * right + pass * wrong;
  return apart > 0 ? 2 * (fail_wrong * pass_right - fail_right * pass_wrong) / apart : 0;
}

/// Kappa for each first step that passes; from 0 on, all do.
std::vector<double> kappas_of(const std::vector<Step>& steps) {
  double right = 0, wrong = 0;
  for (const auto& step : steps) right += static_cast<double>(step.right), wrong += static_cast<double>(step.wrong);
  std::vector<double> out;
  double fail_right = 0, fail_wrong = 0;
  for (const auto& step : steps) {
    out.push_back(kappa_of_two(fail_wrong, fail_right, wrong - fail_wrong, right - fail_right));
    fail_right += static_cast<double>(step.right);
    fail_wrong += static_cast<double>(step.wrong);
  }
  return out;
}

/// Of the first step that passes; half-way between two scores that were seen.
double threshold_at(const std::vector<Step>& steps, std::size_t from) {
  const auto seen = [](const Step& step) { return step.right + step.wrong > 0; };
  const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(from);
  const auto first = std::find_if(begin, steps.end(), seen);
  const auto before = std::find_if(std::make_reverse_iterator(begin), steps.rend(), seen);
  if (first == steps.end()) return steps.back().score;
  return before == steps.rend() ? first->score : (before->score + first->score) / 2;
}

/// The lowest of the thresholds with the highest kappa.
std::size_t best_of(const std::vector<double>& kappas) {
  const double most = *std::max_element(kappas.begin(), kappas.end());
  const auto best = std::find_if(kappas.begin(), kappas.end(), [&](double kappa) { return kappa >= most - 1e-12; });
  return static_cast<std::size_t>(best - kappas.begin());
}

/// A case: the place of its step, and what people said.
struct Judged {
  std::size_t step = 0;
  bool right = false;
};

/// What people said of it there.
std::size_t& count_of(std::vector<Step>& steps, const Judged& one) {
  return one.right ? steps[one.step].right : steps[one.step].wrong;
}

void shuffle(std::vector<Judged>& cases, Draws& draws) {
  for (std::size_t i = cases.size(); i > 1; --i) std::swap(cases[i - 1], cases[draws.place(i)]);
}

double cross_fitted(std::vector<Step> steps, std::vector<Judged> cases, const CrossFit& options) {
  const auto folds = std::clamp<std::size_t>(options.folds, 2, cases.size());
  Draws draws(options.seed);
  double counts[2][2] = {{0, 0}, {0, 0}};
  for (std::size_t repeat = 0; repeat < options.repeats; ++repeat) {
    shuffle(cases, draws);
    for (std::size_t fold = 0; fold < folds; ++fold) {
      for (std::size_t i = fold; i < cases.size(); i += folds) --count_of(steps, cases[i]);
      const double threshold = threshold_at(steps, best_of(kappas_of(steps)));
      for (std::size_t i = fold; i < cases.size(); i += folds) {
        ++count_of(steps, cases[i]);
        counts[steps[cases[i].step].score >= threshold ? 1 : 0][cases[i].right ? 1 : 0] += 1;
      }
    }
  }
  return kappa_of_two(counts[0][0], counts[0][1], counts[1][0], counts[1][1]);
}

}  // namespace

std::optional<Threshold> best_threshold(std::span<const Graded> cases, const CrossFit& options) {
  const auto steps = steps_of(cases);
  std::vector<Judged> judged;
  bool any_right = false, any_wrong = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    judged.insert(judged.end(), steps[i].right, {i, true});
    judged.insert(judged.end(), steps[i].wrong, {i, false});
    any_right = any_right || steps[i].right > 0;
    any_wrong = any_wrong || steps[i].wrong > 0;
  }
  if (steps.size() < 2 || !any_right || !any_wrong) return std::nullopt;

  const auto kappas = kappas_of(steps);
  const auto best = best_of(kappas);
  return Threshold{threshold_at(steps, best), kappas[best], cross_fitted(steps, std::move(judged), options),
                   confusion_at(steps, best)};
}

}  // namespace llmops::score
