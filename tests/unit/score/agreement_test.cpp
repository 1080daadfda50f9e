#include "score/agreement.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace llmops::score;
using doctest::Approx;

namespace {

Approx near(double value) { return Approx(value).epsilon(1e-6); }

Confusion table(std::vector<std::vector<std::size_t>> counts) {
  Confusion out{{}, std::move(counts)};
  for (std::size_t i = 0; i < out.counts.size(); ++i) out.labels.push_back(std::to_string(i));
  return out;
}

/// Scores 0 to 9 again and again; people call right what is 5 and more, but for every seventh case.
std::vector<Graded> graded(std::size_t n) {
  std::vector<Graded> out;
  for (std::size_t i = 0; i < n; ++i) {
    const auto score = i * 7 % 10;
    out.push_back({static_cast<double>(score) / 10, (score >= 5) != (i % 7 == 0)});
  }
  return out;
}

}  // namespace

TEST_SUITE("score/agreement") {
  TEST_CASE("labels are counted, those that were not expected behind the others") {
    const std::vector<std::string> judge = {"b", "a", "b", "z", "b"}, person = {"b", "a", "a", "b", "b"};

    const auto counted = confusion_of(judge, person, {"b", "a"});

    CHECK(counted.labels == std::vector<std::string>{"b", "a", "z"});
    CHECK(counted.counts == std::vector<std::vector<std::size_t>>{{2, 1, 0}, {0, 1, 0}, {1, 0, 0}});
    CHECK(counted.cases() == 5);
    CHECK(counted.agreed() == 3);
    CHECK(confusion_of({}, {}).cases() == 0);
  }

  TEST_CASE("kappa has the standard error of Fleiss, Cohen and Everitt") {
    const auto two = kappa_of(table({{20, 5}, {10, 15}}), Weights::none);
    REQUIRE(two);
    CHECK(two->value == near(0.4));
    CHECK(two->standard_error == near(0.126996));
    CHECK(two->interval.low == near(0.151092));
    CHECK(two->interval.high == near(0.648908));

    const auto three = table({{22, 3, 1}, {4, 17, 5}, {2, 6, 30}});
    CHECK(kappa_of(three, Weights::none)->standard_error == near(0.0673497));
    CHECK(kappa_of(three, Weights::quadratic)->value == near(0.761653));
    CHECK(kappa_of(three, Weights::linear)->value > kappa_of(three, Weights::none)->value);
    CHECK(kappa_of(three, Weights::linear)->value < kappa_of(three, Weights::quadratic)->value);
  }

  TEST_CASE("weights do not matter where there are two labels") {
    const auto two = table({{20, 5}, {10, 15}});
    CHECK(kappa_of(two, Weights::linear)->value == near(0.4));
    CHECK(kappa_of(two, Weights::quadratic)->standard_error == near(0.126996));
  }

  TEST_CASE("kappa of one label only is not defined, that of full agreement is 1") {
    CHECK_FALSE(kappa_of(table({{7, 0}, {0, 0}}), Weights::none));
    CHECK_FALSE(kappa_of(table({}), Weights::none));
    CHECK_FALSE(bootstrapped_kappa(table({{7, 0}, {0, 0}}), Weights::none, {}));
    const auto full = kappa_of(table({{7, 0}, {0, 9}}), Weights::none);
    CHECK(full->value == 1);
    CHECK(full->interval.high == 1);
  }

  TEST_CASE("the bootstrapped interval of few cases holds kappa, is wider, and the same each time") {
    const auto few = table({{9, 2}, {3, 6}});
    const auto normal = kappa_of(few, Weights::none)->interval;
    const auto drawn = bootstrapped_kappa(few, Weights::none, {.resamples = 4000, .seed = 2});
    REQUIRE(drawn);
    CHECK(drawn->low < kappa_of(few, Weights::none)->value);
    CHECK(drawn->high > kappa_of(few, Weights::none)->value);
    CHECK(drawn->low == Approx(normal.low).epsilon(0.5));
    CHECK(drawn->low == bootstrapped_kappa(few, Weights::none, {.resamples = 4000, .seed = 2})->low);
  }

  TEST_CASE("agreement is a rate with Wilson's interval") {
    const auto found = agreement_of(table({{20, 3}, {2, 25}}));
    CHECK(found.share == near(0.9));
    CHECK(found.interval.low == near(0.786398));
    CHECK(agreement_of(table({})).interval.high == 1);
  }

  TEST_CASE("the threshold is where judge and people agree best, half-way between two scores") {
    const auto cases = graded(210);
    const auto found = best_threshold(cases, {.seed = 3});
    REQUIRE(found);
    CHECK(found->value == near(0.45));
    std::vector<std::string> judge, people;
    for (const auto& [score, right] : cases) {
      judge.emplace_back(score >= found->value ? "pass" : "fail");
      people.emplace_back(right ? "pass" : "fail");
    }
    const auto counted = confusion_of(judge, people, {"fail", "pass"});
    CHECK(counted.counts == found->confusion.counts);
    CHECK(kappa_of(counted, Weights::none)->value == near(found->kappa));
    CHECK(found->optimism() == near(found->kappa - found->expected));
    CHECK(found->expected == best_threshold(cases, {.seed = 3})->expected);
  }

  TEST_CASE("a threshold chosen where there is nothing to find looks too good, and what is expected of it says so") {
    std::mt19937_64 random(5);
    double kappa = 0, expected = 0;
    constexpr int kRounds = 60;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<Graded> cases;  // Scores that say nothing of who is right.
      for (int i = 0; i < 50; ++i) cases.push_back({static_cast<double>(random() % 1000), random() % 2 == 0});
      const auto found = best_threshold(cases, {.repeats = 5});
      REQUIRE(found);
      kappa += found->kappa / kRounds;
      expected += found->expected / kRounds;
    }
    CHECK(kappa > 0.12);
    CHECK(std::fabs(expected) < 0.05);
  }

  TEST_CASE("where people, or scores, are all the same there is no threshold") {
    CHECK_FALSE(best_threshold(std::vector<Graded>{{0.1, true}, {0.9, true}}, {}));
    CHECK_FALSE(best_threshold(std::vector<Graded>{{0.5, true}, {0.5, false}}, {}));
    CHECK_FALSE(best_threshold(std::vector<Graded>{{NAN, true}, {0.5, false}}, {}));
    CHECK_FALSE(best_threshold({}, {}));
  }
}
