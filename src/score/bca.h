#pragma once
/// \file  The BCa interval of any statistic, from what was drawn. Private to this room.
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "score/statistics.h"

namespace llmops::score {

/// The statistic without one unit, for as many units as give the same.
struct LeftOut {
  double value = 0, count = 1;
};
/// Efron 1987 (JASA 82:171): two-sided, from the statistic of each resample, that of all units, and the jackknife. No
/// resamples: the estimate twice.
Interval bca_interval(std::vector<double> drawn, double estimate, const std::vector<LeftOut>& jackknife,
                      double confidence);

/// Places drawn by a seed, the same on every machine (std::uniform_int_distribution is not): two of each 64 bits of the
/// Mersenne twister, the upper half first.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(seed) {}
  /// Below `size`, which is at most 2^32; each place within 2^-32 as likely as any.
  std::size_t place(std::size_t size) {
    const std::uint64_t half = left_ ? bits_ & 0xffffffffU : (bits_ = random_()) >> 32;
    left_ = !left_;
    return static_cast<std::size_t>(half * size >> 32);
  }

 private:
  std::mt19937_64 random_;
  std::uint64_t bits_ = 0;
  bool left_ = false;
};

}  // namespace llmops::score
