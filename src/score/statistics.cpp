#include "score/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "score/moments.h"

namespace llmops::score {

Interval wilson(double x, double n, double confidence) {
  if (!(n > 0)) return {0, 1};
  const double z2 = square(normal_quantile((1 + confidence) / 2));
  const double p = x / n;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = std::sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return {x <= 0 ? 0 : std::max(0.0, centre - half), x >= n ? 1 : std::min(1.0, centre + half)};
}

Mean mean_of(std::span<const double> values) {
  Mean out;
  out.n = out.groups = values.size();
  out.mean = average(values);
  if (out.n < 2) return out;
  const double n = static_cast<double>(out.n);
  out.degrees = n - 1;
  if (all_equal(values)) {
    out.mean = values.front();
    out.standard_error = 0;
    return out;
  }
  double squares = 0;
  for (const double value : values) squares += square(value - out.mean);
  out.standard_error = std::sqrt(squares / (n - 1) / n);
  out.skewness = skewness(values);
  return out;
}

Interval interval_of(const Mean& mean, double confidence) {
  if (!mean.standard_error) return {mean.mean, mean.mean};
  const double half = t_quantile((1 + confidence) / 2, mean.degrees) * *mean.standard_error;
  return {mean.mean - half, mean.mean + half};
}

McNemar mcnemar(std::int64_t b, std::int64_t c) {
  const auto flips = b + c;
  if (flips == 0) return {};
  const auto at_most = [flips](std::int64_t k) { return binomial_cdf(k, flips, 0.5); };
  return {std::min(1.0, 2 * at_most(std::min(b, c))), at_most(b), at_most(c)};
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> out(p.size());
  double highest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    highest = std::max(highest, std::min(1.0, static_cast<double>(p.size() - rank) * p[order[rank]]));
    out[order[rank]] = highest;
  }
  return out;
}

}  // namespace llmops::score
