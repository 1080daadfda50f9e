#include "score/special_functions.h"

#include <math.h>  // lgamma_r: std::lgamma writes a global

#include <cmath>
#include <limits>

namespace llmops::score {
namespace {

/// Lentz's method keeps its two quotients away from zero.
double away_from_zero(double value) {
  constexpr double kTiny = 1e-300;
  return std::fabs(value) < kTiny ? kTiny : value;
}

/// Converges in about sqrt(max(a, b)) rounds for x < (a + 1) / (a + b + 2).
double continued_fraction(double a, double b, double x) {
  constexpr int kRounds = 20'000;
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double out = d;
  for (int m = 1; m <= kRounds; ++m) {
    const double twice = 2.0 * m;
    const double even = m * (b - m) * x / ((a + twice - 1) * (a + twice));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    out *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    const double change = d * c;
    out *= change;
    if (std::fabs(change - 1) < 4 * std::numeric_limits<double>::epsilon()) break;
  }
  return out;
}

}  // namespace

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double incomplete_beta(double a, double b, double x) {
  if (std::isnan(x) || !(a > 0) || !(b > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * continued_fraction(a, b, x) / a;
  return 1 - front * continued_fraction(b, a, 1 - x) / b;
}

}  // namespace llmops::score
