#include "score/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "score/moments.h"
#include "score/sequential.h"

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
std::vector<double> group_means(const std::vector<double>& values, const std::vector<std::size_t>& clusters) {
  if (clusters.empty()) return values;
  std::unordered_map<std::size_t, std::pair<double, double>> totals;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto& [sum, count] = totals[clusters[i]];
    sum += values[i];
    count += 1;
  }
  std::vector<double> out;
  for (const auto& [cluster, total] : totals) out.push_back(total.first / total.second);
  return out;
}

std::vector<double> group_means(const Measured& sample) { return group_means(sample.values, sample.clusters); }

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
  double scale = n / static_cast<double>(sample.values.size());
  // Parts of a statistic may add up to more.
  if (const double all = (out.only_a + out.only_b) * scale; all > n) scale *= n / all;
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
  const auto n = sample.of_cases() ? static_cast<double>(sample.values.size()) : sample.shares.effective;
  if (sample.clusters.empty()) return n;
  if (is_constant(mean)) return std::min(n, static_cast<double>(mean.groups));
  const double alone = mean_of(sample.values).standard_error.value_or(0);
  const double design = std::max(1.0, square(*mean.standard_error / alone));
  const double student = normal_quantile(question.confidence) / t_quantile(question.confidence, mean.degrees);
  return n / design * square(student);
}

Bounds bounds_of(const Measured& sample, const Mean& mean, const Question& question) {
  const auto& scores = sample.of_cases() ? sample.values : sample.shares.own;
  const bool few = sample.bounded && is_sparse(group_means(scores, sample.clusters));
  if (!sample.whole && !few) return mean_bounds(mean, question);
  const auto shares = share_bounds(sample, mean, effective_size(sample, mean, question), question);
  return sample.whole || is_constant(mean) ? shares : wider(shares, mean_bounds(mean, question));
}

/// The least growth of a sample with which `settles(growth)`, up to the most further cases that are ever named; 1 at
/// least, and infinity where none is enough.
template <class Settles>
double growth_to(double n, const Settles& settles) {
  double low = 1, high = (n + static_cast<double>(kMostFurtherCases)) / n;
  if (settles(low)) return low;
  if (!settles(high)) return kInfinity;
  while (high / low > 1 + 1e-9) {
    const double middle = std::sqrt(low * high);
    (settles(middle) ? high : low) = middle;
  }
  return high;
}

/// A bettor's chance of having won so much, or more, where there is nothing to find.
double chance_of(double log_wealth) { return std::min(1.0, std::exp(-log_wealth)); }

/// Bets on values from 0 to 1, or on differences of such, moved there.
Bounds bet_bounds(const Measured& sample, const Question& question) {
  const bool differences = sample.form == Measured::Form::differences;
  const auto moved = [&](double value) { return differences ? (value + 1) / 2 : value; };
  const auto back = [&](double value) { return differences ? 2 * value - 1 : value; };
  auto scores = group_means(sample);
  for (auto& score : scores) score = moved(score);
  const Bets bets(scores);
  const double alpha = 1 - question.confidence, mean = average(scores), threshold = moved(question.threshold);
  const auto interval = bets.bounds(alpha);
  Bounds out{back(interval.low), back(interval.high), 0, 1, 1};
  if (threshold <= 0 || threshold >= 1) {  // Nothing is to be bet: no mean lies beyond.
    out.p_above = mean > threshold ? 0 : 1;
    out.p_below = mean < threshold ? 0 : 1;
    out.reach = ties(mean, threshold) ? 0 : kInfinity;
    return out;
  }
  out.p_above = chance_of(bets.log_against_at_most(threshold));
  out.p_below = chance_of(bets.log_against_at_least(threshold));
  const double wanted = -std::log(alpha);
  const double growth = growth_to(static_cast<double>(scores.size()), [&](double times) {
    return (mean > threshold ? bets.log_against_at_most(threshold, times)
                             : bets.log_against_at_least(threshold, times)) >= wanted;
  });
  out.reach = ties(mean, threshold) ? 0 : 1 / std::sqrt(growth);
  return out;
}

/// A distance in standard errors, or what is left of it without the sample's skewness where that is less.
double least_distance(const Mean& mean, double t) {
  const double unskewed = remove_skew(mean, t);
  return t > 0 ? std::clamp(unskewed, 0.0, t) : std::clamp(unskewed, t, 0.0);
}

/// The asymptotic confidence sequence, with Hall's correction where that reaches further.
Bounds sequence_bounds(const Mean& mean, const Question& question) {
  const auto groups = static_cast<double>(mean.groups);
  const double alpha = 1 - question.confidence, error = *mean.standard_error;
  const double width = sequence_width(groups, alpha), distance = (mean.mean - question.threshold) / error;
  const double growth = growth_to(static_cast<double>(mean.n), [&](double times) {
    auto grown = mean;
    grown.groups = static_cast<std::size_t>(groups * times);
    return std::fabs(least_distance(grown, distance * std::sqrt(times))) >= sequence_width(groups * times, alpha);
  });
  const double least = least_distance(mean, distance);
  return {mean.mean - std::max(width, restore_skew(mean, width)) * error,
          mean.mean - std::min(-width, restore_skew(mean, -width)) * error, 1 / std::sqrt(growth),
          sequence_alpha(groups, least), sequence_alpha(groups, -least)};
}

Bounds bounds_at_many_looks(const Measured& sample, const Mean& mean, const Question& question) {
  const bool bets = sample.bounded && sample.of_cases() && (sample.clusters.empty() || is_constant(mean));
  return bets ? bet_bounds(sample, question) : sequence_bounds(mean, question);
}

/// Whether there are no bounds yet that hold at many looks.
bool is_too_early(const Measured& sample, const Mean& mean, const Question& question) {
  const bool bets = sample.bounded && sample.of_cases() && sample.clusters.empty();
  if (question.looks == Looks::once || bets) return false;
  return mean.groups < kFewestLooked;
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
  return question.looks == Looks::once && sample.form == Measured::Form::differences && sample.whole &&
         sample.clusters.empty() && question.threshold == 0;
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
  out.too_early = is_too_early(sample, out.mean, question);
  if (out.too_early) return out;
  if (is_constant(out.mean) && !sample.bounded && !sample.whole) {
    out.constant = true;
    out.reach = ties(out.mean.mean, question.threshold) ? 0 : kInfinity;
    return out;
  }
  const auto bounds = question.looks == Looks::once ? bounds_of(sample, out.mean, question)
                                                    : bounds_at_many_looks(sample, out.mean, question);
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
