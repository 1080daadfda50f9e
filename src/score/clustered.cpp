#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "score/moments.h"
#include "score/statistics.h"

namespace llmops::score {
namespace {

struct Cluster {
  double size = 0;
  double deviation = 0;  ///< The sum over its cases of value − mean.
};

std::vector<Cluster> clusters_of(std::span<const double> values, std::span<const std::size_t> clusters, double mean) {
  std::vector<Cluster> out;
  std::unordered_map<std::size_t, std::size_t> places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto [place, added] = places.try_emplace(clusters[i], out.size());
    if (added) out.emplace_back();
    out[place->second].size += 1;
    out[place->second].deviation += values[i] - mean;
  }
  return out;
}

/// The share of the variance that lies between clusters, from one-way analysis of variance; not below 0.
double correlation_within(std::span<const double> values, double mean, const std::vector<Cluster>& clusters) {
  const auto n = static_cast<double>(values.size()), groups = static_cast<double>(clusters.size());
  double total = 0, between = 0, sizes = 0;
  for (const double value : values) total += square(value - mean);
  for (const auto& cluster : clusters) {
    between += square(cluster.deviation) / cluster.size;
    sizes += square(cluster.size);
  }
  const double within_mean = std::max(0.0, total - between) / std::max(1.0, n - groups);
  const double typical_size = (n - sizes / n) / (groups - 1);
  const double excess = std::max(0.0, (between / (groups - 1) - within_mean) / typical_size);
  return excess > 0 ? excess / (excess + within_mean) : 0;
}

/// Satterthwaite's degrees of freedom, (tr M)² / tr M², of the weighted squares of the clusters' deviations, whose
/// covariance M is that of a constant correlation within clusters.
double degrees_of(const std::vector<Cluster>& clusters, double n, double correlation) {
  double variance = 0;
  for (const auto& [size, deviation] : clusters) variance += size * (1 + (size - 1) * correlation);
  double trace = 0, squares = 0, q0 = 0, q1 = 0, q2 = 0;
  const double shared = variance / square(n);
  for (const auto& [size, deviation] : clusters) {
    const double weight = 1 / (1 - size / n);
    const double each = 1 + (size - 1) * correlation;
    const double own = weight * (size * each * (1 - 2 * size / n) + square(size) * shared);
    const double q = weight * square(size);
    trace += own;
    squares += square(own) - square(q * (shared - 2 * each / n));
    q0 += q;
    q1 += q * each;
    q2 += q * square(each);
  }
  // All pairs g, h of q_g q_h (shared − (each_g + each_h) / n)²; those of g = h were taken off above.
  squares += square(shared * q0) - 4 * shared * q0 * q1 / n + 2 * (q0 * q2 + square(q1)) / square(n);
  return squares > 0 ? square(trace) / squares : 0;
}

}  // namespace

Mean clustered_mean_of(std::span<const double> values, std::span<const std::size_t> clusters) {
  Mean out;
  out.n = values.size();
  out.mean = average(values);
  if (!values.empty() && all_equal(values)) out.mean = values.front();
  const auto groups = clusters_of(values, clusters, out.mean);
  out.groups = groups.size();
  if (out.groups < 2) return out;

  const auto n = static_cast<double>(out.n);
  std::vector<double> scaled;
  double squares = 0;
  for (const auto& group : groups) {
    scaled.push_back(group.deviation / std::sqrt(1 - group.size / n));
    squares += square(scaled.back());
  }
  out.standard_error = std::sqrt(squares) / n;
  out.skewness = skewness(scaled);
  const double degrees = degrees_of(groups, n, correlation_within(values, out.mean, groups));
  out.degrees = std::clamp(degrees, 1.0, static_cast<double>(out.groups - 1));
  return out;
}

}  // namespace llmops::score
