#include "score/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "score/moments.h"

namespace llmops::score {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kRounding = 1e-12;
constexpr std::size_t kFew = 20;
constexpr std::int64_t kMostFurtherCases = 100'000;

/// Bounds and tests from one method.
struct Bounds {
  double low = 0, high = 0, reach = 0;
  double p_above = 1, p_below = 1;
};

Bounds wider(const Bounds& a, const Bounds& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high), std::min(a.reach, b.reach), std::max(a.p_above, b.p_above),
          std::max(a.p_below, b.p_below)};
}

bool is_constant(const Mean& mean) {
  return mean.standard_error && *mean.standard_error <= kRounding * std::max(1.0, std::fabs(mean.mean));
}

/// The mean of each group: a cluster, or a case where there are none.
std::vector<double> group_means(const Measured& sample) {
  if (sample.clusters.empty()) return sample.values;
  std::unordered_map<std::size_t, std::pair<double, double>> totals;
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    auto& [sum, count] = totals[sample.clusters[i]];
    sum += sample.values[i];
    count += 1;
  }
  std::vector<double> out;
  for (const auto& [cluster, total] : totals) out.push_back(total.first / total.second);
  return out;
}

/// The spread rests on so few groups that it may easily be too small.
bool is_sparse(std::vector<double> groups) {
  const auto middle = groups.begin() + static_cast<std::ptrdiff_t>(groups.size() / 2);
  std::nth_element(groups.begin(), middle, groups.end());
  const auto equal = static_cast<std::size_t>(std::count(groups.begin(), groups.end(), *middle));
  const auto differ = groups.size() - equal;
  return differ < kFew && 2 * differ < groups.size();
}

/// What a distance of `t` standard errors, as Hall's method sees it, is in distances that settle: those of a sample
/// that has grown so far, whose skewness tells less.
double reach_of(const Mean& mean, double t, double confidence) {
  const double offset = remove_skew(mean, 0);
  const double far = std::fabs(remove_skew(mean, t) - offset), near = t < 0 ? -offset : offset;
  double growth = 1;  // Of the square root of n.
  for (int round = 0; round < 3; ++round) {
    const double needed = t_quantile(confidence, std::max(1.0, mean.degrees * square(growth)));
    const double by_hall = (needed + std::sqrt(std::max(0.0, square(needed) - 4 * far * near))) / (2 * far);
    growth = std::clamp(std::max(by_hall, needed / std::fabs(t)), 1e-3, 1e6);
  }
  return 1 / growth;
}

/// The wider of Student's and Hall's bounds.
Bounds mean_bounds(const Mean& mean, const Question& question) {
  const auto interval = skewed_interval_of(mean, 2 * question.confidence - 1);
  const double t = (mean.mean - question.threshold) / *mean.standard_error;
  const double unskewed = remove_skew(mean, t);
  return {interval.low, interval.high, t == 0 ? 0 : reach_of(mean, t, question.confidence),
          t_cdf(-std::min(t, unskewed), mean.degrees), t_cdf(std::max(t, unskewed), mean.degrees)};
}

Bounds from_statistic(Interval interval, double statistic, double z) {
  return {interval.low, interval.high, std::fabs(statistic) / z, normal_cdf(-statistic), normal_cdf(statistic)};
}

/// Wilson's interval turns round the score test, whose variance is that of the threshold.
double wilson_statistic(double share, double n, double threshold) {
  if (ties(share, threshold)) return 0;
  const double variance = threshold * (1 - threshold) / n;
  if (variance <= 0) return share > threshold ? kInfinity : -kInfinity;
  return (share - threshold) / std::sqrt(variance);
}

PairCounts pair_counts(const Measured& sample, double n) {
  PairCounts out{0, 0, n};
  for (const double difference : sample.values) (difference > 0 ? out.only_a : out.only_b) += std::fabs(difference);
  const double scale = n / static_cast<double>(sample.values.size());
  out.only_a *= scale;
  out.only_b *= scale;
  return out;
}

/// Bounds that count successes, for a sample of `n` cases like this one.
Bounds share_bounds(const Measured& sample, const Mean& mean, double n, const Question& question) {
  const double two_sided = 2 * question.confidence - 1;
  const double z = normal_quantile(question.confidence);
  if (sample.form == Measured::Form::scores) {
    return from_statistic(wilson(mean.mean * n, n, two_sided), wilson_statistic(mean.mean, n, question.threshold), z);
  }
  const auto pairs = pair_counts(sample, n);
  return from_statistic(tango(pairs, two_sided), tango_statistic(pairs, question.threshold), z);
}

/// How many cases that stand alone would tell as much of a share as these do: their number by the design effect, and by
/// as much again as Student's t is wider. Clusters whose spread is not known count one each.
double effective_size(const Measured& sample, const Mean& mean, const Question& question) {
  const auto n = static_cast<double>(sample.values.size());
  if (sample.clusters.empty()) return n;
  if (is_constant(mean)) return static_cast<double>(mean.groups);
  const double alone = mean_of(sample.values).standard_error.value_or(0);
  const double design = std::max(1.0, square(*mean.standard_error / alone));
  const double student = normal_quantile(question.confidence) / t_quantile(question.confidence, mean.degrees);
  return n / design * square(student);
}

Bounds bounds_of(const Measured& sample, const Mean& mean, const Question& question) {
  if (!sample.whole && !(sample.bounded && is_sparse(group_means(sample)))) return mean_bounds(mean, question);
  const auto shares = share_bounds(sample, mean, effective_size(sample, mean, question), question);
  return sample.whole || is_constant(mean) ? shares : wider(shares, mean_bounds(mean, question));
}

struct Flips {
  std::int64_t only_a = 0, only_b = 0;
};

Flips flips_of(const Measured& sample, double growth) {
  const auto counts = pair_counts(sample, static_cast<double>(sample.values.size()) * growth);
  return {std::llround(counts.only_a), std::llround(counts.only_b)};
}

/// Pairs of right and wrong against a threshold of 0, where the exact test is to be had.
bool is_exact(const Measured& sample, const Question& question) {
  return sample.form == Measured::Form::differences && sample.whole && sample.clusters.empty() &&
         question.threshold == 0;
}

/// The least n above this sample's with which McNemar's test would settle it.
std::optional<std::int64_t> exact_cases(const Measured& sample, const Question& question) {
  const auto n = static_cast<std::int64_t>(sample.values.size());
  const auto settles = [&](std::int64_t cases) {
    const auto flips = flips_of(sample, static_cast<double>(cases) / static_cast<double>(n));
    const auto test = mcnemar(flips.only_a, flips.only_b);
    return std::min(test.a_better, test.b_better) <= 1 - question.confidence;
  };
  std::int64_t low = n, high = n + kMostFurtherCases;
  if (!settles(high)) return std::nullopt;
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (settles(middle) ? high : low) = middle;
  }
  return high - n;
}

/// Bounds of a mean no further than a score can be.
void keep_within_scores(const Measured& sample, Evidence& out) {
  if (sample.form != Measured::Form::scores) return;
  if (sample.bounded || sample.amount) out.low = std::max(0.0, out.low);
  if (sample.bounded) out.high = std::min(1.0, out.high);
}

}  // namespace

bool ties(double value, double threshold) {
  const double size = std::max({1.0, std::fabs(value), std::fabs(threshold)});
  return value == threshold || std::fabs(value - threshold) <= kRounding * size;
}

bool all_whole(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0 || value == 1; });
}

bool all_between_0_and_1(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value >= 0 && value <= 1; });
}

bool are_amounts(Scale scale, const std::vector<double>& values) {
  return scale == Scale::amount && std::all_of(values.begin(), values.end(), [](double value) { return value >= 0; });
}

Evidence evidence_of(const Measured& sample, const Question& question) {
  Evidence out;
  out.mean = sample.clusters.empty() ? mean_of(sample.values) : clustered_mean_of(sample.values, sample.clusters);
  out.groups = out.mean.groups;
  out.low = out.high = out.mean.mean;
  if (!out.mean.standard_error) return out;
  if (is_constant(out.mean) && !sample.bounded && !sample.whole) {
    out.constant = true;
    out.reach = ties(out.mean.mean, question.threshold) ? 0 : kInfinity;
    return out;
  }
  const auto bounds = bounds_of(sample, out.mean, question);
  out.low = bounds.low;
  out.high = bounds.high;
  keep_within_scores(sample, out);
  out.reach = bounds.reach;
  out.p_above = bounds.p_above;
  out.p_below = bounds.p_below;
  if (is_exact(sample, question)) {
    const auto flips = flips_of(sample, 1);
    const auto test = mcnemar(flips.only_a, flips.only_b);
    out.exact = true;
    out.p_above = test.a_better;
    out.p_below = test.b_better;
  }
  return out;
}

std::optional<std::int64_t> cases_to_settle(const Evidence& evidence, const Measured& sample,
                                            const Question& question) {
  if (evidence.exact) return exact_cases(sample, question);
  if (!(evidence.reach > 0)) return std::nullopt;
  const auto n = static_cast<double>(sample.values.size());
  const double further = std::ceil(n / (evidence.reach * evidence.reach) - 1e-9) - n;
  if (!(further <= static_cast<double>(kMostFurtherCases))) return std::nullopt;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(further));
}

}  // namespace llmops::score
