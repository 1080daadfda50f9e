#include "score/sequential.h"

#include <doctest/doctest.h>

#include <cmath>

#include "score/decision.h"

using namespace llmops::score;
using doctest::Approx;

namespace {

const MetricInfo kAccuracy{"accuracy", Scale::binary, Better::higher, ""};
const MetricInfo kLatency{"latency", Scale::amount, Better::lower, "ms"};

DecisionOptions sequential() {
  DecisionOptions out;
  out.looks = Looks::many;
  return out;
}

Values rate(std::size_t right, std::size_t n) {
  Values out;
  for (std::size_t i = 0; i < n; ++i) out.emplace_back(i < right ? 1 : 0);
  return out;
}

/// So many pairs that only one side got right, so many that only the other did, and the rest alike.
struct Sides {
  Values a, b;
};
Sides flips(std::size_t only_a, std::size_t only_b, std::size_t n) {
  Sides out;
  for (std::size_t i = 0; i < n; ++i) {
    out.a.emplace_back(i < only_a ? 1 : 0);
    out.b.emplace_back(i >= only_a && i < only_a + only_b ? 1 : 0);
  }
  return out;
}

Values spread(std::size_t n, double mean, double deviation) {
  Values out;
  for (std::size_t i = 0; i < n; ++i) out.emplace_back(mean + (i % 2 ? deviation : -deviation));
  return out;
}

}  // namespace

TEST_SUITE("score/sequential") {
  TEST_CASE("a bettor's wealth is the mean over twelve stakes of the products of what was bet") {
    const std::vector<double> scores = {1, 0, 0.5};
    double sum = 0, stake = 0.95;
    for (int i = 0; i < 12; ++i, stake *= 2.0 / 3) {
      sum += (1 + stake * (1 / 0.4 - 1)) * (1 - stake) * (1 + stake * (0.5 / 0.4 - 1)) / 12;
    }
    const Bets bets(scores);
    CHECK(bets.log_against_at_most(0.4) == Approx(std::log(sum)));
    CHECK(bets.log_against_at_least(0.5) == Approx(bets.log_against_at_most(0.5)));  // Scores even about a half.
    CHECK(bets.log_against_at_most(0.3) > bets.log_against_at_most(0.4));
  }

  TEST_CASE("the bounds are where a bettor has just won enough, and the chance to win so much is at most alpha") {
    std::vector<double> scores(100, 1);
    for (int i = 0; i < 30; ++i) scores[static_cast<std::size_t>(i)] = 0;
    const Bets bets(scores);

    const auto interval = bets.bounds(0.05);

    CHECK(interval.low < 0.7);
    CHECK(interval.high > 0.7);
    CHECK(std::exp(-bets.log_against_at_most(interval.low)) == Approx(0.05));
    CHECK(std::exp(-bets.log_against_at_least(interval.high)) == Approx(0.05));
    CHECK(interval.low < wilson(70, 100, 0.9).low);
    CHECK(interval.low > 0.55);
  }

  TEST_CASE("a few right answers, however many looks, prove little") {
    const auto alone = Bets(std::vector<double>(10, 1.0)).bounds(0.05);
    CHECK(alone.high == 1);
    CHECK(alone.low > 0.4);
    CHECK(alone.low < wilson(10, 10, 0.9).low);
    CHECK(decide(kAccuracy, {rate(10, 10)}, Rule::at_least, 0.78, {}).decision == Decision::pass);
    CHECK(decide(kAccuracy, {rate(10, 10)}, Rule::at_least, 0.78, sequential()).decision == Decision::inconclusive);
  }

  TEST_CASE("the asymptotic sequence has the published width, and its alpha is turned round") {
    // κ = n ρ² at 500 groups: 4.605170 + ln 5.605170 = 6.328859.
    const double k = 6.328859;
    CHECK(sequence_width(500, 0.05) ==
          Approx(std::sqrt(2 * (k + 1) / k * std::log(1 + std::sqrt(k + 1) / 0.1))).epsilon(1e-6));
    CHECK(sequence_alpha(500, sequence_width(500, 0.05)) == Approx(0.05));
    CHECK(sequence_alpha(80, sequence_width(80, 0.001)) == Approx(0.001));
    CHECK(sequence_alpha(80, -1) == 1);
    CHECK(sequence_width(500, 0.05) / std::sqrt(500) < sequence_width(300, 0.05) / std::sqrt(300));
  }

  TEST_CASE("a sequential decision says that its bound is always valid") {
    const auto passed = decide(kAccuracy, {rate(450, 500)}, Rule::at_least, 0.8, sequential());
    CHECK(passed.decision == Decision::pass);
    CHECK(passed.reason.find("with 95 % confidence (always-valid bound 0.") != std::string::npos);
    CHECK(*passed.p < 0.05);

    const auto open = decide(kAccuracy, {rate(420, 500)}, Rule::at_least, 0.8, sequential());
    CHECK(open.decision == Decision::inconclusive);
    CHECK(open.reason.starts_with("inconclusive: always-valid bound 0."));
    CHECK(decide(kAccuracy, {rate(420, 500)}, Rule::at_least, 0.8, {}).decision == Decision::pass);
    CHECK(decide(kAccuracy, {rate(350, 500)}, Rule::at_least, 0.8, sequential()).decision == Decision::fail);
    CHECK(decide(kAccuracy, {rate(30, 500)}, Rule::at_most, 0.1, sequential()).decision == Decision::pass);
  }

  TEST_CASE("the cases that a sequential decision needs are those that settle it, and not one less") {
    const auto open = decide(kAccuracy, {rate(42, 50)}, Rule::at_least, 0.8, sequential());
    REQUIRE(open.cases_needed);
    // 42 of 50 again and again, until it is decided.
    std::size_t settled = 50;
    for (std::size_t times = 2; settled == 50; ++times) {
      const auto verdict = decide(kAccuracy, {rate(42 * times, 50 * times)}, Rule::at_least, 0.8, sequential());
      if (verdict.decision == Decision::pass) settled = 50 * times;
    }
    CHECK(*open.cases_needed + 50 <= static_cast<std::int64_t>(settled));
    CHECK(*open.cases_needed + 100 > static_cast<std::int64_t>(settled));
    const auto fixed = decide(kAccuracy, {rate(42, 50)}, Rule::at_least, 0.8, {});
    CHECK(*fixed.cases_needed < *open.cases_needed);
  }

  TEST_CASE("pairs, with and without a margin") {
    const auto few = flips(9, 1, 200), more = flips(60, 10, 600), worse = flips(10, 60, 600);
    CHECK(decide_paired(kAccuracy, {few.a, few.b}, Rule::better_by, 0, {}).decision == Decision::pass);
    CHECK(decide_paired(kAccuracy, {few.a, few.b}, Rule::better_by, 0, sequential()).decision ==
          Decision::inconclusive);
    CHECK(decide_paired(kAccuracy, {more.a, more.b}, Rule::better_by, 0, sequential()).decision == Decision::pass);
    CHECK(decide_paired(kAccuracy, {worse.a, worse.b}, Rule::better_by, 0, sequential()).decision == Decision::fail);
    CHECK(decide_paired(kAccuracy, {worse.a, worse.b}, Rule::not_worse_by, 0.2, sequential()).decision ==
          Decision::pass);
    CHECK(decide_paired(kAccuracy, {worse.a, worse.b}, Rule::not_worse_by, 0.02, sequential()).decision ==
          Decision::fail);
  }

  TEST_CASE("amounts and clusters decide nothing before the fiftieth") {
    CHECK(decide(kLatency, {spread(48, 100, 10)}, Rule::at_most, 150, sequential()).reason ==
          "48 cases are too few to look at again and again: 50 are needed");
    CHECK(decide(kLatency, {spread(60, 100, 10)}, Rule::at_most, 150, sequential()).decision == Decision::pass);
    std::vector<std::size_t> clusters;
    for (std::size_t i = 0; i < 100; ++i) clusters.push_back(i / 5);
    CHECK(decide(kAccuracy, {rate(99, 100), clusters}, Rule::at_least, 0.5, sequential()).reason ==
          "20 clusters are too few to look at again and again: 50 are needed");
    const auto open = decide(kLatency, {spread(60, 100, 40)}, Rule::at_most, 110, sequential());
    CHECK(open.decision == Decision::inconclusive);
    REQUIRE(open.cases_needed);
    const auto enough = static_cast<std::size_t>(60 + *open.cases_needed + 4) / 2 * 2;
    CHECK(decide(kLatency, {spread(enough, 100, 40)}, Rule::at_most, 110, sequential()).decision == Decision::pass);
  }

  TEST_CASE("a share that no mean can pass is decided without bets") {
    CHECK(decide(kAccuracy, {rate(50, 50)}, Rule::at_least, 1, sequential()).decision == Decision::inconclusive);
    CHECK(decide(kAccuracy, {rate(50, 50)}, Rule::at_least, 0, sequential()).decision == Decision::pass);
  }
}
