#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>

#include "score/special_functions.h"
#include "score/statistics.h"

namespace llmops::score {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A polynomial, lowest power first.
double polynomial(std::span<const double> coefficients, double x) {
  double out = 0;
  for (auto it = coefficients.rbegin(); it != coefficients.rend(); ++it) out = out * x + *it;
  return out;
}

// Wichura's PPND16: numerator and denominator for the middle, the shoulders and the tails.
constexpr double kA[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                         1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                         3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double kB[] = {1.0,
                         4.2313330701600911252e1,
                         6.8718700749205790830e2,
                         5.3941960214247511077e3,
                         2.1213794301586595867e4,
                         3.9307895800092710610e4,
                         2.8729085735721942674e4,
                         5.2264952788528545610e3};
constexpr double kC[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                         3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                         2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kD[] = {1.0,
                         2.05319162663775882187e0,
                         1.67638483018380384940e0,
                         6.89767334985100004550e-1,
                         1.48103976427480074590e-1,
                         1.51986665636164571966e-2,
                         5.47593808499534494600e-4,
                         1.05075007164441684324e-9};
constexpr double kE[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                         2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                         2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kF[] = {1.0,
                         5.99832206555887937690e-1,
                         1.36929880922735805310e-1,
                         1.48753612908506148525e-2,
                         7.86869131145613259100e-4,
                         1.84631831751005468180e-5,
                         1.42151175831644588870e-7,
                         2.04426310338993978564e-15};

double t_density(double t, double df) {
  const double log_norm = log_gamma((df + 1) / 2) - log_gamma(df / 2);
  return std::exp(log_norm - (df + 1) / 2 * std::log1p(t * t / df)) / std::sqrt(df * std::numbers::pi);
}

}  // namespace

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double q) {
  if (std::isnan(q) || q < 0 || q > 1) return kNaN;
  if (q == 0) return -kInfinity;
  if (q == 1) return kInfinity;
  const double centred = q - 0.5;
  if (std::fabs(centred) <= 0.425) {
    const double r = 0.180625 - centred * centred;
    return centred * polynomial(kA, r) / polynomial(kB, r);
  }
  const double r = std::sqrt(-std::log(centred < 0 ? q : 1 - q));
  const double size =
      r <= 5 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6) : polynomial(kE, r - 5) / polynomial(kF, r - 5);
  return centred < 0 ? -size : size;
}

double t_cdf(double t, double df) {
  if (std::isnan(t) || !(df > 0)) return kNaN;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  const double tail = 0.5 * incomplete_beta(df / 2, 0.5, df / (df + t * t));
  return t > 0 ? 1 - tail : tail;
}

double t_quantile(double q, double df) {
  if (std::isnan(q) || q < 0 || q > 1 || !(df > 0)) return kNaN;
  if (q == 0) return -kInfinity;
  if (q == 1) return kInfinity;
  if (q == 0.5) return 0;
  if (q > 0.5) return -t_quantile(1 - q, df);

  double low = -1, high = 0;
  while (t_cdf(low, df) > q) low *= 2;
  double t = std::max(normal_quantile(q), low);
  for (int round = 0; round < 200 && high - low > 1e-14 * std::fabs(low); ++round) {
    const double excess = t_cdf(t, df) - q;
    (excess > 0 ? high : low) = t;
    double next = t - excess / t_density(t, df);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::fabs(next - t) < 1e-14 * std::fabs(t)) return next;
    t = next;
  }
  return t;
}

double binomial_cdf(std::int64_t k, std::int64_t n, double p) {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incomplete_beta(static_cast<double>(n - k), static_cast<double>(k + 1), 1 - p);
}

}  // namespace llmops::score
