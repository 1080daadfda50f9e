#pragma once
/// \file  Statistics over cases. Every n counts cases (or clusters), never repeats. Sources stand at each function;
/// z(q) is the standard normal quantile. Everything here is pure and safe from many threads.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace llmops::score {

/// Standard normal distribution and quantile (Wichura 1988, AS 241; about 1e-15).
double normal_cdf(double z);
double normal_quantile(double q);
/// Student's t with `df` degrees of freedom, df >= 1.
double t_cdf(double t, double df);
double t_quantile(double q, double df);
/// P(X <= k) for X ~ Binomial(n, p).
double binomial_cdf(std::int64_t k, std::int64_t n, double p);

struct Interval {
  double low = 0, high = 0;
};

/// Wilson 1927 (JASA 22:209): `x` of `n` at two-sided `confidence`. n = 0: [0, 1].
Interval wilson(double x, double n, double confidence);

/// Pairs of right and wrong answers: how many only one side got right, of how many. Counts may be fractional.
struct PairCounts {
  double only_a = 0, only_b = 0, n = 0;
};
/// The score interval of the difference of rates, a − b, of Tango 1998 (Statistics in Medicine 17:891), at two-sided
/// `confidence`. It stays honest where few pairs differ; with none it is Wilson's bound on the share that does,
/// ±z²/(n + z²). n = 0: [-1, 1].
Interval tango(const PairCounts& pairs, double confidence);
/// Its test statistic against a true difference of `delta`: standard normal there, increasing with a − b.
double tango_statistic(const PairCounts& pairs, double delta);

/// Mean and its standard error, sqrt(sum (s_i - m)^2 / (n - 1) / n). n < 2: no standard error.
struct Mean {
  std::size_t n = 0;
  double mean = 0;
  std::optional<double> standard_error;
  double degrees = 0;  ///< n - 1, or G - 1 with clusters.
};
Mean mean_of(std::span<const double> values);
/// Liang & Zeger 1986 (Biometrika 73:13), CR1: the clusters' numbers stand beside the values. Fewer than two clusters:
/// no standard error.
Mean clustered_mean_of(std::span<const double> values, std::span<const std::size_t> clusters);
/// Half the width of an interval, in standard errors: normal for n >= 30, Student's t below (or with clusters).
/// `q` is the quantile: 0.975 for a two-sided 95 %.
double critical_value(const Mean& mean, double q);
/// Two-sided. Without a standard error: the mean twice.
Interval interval_of(const Mean& mean, double confidence);

/// McNemar 1947 (Psychometrika 12:153), exact: `b` only A right, `c` only B right.
struct McNemar {
  double two_sided = 1;
  double b_better = 1;  ///< One-sided, P(Bin(b + c, 1/2) >= c).
  double a_better = 1;
};
McNemar mcnemar(std::int64_t b, std::int64_t c);

/// Holm 1979 (Scand. J. Stat. 6:65): adjusted p in the given order.
std::vector<double> holm(std::span<const double> p);

/// How a bootstrap is drawn; the same options give the same interval on every machine.
struct BootstrapOptions {
  double confidence = 0.95;  ///< Two-sided.
  std::size_t resamples = 10'000;
  std::uint64_t seed = 1;
};
/// Paired BCa bootstrap of the mean, Efron 1987 (JASA 82:171); whole clusters are drawn where given (else `clusters` is
/// empty). All differences equal: that value twice. Below 20 cases it is too short: prefer t or exact methods.
Interval bca_mean(std::span<const double> differences, std::span<const std::size_t> clusters,
                  const BootstrapOptions& options);

}  // namespace llmops::score
