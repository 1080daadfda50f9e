#include "score/reducer.h"

#include <doctest/doctest.h>

#include <vector>

namespace llmops::score {
namespace {

double reduced(const std::string& how, const std::vector<double>& scores) {
  CAPTURE(how);
  const auto reducer = Reducer::parse(how);
  REQUIRE(reducer);
  CHECK(to_string(*reducer) == how);
  return reducer->reduce(scores);
}

/// The share of all ways to draw `n` of the scores for which `holds` of the number of passes drawn.
template <class Holds>
double by_counting(const std::vector<double>& scores, int n, Holds holds) {
  int ways = 0, good = 0;
  for (unsigned drawn = 0; drawn < (1u << scores.size()); ++drawn) {
    if (__builtin_popcount(drawn) != n) continue;
    int passes = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) passes += (drawn >> i & 1u) != 0 && scores[i] > 0.5 ? 1 : 0;
    ++ways;
    if (holds(passes)) ++good;
  }
  return static_cast<double>(good) / ways;
}

}  // namespace

TEST_SUITE("score/reducer") {
  TEST_CASE("mean, mode and majority") {
    CHECK(reduced("mean", {0, 1, 1, 1}) == doctest::Approx(0.75));
    CHECK(reduced("mode", {0.2, 0.7, 0.7, 0.1}) == 0.7);
    CHECK(reduced("mode", {1, 0}) == 0);
    CHECK(reduced("majority", {1, 1, 0}) == 1);
    CHECK(reduced("majority", {1, 1, 0, 0}) == 0);
  }

  TEST_CASE("at_least counts passes") {
    CHECK(reduced("at_least(2)", {1, 0, 1}) == 1);
    CHECK(reduced("at_least(3)", {1, 0, 1}) == 0);
  }

  TEST_CASE("pass_at and pass_all are the shares of all ways to draw n answers") {
    for (const auto& scores : std::vector<std::vector<double>>{
             {1, 0, 1, 0, 0}, {0, 0, 0, 0, 0}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 0}, {1, 0, 0, 0, 0}}) {
      for (int n = 1; n <= 5; ++n) {
        CAPTURE(n);
        const auto number = "(" + std::to_string(n) + ")";
        CHECK(reduced("pass_at" + number, scores) ==
              doctest::Approx(by_counting(scores, n, [](int passes) { return passes > 0; })));
        CHECK(reduced("pass_all" + number, scores) ==
              doctest::Approx(by_counting(scores, n, [n](int passes) { return passes == n; })));
      }
    }
  }

  TEST_CASE("a greedy model's one answer stands for all") {
    CHECK(reduced("pass_at(3)", {1}) == 1);
    CHECK(reduced("pass_all(3)", {0}) == 0);
    CHECK(reduced("at_least(3)", {1}) == 1);
  }

  TEST_CASE("what is no reducer is refused") {
    for (const auto* text : {"", "median", "mean(2)", "pass_at", "pass_at()", "pass_at(0)", "pass_at(-1)", "pass_at(2",
                             "pass_at(2)x", "pass_at(2.5)", "pass_at(99999999999999999999)", "at_leastt(1)"}) {
      CAPTURE(text);
      CHECK_FALSE(Reducer::parse(text));
    }
    CHECK(Reducer::parse(" pass_at( 2 ) ")->n == 2);
  }
}

}  // namespace llmops::score
