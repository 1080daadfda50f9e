// Fixed seeds: how often a decision is wrong where the truth lies exactly on the line.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "score/decision.h"

using namespace llmops::score;

namespace {

const MetricInfo kAccuracy{"accuracy", Scale::binary, Better::higher, ""};
const MetricInfo kLatency{"latency", Scale::amount, Better::lower, "ms"};
constexpr int kRounds = 2000;

/// The same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

 private:
  std::mt19937_64 engine_;
};

struct Rates {
  double pass = 0, fail = 0;
};

template <class Decide>
Rates rates_of(const Decide& decide_once) {
  Rates out;
  for (int round = 0; round < kRounds; ++round) {
    const auto decision = decide_once();
    out.pass += decision == Decision::pass ? 1.0 / kRounds : 0;
    out.fail += decision == Decision::fail ? 1.0 / kRounds : 0;
  }
  return out;
}

struct Setup {
  std::size_t n = 0;
  double margin = 0;
  double noise = 0;  ///< Share of pairs that differ each way besides the margin.
  double repeats = 1;
};

/// A candidate that is worse by exactly the margin.
Decision at_the_margin(Random& random, const Setup& setup) {
  Values a(setup.n, 1.0), b(setup.n, 1.0);
  const double mean_drop = (setup.repeats + 1) / (2 * setup.repeats);
  for (std::size_t i = 0; i < setup.n; ++i) {
    const double drop = std::ceil((1 - random.uniform()) * setup.repeats) / setup.repeats;
    const double u = random.uniform() * mean_drop;
    if (u < setup.noise + setup.margin)
      a[i] = 1 - drop;
    else if (u < 2 * setup.noise + setup.margin)
      b[i] = 1 - drop;
  }
  return decide_paired(kAccuracy, {a, b}, Rule::not_worse_by, setup.margin, {}).decision;
}

}  // namespace

TEST_SUITE("score/simulation") {
  TEST_CASE("at the margin a pair of 0/1 sides passes, and fails, about one time in twenty") {
    Random random(1);
    for (const Setup setup : {Setup{240, 0.02, 0.1}, Setup{240, 0.05, 0.02}, Setup{1000, 0.02, 0.02}}) {
      CAPTURE(setup.n);
      const auto rates = rates_of([&] { return at_the_margin(random, setup); });
      CHECK(rates.pass > 0.03);
      CHECK(rates.pass < 0.065);
      CHECK(rates.fail > 0.03);
      CHECK(rates.fail < 0.07);
    }
  }

  TEST_CASE("it does not pass more often where every differing pair is a loss, and few are") {
    Random random(2);
    for (const Setup setup : {Setup{240, 0.02, 0}, Setup{50, 0.05, 0}, Setup{240, 0.05, 0, 3}}) {
      CAPTURE(setup.n);
      CHECK(rates_of([&] { return at_the_margin(random, setup); }).pass < 0.065);
    }
  }

  TEST_CASE("two equal sides are rarely told apart") {
    Random random(3);
    const auto rates = rates_of([&] { return at_the_margin(random, {240, 0, 0.1}); });
    CHECK(rates.pass > 0.02);
    CHECK(rates.pass < 0.06);
    CHECK(rates.fail < 0.06);
  }

  TEST_CASE("amounts at the margin keep the level in small samples") {
    Random random(4);
    for (const std::size_t n : {std::size_t{8}, std::size_t{60}}) {
      CAPTURE(n);
      const auto rates = rates_of([&] {
        Values a, b;
        for (std::size_t i = 0; i < n; ++i) {
          const double hard = 500 + 100 * random.normal();
          a.emplace_back(hard + 20 + 30 * random.normal());
          b.emplace_back(hard + 30 * random.normal());
        }
        return decide_paired(kLatency, {a, b}, Rule::not_worse_by, 20, {}).decision;
      });
      CHECK(rates.pass > 0.035);
      CHECK(rates.pass < 0.067);
      CHECK(rates.fail < 0.067);
    }
  }

  TEST_CASE("a rate that is exactly what is asked passes about one time in twenty") {
    Random random(5);
    for (const double share : {0.6, 0.9, 0.98}) {
      CAPTURE(share);
      const auto rates = rates_of([&] {
        Values values;
        for (int i = 0; i < 240; ++i) values.emplace_back(random.uniform() < share ? 1 : 0);
        return decide(kAccuracy, {values}, Rule::at_least, share, {}).decision;
      });
      CHECK(rates.pass > 0.03);
      CHECK(rates.pass < 0.07);
      CHECK(rates.fail < 0.075);
    }
  }
}
