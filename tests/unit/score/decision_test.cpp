#include "score/decision.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "score/statistics.h"

using namespace llmops::score;
using doctest::Approx;

namespace {

const MetricInfo kAccuracy{"accuracy", Scale::binary, Better::higher, ""};
const MetricInfo kSimilarity{"similarity", Scale::graded, Better::higher, ""};
const MetricInfo kLatency{"latency", Scale::amount, Better::lower, "ms"};
const MetricInfo kCost{"cost", Scale::amount, Better::lower, "USD"};

/// `right` ones, then zeros.
Values rate(std::size_t right, std::size_t n) {
  Values out;
  for (std::size_t i = 0; i < n; ++i) out.emplace_back(i < right ? 1 : 0);
  return out;
}

Values fail_first(Values values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i].reset();
  return values;
}

/// Differences of mean 0.01 and standard deviation 0.45 between two graded sides.
struct Pair {
  Values a, b;
};
Pair spread_pairs(std::size_t n, double mean, double deviation) {
  Pair out;
  const double scaled = deviation * std::sqrt(static_cast<double>(n - 1) / static_cast<double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    out.a.emplace_back(0.5 + mean + (i % 2 == 0 ? scaled : -scaled));
    out.b.emplace_back(0.5);
  }
  return out;
}

/// Of n pairs, so many that only one side got right.
Pair flips(std::size_t only_a, std::size_t only_b, std::size_t n) {
  Pair out{rate(n, n), rate(n, n)};
  for (std::size_t i = 0; i < only_b; ++i) out.a[i] = 0;
  for (std::size_t i = 0; i < only_a; ++i) out.b[only_b + i] = 0;
  return out;
}

}  // namespace

TEST_SUITE("score/decision") {
  TEST_CASE("a rate passes when its lower bound reaches what is asked") {
    const auto verdict = decide(kAccuracy, {rate(160, 240)}, Rule::at_least, 0.6, {});

    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.low == Approx(0.61489).epsilon(1e-4));
    CHECK(*verdict.p == Approx(0.01750).epsilon(1e-3));
    CHECK(verdict.n == 240);
    CHECK(verdict.reason == "0.667 ≥ 0.60 with 95 % confidence (bound 0.615, n = 240)");
  }

  TEST_CASE("a rate fails when its upper bound stays below") {
    const auto verdict = decide(kAccuracy, {rate(120, 240)}, Rule::at_least, 0.6, {});

    CHECK(verdict.decision == Decision::fail);
    CHECK(verdict.reason == "0.500 < 0.60 with 95 % confidence (bound 0.553, n = 240)");
  }

  TEST_CASE("between the bounds a rate is inconclusive, and the cases that would settle it do") {
    const auto verdict = decide(kAccuracy, {rate(152, 240)}, Rule::at_least, 0.6, {});

    CHECK(verdict.decision == Decision::inconclusive);
    REQUIRE(verdict.cases_needed);
    CHECK(*verdict.cases_needed == 345);
    CHECK(verdict.reason == "inconclusive: bound 0.581 < 0.60 ≤ 0.683 (n = 240); about 350 more cases would settle it");
    CHECK(wilson(152.0 / 240 * 585, 585, 0.9).low >= 0.6);
    CHECK(wilson(152.0 / 240 * 583, 583, 0.9).low < 0.6);
  }

  TEST_CASE("at most is the mirror of at least") {
    CHECK(decide(kAccuracy, {rate(5, 240)}, Rule::at_most, 0.06, {}).decision == Decision::pass);
    CHECK(decide(kAccuracy, {rate(40, 240)}, Rule::at_most, 0.06, {}).decision == Decision::fail);
    const auto open = decide(kAccuracy, {rate(12, 200)}, Rule::at_most, 0.06, {});
    CHECK(open.decision == Decision::inconclusive);
    CHECK(open.reason ==
          "inconclusive: bound 0.038 ≤ 0.06 < 0.094 (n = 200); more than 100,000 more cases would be needed");
    CHECK_FALSE(open.cases_needed);
  }

  TEST_CASE("all right is not certainty") {
    const auto verdict = decide(kAccuracy, {rate(240, 240)}, Rule::at_least, 0.99, {});

    CHECK(verdict.decision == Decision::inconclusive);
    CHECK(verdict.low == Approx(240 / (240 + 2.705543)).epsilon(1e-6));
    CHECK(*verdict.cases_needed == 28);
    CHECK(decide(kAccuracy, {rate(268, 268)}, Rule::at_least, 0.99, {}).decision == Decision::pass);
  }

  TEST_CASE("no number of cases shows a rate of one, and the reason says so") {
    const auto verdict = decide(kAccuracy, {rate(240, 240)}, Rule::at_least, 1, {});

    CHECK(verdict.decision == Decision::inconclusive);
    CHECK(verdict.reason ==
          "inconclusive: bound 0.989 < 1.00 ≤ 1.000 (n = 240); no number of cases can show it; ask for less, or "
          "compare with "
          "`point: true`");
    CHECK(decide(kAccuracy, {rate(240, 240)}, Rule::at_most, 1, {}).decision == Decision::pass);
    CHECK(decide(kAccuracy, {rate(239, 240)}, Rule::at_least, 1, {}).decision == Decision::fail);
  }

  TEST_CASE("the bare value decides when asked, and it is said") {
    const auto verdict = decide(kAccuracy, {rate(145, 240)}, Rule::at_least, 0.6, {.point = true});

    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.reason == "0.604 ≥ 0.60, the bare value without an interval (n = 240)");
    CHECK_FALSE(verdict.p);
    CHECK(decide(kAccuracy, {rate(1, 1)}, Rule::at_least, 0.6, {.point = true}).decision == Decision::pass);
    CHECK(decide(kAccuracy, {rate(0, 1)}, Rule::at_least, 0.6, {.point = true}).decision == Decision::fail);
  }

  TEST_CASE("a difference that is just the margin is told as equal, whatever its last digits") {
    const auto better =
        decide_paired(kAccuracy, {rate(180, 200), rate(160, 200)}, Rule::better_by, 0.1, {.point = true});
    CHECK(better.decision == Decision::fail);
    CHECK(better.reason == "difference 0.100 ≤ 0.10, the bare value without an interval (n = 200 pairs)");

    const auto worse =
        decide_paired(kAccuracy, {rate(160, 200), rate(180, 200)}, Rule::not_worse_by, 0.1, {.point = true});
    CHECK(worse.decision == Decision::pass);
    CHECK(worse.reason == "difference -0.100 ≥ -0.10, the bare value without an interval (n = 200 pairs)");
  }

  TEST_CASE("decimals that no binary number has are compared as they are written") {
    const Values low(10, 0.7), high(10, 0.8);  // 0.7 - 0.8 is a little less than -0.1
    const DecisionOptions point{.point = true};
    CHECK(decide_paired(kSimilarity, {low, high}, Rule::not_worse_by, 0.1, point).decision == Decision::pass);
    CHECK(decide_paired(kSimilarity, {high, low}, Rule::better_by, 0.1, point).decision == Decision::fail);
    CHECK(decide_paired(kSimilarity, {high, low}, Rule::better_by, 0.0999, point).decision == Decision::pass);

    Values tenths(3, 0.1);
    tenths.insert(tenths.end(), {0.2, 0.3, 0.5});  // their sum is not quite 1.3
    CHECK(decide(kSimilarity, {tenths}, Rule::at_least, 1.3 / 6, point).decision == Decision::pass);
    CHECK(decide(kSimilarity, {tenths}, Rule::at_most, 1.3 / 6, point).decision == Decision::pass);
    CHECK(decide(kSimilarity, {tenths}, Rule::at_most, 1.3 / 6 - 1e-9, point).decision == Decision::fail);
  }

  TEST_CASE("equal amounts that are just as much worse as they may be pass") {
    const MetricInfo metric{"cost", Scale::amount, Better::lower, "USD"};
    const Values dear(10, 1.1 + 2.2), cheap(10, 3.2);  // 3.3000000000000003
    CHECK(decide_paired(metric, {dear, cheap}, Rule::not_worse_by, 0.1, {}).decision == Decision::pass);
    CHECK(decide_paired(metric, {dear, cheap}, Rule::not_worse_by, 0.09, {}).decision == Decision::fail);
  }

  TEST_CASE("several comparisons need more") {
    const auto values = rate(160, 240);

    const auto verdict = decide(kAccuracy, {values}, Rule::at_least, 0.6, {.comparisons = 3});

    CHECK(verdict.decision == Decision::inconclusive);
    CHECK(verdict.low == Approx(wilson(160, 240, 1 - 0.1 / 3).low));
    CHECK(verdict.reason.find("corrected for 3 comparisons") != std::string::npos);
  }

  TEST_CASE("what cannot be decided says why") {
    const auto reason = [](const Values& values) {
      const auto verdict = decide(kAccuracy, {values}, Rule::at_least, 0.6, {});
      CHECK(verdict.decision == Decision::inconclusive);
      CHECK_FALSE(verdict.cases_needed);
      return verdict.reason;
    };
    CHECK(reason({}) == "there are no cases");
    CHECK(reason({1.0}) == "one case is too few to decide");
    CHECK(reason({std::nullopt, std::nullopt}) == "all 2 cases failed");
    CHECK(reason({1.0, std::numeric_limits<double>::quiet_NaN()}) == "a score is not a number");
    CHECK(reason(fail_first(rate(240, 240), 5)) == "5 of 240 failed (2.083 %), more than the 1 % allowed");
  }

  TEST_CASE("a rule for two sides is never decided on one, nor the other way round") {
    CHECK(decide(kAccuracy, {rate(9, 9)}, Rule::better_by, 0, {}).decision == Decision::inconclusive);
    CHECK(decide_paired(kAccuracy, {rate(9, 9), rate(0, 9)}, Rule::at_least, 0, {}).decision == Decision::inconclusive);
  }

  TEST_CASE("errors that would turn the verdict make it inconclusive") {
    const auto point =
        decide(kAccuracy, {fail_first(rate(146, 240), 3)}, Rule::at_least, 0.6, {.max_errors = 0.02, .point = true});
    CHECK(point.decision == Decision::inconclusive);
    CHECK(point.errors == 3);
    CHECK(point.reason == "3 of 240 failed: counted as wrong it would fail, counted as right it would pass");

    const auto turned = decide(kAccuracy, {fail_first(rate(158, 240), 3)}, Rule::at_least, 0.6, {.max_errors = 0.02});
    CHECK(turned.decision == Decision::inconclusive);
    CHECK(turned.reason ==
          "3 of 240 failed: counted as wrong it would be inconclusive, counted as right it would pass");
    CHECK_FALSE(turned.cases_needed);
  }

  TEST_CASE("errors that change nothing are told and let pass") {
    const auto verdict = decide(kAccuracy, {fail_first(rate(180, 240), 2)}, Rule::at_least, 0.6, {});

    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.n == 238);
    CHECK(verdict.errors == 2);
    CHECK(verdict.reason ==
          "0.748 ≥ 0.60 with 95 % confidence (bound 0.699, n = 238); 2 failed cases could not change it");
  }

  TEST_CASE("amounts use mean and standard error, their errors the extremes seen") {
    Values values;
    for (int i = 0; i < 100; ++i) values.emplace_back(800 + i);

    const auto verdict = decide(kLatency, {values}, Rule::at_most, 1000, {});
    values[0].reset();
    const auto with_error = decide(kLatency, {values}, Rule::at_most, 1000, {});

    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.reason == "849.5 ms ≤ 1000 ms with 95 % confidence (bound 854.3 ms, n = 100)");
    CHECK(with_error.decision == Decision::pass);
  }

  TEST_CASE("a bound of an amount is never below zero, one of a difference may be") {
    const Values spread = {2.0, 3.0, 900.0}, other = {1.0, 4.0, 5.0};

    CHECK(decide(kLatency, {spread}, Rule::at_most, 100, {}).low == 0);
    CHECK(decide_paired(kLatency, {spread, other}, Rule::not_worse_by, 1, {}).low < 0);
  }

  TEST_CASE("equal amounts are taken as they are") {
    const Values free(50, 0.0);

    const auto verdict = decide(kCost, {free}, Rule::at_most, 0.001, {});

    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.reason == "$0 ≤ $0.001 (all values are equal, n = 50)");
    CHECK(decide(kCost, {Values(50, 0.5)}, Rule::at_most, 0.001, {}).decision == Decision::fail);
  }

  TEST_CASE("a few repeats of a few cases below one do not make a standard error believed") {
    Values averaged(240, 1.0);
    averaged[0] = 2.0 / 3;

    const auto verdict = decide(kAccuracy, {averaged}, Rule::at_least, 0.99, {});

    CHECK(verdict.decision == Decision::inconclusive);
    CHECK(verdict.low < 0.99);
  }

  TEST_CASE("graded scores below thirty cases use Student's t") {
    const Values values = {0.7, 0.8, 0.75, 0.9, 0.6, 0.85, 0.7, 0.8, 0.65, 0.75};

    const auto verdict = decide(kSimilarity, {values}, Rule::at_least, 0.6, {});

    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.value == Approx(0.75));
    CHECK(verdict.low == Approx(0.75 - 1.8331129 * 0.0288675).epsilon(1e-5));
  }

  TEST_CASE("clusters widen a rate's bounds, and their small number is said") {
    const auto values = rate(60, 80);
    std::vector<std::size_t> clusters;
    for (std::size_t i = 0; i < 80; ++i) clusters.push_back(i / 10);

    const auto plain = decide(kAccuracy, {values}, Rule::at_least, 0.6, {});
    const auto clustered = decide(kAccuracy, {values, clusters}, Rule::at_least, 0.6, {});

    CHECK(plain.decision == Decision::pass);
    CHECK(clustered.decision == Decision::inconclusive);
    CHECK(clustered.low < plain.low);
    CHECK(clustered.reason.find("only 8 clusters") != std::string::npos);
    const std::vector<std::size_t> one(80, 5);
    CHECK(decide(kAccuracy, {values, one}, Rule::at_least, 0.6, {}).reason ==
          "all cases are in one cluster, so there is no interval");
  }

  TEST_CASE("a difference is not worse only when its lower bound says so") {
    const auto pass = flips(10, 2, 400);
    const auto verdict = decide_paired(kAccuracy, {pass.a, pass.b}, Rule::not_worse_by, 0.02, {});
    CHECK(verdict.decision == Decision::pass);
    CHECK(verdict.value == Approx(0.02));
    CHECK(verdict.bound == 0.02);
    CHECK(verdict.reason == "difference 0.020 > -0.02 with 95 % confidence (bound 0.007, n = 400 pairs)");

    const auto fail = flips(2, 40, 400);
    CHECK(decide_paired(kAccuracy, {fail.a, fail.b}, Rule::not_worse_by, 0.02, {}).decision == Decision::fail);

    const auto open = flips(10, 12, 400);
    CHECK(decide_paired(kAccuracy, {open.a, open.b}, Rule::not_worse_by, 0.02, {}).decision == Decision::inconclusive);
  }

  TEST_CASE("cases needed for a difference, estimate and spread unchanged") {
    const auto pairs = spread_pairs(400, 0.01, 0.45);

    const auto verdict = decide_paired(kSimilarity, {pairs.a, pairs.b}, Rule::not_worse_by, 0.02, {});

    CHECK(verdict.decision == Decision::inconclusive);
    REQUIRE(verdict.cases_needed);
    CHECK(*verdict.cases_needed == 611 - 400);  // 609 by the normal quantile.
    const auto enough = spread_pairs(612, 0.01, 0.45);
    CHECK(decide_paired(kSimilarity, {enough.a, enough.b}, Rule::not_worse_by, 0.02, {}).decision == Decision::pass);
    const auto hopeless = spread_pairs(400, -0.0199, 0.45);
    const auto far = decide_paired(kSimilarity, {hopeless.a, hopeless.b}, Rule::not_worse_by, 0.02, {});
    CHECK_FALSE(far.cases_needed);
    CHECK(far.reason.find("more than 100,000 more cases") != std::string::npos);
  }

  TEST_CASE("equal answers are settled by the bound on the share that differs") {
    const auto same = rate(200, 240);

    CHECK(decide_paired(kAccuracy, {same, same}, Rule::not_worse_by, 0.02, {}).decision == Decision::pass);
    const auto verdict = decide_paired(kAccuracy, {same, same}, Rule::not_worse_by, 0.01, {});
    CHECK(verdict.decision == Decision::inconclusive);
    CHECK(verdict.low == Approx(-2.705543 / 242.705543).epsilon(1e-6));
    CHECK(*verdict.cases_needed == 28);
    CHECK(decide_paired(kAccuracy, {same, same}, Rule::better_by, 0, {}).decision == Decision::inconclusive);
  }

  TEST_CASE("better by nothing needs McNemar's exact test too") {
    const auto three = flips(3, 0, 240), five = flips(5, 0, 240);

    const auto open = decide_paired(kAccuracy, {three.a, three.b}, Rule::better_by, 0, {});
    const auto pass = decide_paired(kAccuracy, {five.a, five.b}, Rule::better_by, 0, {});

    CHECK(open.decision == Decision::inconclusive);
    CHECK(*open.p == Approx(0.125));
    CHECK(*open.cases_needed == 120);
    CHECK(open.reason ==
          "inconclusive: too few pairs differ, McNemar's exact p = 0.125 > 0.05 (n = 240 pairs); about 120 more cases "
          "would settle it");
    CHECK(pass.decision == Decision::pass);
    CHECK(*pass.p == Approx(0.03125));
  }

  TEST_CASE("where lower is better the difference is turned round") {
    Values fast, slow;
    for (int i = 0; i < 60; ++i) {
      fast.emplace_back(500 + i % 7);
      slow.emplace_back(700 + i % 11);
    }

    const auto better = decide_paired(kLatency, {fast, slow}, Rule::better_by, 100, {});
    const auto worse = decide_paired(kLatency, {slow, fast}, Rule::not_worse_by, 100, {});

    CHECK(better.decision == Decision::pass);
    CHECK(better.value > 190);
    CHECK(worse.decision == Decision::fail);
  }

  TEST_CASE("an error on either side of a pair is counted both ways") {
    auto pairs = flips(10, 2, 240);
    REQUIRE(decide_paired(kAccuracy, {pairs.a, pairs.b}, Rule::better_by, 0.01, {}).decision == Decision::pass);
    pairs.a[100].reset();
    pairs.b[101].reset();

    const auto verdict = decide_paired(kAccuracy, {pairs.a, pairs.b}, Rule::better_by, 0.01, {});

    CHECK(verdict.errors == 2);
    CHECK(verdict.decision == Decision::inconclusive);
    CHECK(verdict.reason ==
          "2 of 240 failed: counted as wrong it would be inconclusive, counted as right it would pass");
  }

  TEST_CASE("a value next to its bound is shown with the digits that tell them apart") {
    Values values;
    for (int i = 0; i < 1000; ++i) values.emplace_back(i % 2 == 0 ? 0.60002 : 0.60006);

    const auto verdict = decide(kSimilarity, {values}, Rule::at_least, 0.6, {});

    CHECK(verdict.reason == "0.60004 ≥ 0.60 with 95 % confidence (bound 0.60004, n = 1000)");
  }
}
