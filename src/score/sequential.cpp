#include "score/sequential.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "score/moments.h"

namespace llmops::score {
namespace {

constexpr std::size_t kStakes = 12;
constexpr int kHalvings = 40;

/// 0.95, and each two thirds of the one before: near enough to the best stake for effects of a hundredth and more.
std::array<double, kStakes> stakes() {
  std::array<double, kStakes> out{};
  double stake = 0.95;
  for (auto& each : out) {
    each = stake;
    stake *= 2.0 / 3;
  }
  return out;
}

/// ρ² that makes the sequence narrowest at `kSharpest` groups.
double rho_squared() {
  const double twice = -2 * std::log(2 * 0.05);
  return (twice + std::log(twice + 1)) / kSharpest;
}

}  // namespace

Bets::Bets(std::span<const double> scores) : mean_(average(scores)) {
  std::map<double, double> counts;
  for (const double score : scores) counts[score] += 1;
  for (const auto& [value, count] : counts) {
    scores_.push_back({value, count});
    mirrored_.push_back({1 - value, count});
  }
}

double Bets::log_wealth(const std::vector<Score>& scores, double m, double growth) {
  std::array<double, kStakes> logs{};
  static const auto all = stakes();
  for (std::size_t i = 0; i < kStakes; ++i) {
    for (const auto& [value, count] : scores) logs[i] += growth * count * std::log1p(all[i] * (value / m - 1));
  }
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - most);
  return most + std::log(sum / kStakes);
}

double Bets::log_against_at_most(double m, double growth) const { return log_wealth(scores_, m, growth); }

double Bets::log_against_at_least(double m, double growth) const { return log_wealth(mirrored_, 1 - m, growth); }

double Bets::least_mean(const std::vector<Score>& scores, double mean, double alpha) {
  double low = 0, high = mean;
  for (int round = 0; round < kHalvings; ++round) {
    const double middle = (low + high) / 2;
    (middle > 0 && log_wealth(scores, middle, 1) < -std::log(alpha) ? high : low) = middle;
  }
  return low;
}

Interval Bets::bounds(double alpha) const {
  return {least_mean(scores_, mean_, alpha), 1 - least_mean(mirrored_, 1 - mean_, alpha)};
}

double sequence_width(double groups, double alpha) {
  const double k = groups * rho_squared();
  return std::sqrt(2 * (k + 1) / k * std::log1p(std::sqrt(k + 1) / (2 * alpha)));
}

double sequence_alpha(double groups, double width) {
  if (!(width > 0)) return 1;
  const double k = groups * rho_squared();
  return std::min(1.0, std::sqrt(k + 1) / (2 * std::expm1(square(width) * k / (2 * (k + 1)))));
}

}  // namespace llmops::score
