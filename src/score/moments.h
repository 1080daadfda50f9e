#pragma once
/// \file  Moments of samples. Private to this room.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace llmops::score {

inline double square(double x) { return x * x; }

/// 0 for none.
inline double average(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

inline bool all_equal(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

/// Fisher & Pearson's skewness with its bias for a normal sample taken out, G1 of Joanes & Gill 1998 (The Statistician
/// 47:183). Fewer than three values, or all equal: 0.
inline double skewness(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double mean = average(values);
  double squares = 0, cubes = 0;
  for (const double value : values) {
    const double deviation = value - mean;
    squares += square(deviation);
    cubes += square(deviation) * deviation;
  }
  if (n < 3 || !(squares > 0)) return 0;
  const double third = cubes / n / std::pow(squares / n, 1.5);
  return std::isfinite(third) ? third * std::sqrt(n * (n - 1)) / (n - 2) : 0;
}

}  // namespace llmops::score
