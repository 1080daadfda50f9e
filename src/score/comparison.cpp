#include "score/comparison.h"

#include <algorithm>
#include <cmath>

#include "score/evidence.h"

namespace llmops::score {
namespace {

constexpr double kFewDiscordant = 25;
constexpr std::size_t kFewestToDraw = 20;

/// The pairs with a value on both sides.
struct Pairs {
  std::vector<double> a, b, differences;
  std::vector<std::size_t> clusters;
  Shares shares;
};

Pairs known_pairs(const PairedValues& paired, Comparison& out) {
  Pairs pairs;
  pairs.shares.effective = paired.shares.effective;
  for (std::size_t i = 0; i < paired.a.size(); ++i) {
    const auto &left = paired.a[i], &right = paired.b[i];
    if (!left || !right || !std::isfinite(*left) || !std::isfinite(*right)) {
      ++out.errors;
      continue;
    }
    pairs.a.push_back(*left);
    pairs.b.push_back(*right);
    pairs.differences.push_back(*right - *left);
    if (!paired.clusters.empty()) pairs.clusters.push_back(paired.clusters[i]);
    if (pairs.shares.effective > 0) pairs.shares.own.push_back(paired.shares.own[i]);
  }
  return pairs;
}

struct Counts {
  std::int64_t up = 0, down = 0;
  double all() const { return static_cast<double>(up + down); }
};

Counts counts_of(const std::vector<double>& differences) {
  Counts out;
  for (const double difference : differences) {
    if (difference > 0) ++out.up;
    if (difference < 0) ++out.down;
  }
  return out;
}

double two_sided(const Evidence& evidence) {
  return std::min(1.0, 2 * std::min(evidence.p_above.value_or(1), evidence.p_below.value_or(1)));
}

void compare_right_and_wrong(const Pairs& pairs, Comparison& out) {
  if (!pairs.clusters.empty()) {
    out.test = Test::clustered;
    return;
  }
  const auto counts = counts_of(pairs.differences);
  if (counts.all() < kFewDiscordant) {
    out.test = Test::mcnemar;
    out.p = mcnemar(counts.down, counts.up).two_sided;
  } else {
    out.test = Test::score;
    const double statistic = static_cast<double>(counts.up - counts.down) / std::sqrt(counts.all());
    out.p = 2 * normal_cdf(-std::fabs(statistic));
  }
}

void compare_amounts(const Pairs& pairs, const ComparisonOptions& options, Comparison& out) {
  const bool clustered = !pairs.clusters.empty();
  out.test = clustered ? Test::clustered : Test::paired_t;
  if (out.groups < kFewestToDraw) return;
  const auto drawn = bca_mean(pairs.differences, pairs.clusters,
                              {expanded(options.confidence, out.groups), options.resamples, options.seed});
  out.low = std::min(out.low, drawn.low);
  out.high = std::max(out.high, drawn.high);
  out.test = clustered ? Test::clustered_boot : Test::bootstrap;
}

/// Of one differing pair among n: what can be told where none was seen.
double least_error(double n) { return 1 / n; }

}  // namespace

std::string_view to_string(Test test) {
  switch (test) {
    case Test::none:
      return "";
    case Test::mcnemar:
      return "mcnemar-exact";
    case Test::score:
      return "score";
    case Test::paired_t:
      return "paired-t";
    case Test::bootstrap:
      return "bootstrap-bca";
    case Test::clustered:
      return "clustered-t";
    case Test::clustered_boot:
      return "clustered-bootstrap-bca";
  }
  return "";
}

Comparison compare(const CellMetric& a, const CellMetric& b, const MetricInfo& metric, const ComparisonOptions& options,
                   const Where& where) {
  Comparison out;
  out.metric = metric;
  const auto paired = pair_values(a, b, where);
  out.dropped = paired.dropped;
  const auto pairs = known_pairs(paired, out);
  out.n = pairs.differences.size();
  if (out.n == 0) return out;
  out.a = mean_of(pairs.a).mean;
  out.b = mean_of(pairs.b).mean;

  Measured measured;
  measured.form = Measured::Form::differences;
  measured.values = pairs.differences;
  measured.clusters = pairs.clusters;
  measured.shares = pairs.shares;
  const bool within = metric.scale != Scale::amount && all_between_0_and_1(pairs.a) && all_between_0_and_1(pairs.b);
  measured.bounded = within || !measured.of_cases();
  measured.whole = within && measured.of_cases() && all_whole(pairs.a) && all_whole(pairs.b);
  const auto evidence = evidence_of(measured, {0, (1 + options.confidence) / 2});
  out.groups = evidence.groups;
  out.difference = evidence.mean.mean;
  out.low = evidence.low;
  out.high = evidence.high;
  if (!evidence.mean.standard_error) return out;

  if (evidence.constant) {  // No spread, and nothing that bounds the next case.
    if (ties(out.difference, 0)) out.p = 1;
    return out;
  }
  out.p = two_sided(evidence);
  if (measured.whole) {
    compare_right_and_wrong(pairs, out);
  } else {
    compare_amounts(pairs, options, out);
  }
  const double error =
      std::max(*evidence.mean.standard_error,
               measured.whole || !measured.of_cases() ? least_error(static_cast<double>(out.groups)) : 0.0);
  if (error > 0) {
    out.smallest_detectable = (normal_quantile((1 + options.confidence) / 2) + normal_quantile(options.power)) * error;
  }
  return out;
}

}  // namespace llmops::score
