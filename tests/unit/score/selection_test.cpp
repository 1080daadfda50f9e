#include <doctest/doctest.h>

#include "score/decision.h"

using namespace llmops::score;

namespace {

const MetricInfo kAccuracy{"accuracy", Scale::binary, Better::higher, ""};
const MetricInfo kLatency{"latency", Scale::amount, Better::lower, "ms"};

Values rate(std::size_t right, std::size_t n) {
  Values out;
  for (std::size_t i = 0; i < n; ++i) out.emplace_back(i < right ? 1 : 0);
  return out;
}

}  // namespace

TEST_SUITE("score/selection") {
  TEST_CASE("a clear winner stands alone") {
    const auto chosen =
        select(kAccuracy, {{"a/x", rate(100, 200), 0.001}, {"b/x", rate(150, 200), 0.01}}, Ties::cheapest, 0.95);

    REQUIRE(chosen);
    CHECK(chosen->chosen == 1);
    CHECK(chosen->tied == std::vector<std::size_t>{1});
    CHECK(chosen->reason == "`b/x` is the best: accuracy 0.750");
  }

  TEST_CASE("among those not shown to be worse the cheapest, or the first, is picked") {
    const std::vector<Candidate> candidates = {
        {"weak", rate(80, 200), 0.0001}, {"cheap", rate(148, 200), 0.001}, {"best", rate(150, 200), 0.01}};

    const auto cheapest = select(kAccuracy, candidates, Ties::cheapest, 0.95);
    const auto first = select(kAccuracy, candidates, Ties::first, 0.95);

    REQUIRE(cheapest);
    CHECK(cheapest->chosen == 1);
    CHECK(cheapest->tied == std::vector<std::size_t>{1, 2});
    CHECK(
        cheapest->reason ==
        "`cheap` is the cheapest of 2 not shown to be worse than the best: accuracy 0.740, best `best` accuracy 0.750");
    CHECK(first->chosen == 1);
  }

  TEST_CASE("with no known cost the best of the tied is picked") {
    const auto chosen = select(kAccuracy, {{"a", rate(148, 200), {}}, {"b", rate(150, 200), {}}}, Ties::cheapest, 0.95);

    REQUIRE(chosen);
    CHECK(chosen->chosen == 1);
    CHECK(chosen->reason ==
          "`b` has the best mean of 2 not shown to be worse than the best, and the best: accuracy 0.750");
  }

  TEST_CASE("where lower is better the lowest wins") {
    Values fast, slow;
    for (int i = 0; i < 40; ++i) {
      fast.emplace_back(100 + i % 5);
      slow.emplace_back(200 + i % 7);
    }

    const auto chosen = select(kLatency, {{"slow", slow, {}}, {"fast", fast, {}}}, Ties::first, 0.95);

    REQUIRE(chosen);
    CHECK(chosen->chosen == 1);
    CHECK(chosen->tied.size() == 1);
    CHECK(chosen->reason == "`fast` is the best: latency 102 ms");
  }

  TEST_CASE("an always equal difference is judged by the sign test") {
    const auto shifted = [](double by, std::size_t n) { return Values(n, 100 + by); };

    CHECK(select(kLatency, {{"a", shifted(1, 4), {}}, {"b", shifted(0, 4), {}}}, Ties::first, 0.95)->chosen == 0);
    CHECK(select(kLatency, {{"a", shifted(1, 5), {}}, {"b", shifted(0, 5), {}}}, Ties::first, 0.95)->chosen == 1);
  }

  TEST_CASE("a candidate without values is out, and failed cases count for nobody") {
    auto lucky = rate(10, 200);
    for (std::size_t i = 10; i < 200; ++i) lucky[i].reset();

    const auto chosen =
        select(kAccuracy, {{"none", Values(200), {}}, {"lucky", lucky, {}}, {"good", rate(150, 200), {}}},
               Ties::cheapest, 0.95);

    REQUIRE(chosen);
    CHECK(chosen->tied == std::vector<std::size_t>{1, 2});
    CHECK_FALSE(select(kAccuracy, {{"none", Values(3), {}}}, Ties::first, 0.95));
    CHECK_FALSE(select(kAccuracy, {}, Ties::first, 0.95));
  }

  TEST_CASE("cases of few clusters tell two candidates apart less well") {
    std::vector<Candidate> candidates = {{"a", rate(150, 200), std::nullopt, {}},
                                         {"b", rate(180, 200), std::nullopt, {}}};
    CHECK(select(kAccuracy, candidates, Ties::first, 0.95)->tied == std::vector<std::size_t>{1});
    for (std::size_t i = 0; i < 200; ++i) candidates[0].clusters.push_back(i / 30);  // All thirty flips are in one.

    CHECK(select(kAccuracy, candidates, Ties::first, 0.95)->tied == std::vector<std::size_t>{0, 1});
  }

  TEST_CASE("one candidate needs no test") {
    const auto chosen = select(kAccuracy, {{"only", rate(1, 2), {}}}, Ties::first, 0.95);

    REQUIRE(chosen);
    CHECK(chosen->chosen == 0);
  }
}
