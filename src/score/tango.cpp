#include <algorithm>
#include <cmath>
#include <limits>

#include "score/statistics.h"

namespace llmops::score {
namespace {

/// The variance of n·(a − b) where the true difference is `delta`: n (p_a + p_b − delta²) at the likeliest shares p of
/// pairs that only one side got right, given p_a − p_b = delta.
double variance_at(const PairCounts& pairs, double delta) {
  const double n = pairs.n;
  const double quadratic = 2 * n;
  const double linear = -pairs.only_a - pairs.only_b + (2 * n - pairs.only_a + pairs.only_b) * delta;
  const double constant = -pairs.only_b * delta * (1 - delta);
  const double root = std::sqrt(std::max(0.0, linear * linear - 4 * quadratic * constant));
  const double least = std::max(0.0, -delta);
  const double share_b = std::clamp((root - linear) / (2 * quadratic), least, 1.0);
  return std::max(0.0, n * (2 * share_b + delta * (1 - delta)));
}

/// The difference in [from, to] at which the statistic is `wanted`; it falls as the difference grows.
double difference_with(const PairCounts& pairs, double wanted, Interval within) {
  for (int round = 0; round < 60; ++round) {
    const double middle = (within.low + within.high) / 2;
    (tango_statistic(pairs, middle) > wanted ? within.low : within.high) = middle;
  }
  return (within.low + within.high) / 2;
}

}  // namespace

double tango_statistic(const PairCounts& pairs, double delta) {
  const double excess = pairs.only_a - pairs.only_b - pairs.n * delta;
  if (excess == 0) return 0;
  const double variance = variance_at(pairs, delta);
  if (variance <= 0)
    return excess > 0 ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  return excess / std::sqrt(variance);
}

Interval tango(const PairCounts& pairs, double confidence) {
  if (!(pairs.n > 0)) return {-1, 1};
  const double z = normal_quantile((1 + confidence) / 2);
  const double estimate = (pairs.only_a - pairs.only_b) / pairs.n;
  return {estimate <= -1 ? -1 : difference_with(pairs, z, {-1, estimate}),
          estimate >= 1 ? 1 : difference_with(pairs, -z, {estimate, 1})};
}

}  // namespace llmops::score
