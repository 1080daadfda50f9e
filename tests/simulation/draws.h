#pragma once
/// \file  Drawn data: the same numbers on every machine.
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace llmops::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool chance(double p) { return uniform() < p; }
  double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform()); }
  double exponential() { return -std::log(1 - uniform()); }
  std::uint64_t bits() { return engine_(); }
  /// Jöhnk's method; both parameters small.
  double beta(double a, double b) {
    while (true) {
      const double x = std::pow(uniform(), 1 / a), y = std::pow(uniform(), 1 / b);
      if (x + y <= 1 && x + y > 0) return x / (x + y);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace llmops::simulation
