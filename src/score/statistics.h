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
  double degrees = 0;      ///< Of Student's t: n - 1; with clusters at most G - 1.
  std::size_t groups = 0;  ///< What the standard error rests on: cases, or clusters.
  double skewness = 0;     ///< Of those, with the sample's bias taken out (G1); 0 for fewer than three.
};
Mean mean_of(std::span<const double> values);
/// The clusters' numbers stand beside the values. Bell & McCaffrey 2002 (Survey Methodology 28:169), CR2: the sum of
/// each cluster's deviations, divided by the root of the share of cases that are not its own. With clusters of one size
/// that is Liang & Zeger's 1986 (Biometrika 73:13) with the factor G / (G - 1). The degrees of freedom are those of
/// Imbens & Kolesár 2016 (Rev. Econ. Stat. 98:701), with the correlation within clusters by analysis of variance, at
/// least 1: a few large clusters count for less than their number. Fewer than two clusters: no standard error.
Mean clustered_mean_of(std::span<const double> values, std::span<const std::size_t> clusters);
/// Student's t interval, two-sided. Without a standard error: the mean twice.
Interval interval_of(const Mean& mean, double confidence);

/// Hall 1992 (J. R. Stat. Soc. B 54:221): what a t = (m - true mean) / SE would be if the sample were not skewed;
/// increasing in t. `restore_skew` turns it round.
double remove_skew(const Mean& mean, double t);
double restore_skew(const Mean& mean, double t);
/// Student's interval, and Hall's where that reaches further: for a skewed sample Student's promises too much at the
/// end of the long tail.
Interval skewed_interval_of(const Mean& mean, double confidence);

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
/// empty). All differences equal: that value twice. In small samples it is too short; `expanded` mends part of that.
Interval bca_mean(std::span<const double> differences, std::span<const std::size_t> clusters,
                  const BootstrapOptions& options);
/// Hesterberg 2015 (The American Statistician 69:371): the confidence to ask of a bootstrap over `groups` (2 and more)
/// for one of `confidence`, Φ for sqrt(n / (n - 1)) · t: resamples spread less than samples by (n - 1) / n, and
/// normally.
double expanded(double confidence, std::size_t groups);

}  // namespace llmops::score
