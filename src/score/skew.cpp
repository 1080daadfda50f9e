#include <algorithm>
#include <cmath>

#include "score/statistics.h"

namespace llmops::score {
namespace {

/// Hall's cubic in t has these: t + a t² + a² t³ / 3 + b.
struct Cubic {
  double a = 0, b = 0;
};

Cubic cubic_of(const Mean& mean) {
  if (mean.groups < 3) return {};
  const double share = mean.skewness / std::sqrt(static_cast<double>(mean.groups));
  return {share / 3, share / 6};
}

}  // namespace

double remove_skew(const Mean& mean, double t) {
  const auto [a, b] = cubic_of(mean);
  return t * (1 + a * t * (1 + a * t / 3)) + b;
}

double restore_skew(const Mean& mean, double t) {
  const auto [a, b] = cubic_of(mean);
  if (std::fabs(a) < 1e-9) return t - b;
  return (std::cbrt(1 + 3 * a * (t - b)) - 1) / a;
}

Interval skewed_interval_of(const Mean& mean, double confidence) {
  if (!mean.standard_error) return {mean.mean, mean.mean};
  const double t = t_quantile((1 + confidence) / 2, mean.degrees);
  const double error = *mean.standard_error;
  return {mean.mean - std::max(t, restore_skew(mean, t)) * error,
          mean.mean - std::min(-t, restore_skew(mean, -t)) * error};
}

}  // namespace llmops::score
