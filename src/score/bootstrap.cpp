#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

#include "score/statistics.h"

namespace llmops::score {
namespace {

/// What is drawn as a whole: a case, or a cluster of cases.
struct Unit {
  double sum = 0;
  double count = 0;
};

std::vector<Unit> units_of(std::span<const double> values, std::span<const std::size_t> clusters) {
  std::vector<Unit> out;
  std::unordered_map<std::size_t, std::size_t> places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto place = out.size();
    if (!clusters.empty()) place = places.try_emplace(clusters[i], out.size()).first->second;
    if (place == out.size()) out.emplace_back();
    out[place].sum += values[i];
    out[place].count += 1;
  }
  return out;
}

/// A place below `size`, the same on every machine (std::uniform_int_distribution is not).
std::size_t draw(std::mt19937_64& random, std::size_t size) { return static_cast<std::size_t>(random() % size); }

/// Sorted means of the resamples.
std::vector<double> resampled_means(const std::vector<Unit>& units, const BootstrapOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<double> out(options.resamples);
  for (double& mean : out) {
    Unit total;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const Unit& unit = units[draw(random, units.size())];
      total.sum += unit.sum;
      total.count += unit.count;
    }
    mean = total.sum / total.count;
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Efron's a, from the jackknife over units.
double acceleration(const std::vector<Unit>& units, const Unit& total) {
  std::vector<double> without;
  double average = 0;
  for (const Unit& unit : units) {
    without.push_back((total.sum - unit.sum) / (total.count - unit.count));
    average += without.back() / static_cast<double>(units.size());
  }
  double squares = 0, cubes = 0;
  for (const double mean : without) {
    const double u = average - mean;
    squares += u * u;
    cubes += u * u * u;
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

/// The share of resamples below the estimate, half of those equal to it, kept off 0 and 1.
double share_below(const std::vector<double>& sorted, double estimate) {
  // The same cases in another order may differ in the last bit.
  const double slack = 1e-12 * std::max(1.0, std::fabs(estimate));
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), estimate - slack);
  const auto last = std::upper_bound(first, sorted.end(), estimate + slack);
  const auto resamples = static_cast<double>(sorted.size());
  const double below = static_cast<double>(first - sorted.begin()), equal = static_cast<double>(last - first);
  return std::clamp((below + equal / 2) / resamples, 1 / (2 * resamples), 1 - 1 / (2 * resamples));
}

/// Linear between neighbours, as numpy's percentile.
double quantile(const std::vector<double>& sorted, double q) {
  const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto index = static_cast<std::size_t>(place);
  if (index + 1 >= sorted.size()) return sorted.back();
  return sorted[index] + (place - static_cast<double>(index)) * (sorted[index + 1] - sorted[index]);
}

}  // namespace

double expanded(double confidence, std::size_t groups) {
  const auto n = static_cast<double>(groups);
  const double z = std::sqrt(n / (n - 1)) * t_quantile((1 + confidence) / 2, n - 1);
  return std::min(1 - 1e-12, 2 * normal_cdf(z) - 1);
}

Interval bca_mean(std::span<const double> differences, std::span<const std::size_t> clusters,
                  const BootstrapOptions& options) {
  if (differences.empty()) return {};
  const auto units = units_of(differences, clusters);
  Unit total;
  for (const Unit& unit : units) total = {total.sum + unit.sum, total.count + unit.count};
  const double estimate = total.sum / total.count;
  const auto [least, most] = std::minmax_element(differences.begin(), differences.end());
  if (*least == *most) return {*least, *least};
  if (units.size() < 2 || options.resamples == 0) return {estimate, estimate};

  const auto means = resampled_means(units, options);
  const double z0 = normal_quantile(share_below(means, estimate));
  const double a = acceleration(units, total);
  const auto end = [&](double q) {
    const double z = z0 + normal_quantile(q);
    return quantile(means, normal_cdf(z0 + z / (1 - a * z)));
  };
  return {end((1 - options.confidence) / 2), end((1 + options.confidence) / 2)};
}

}  // namespace llmops::score
