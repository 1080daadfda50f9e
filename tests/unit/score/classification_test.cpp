#include "score/classification.h"

#include <doctest/doctest.h>

using namespace llmops::score;
using doctest::Approx;

namespace {

Approx near(double value) { return Approx(value).epsilon(1e-9); }

/// Of each label as many cases as its row says, answered as the columns say.
std::vector<Classified> cases_of(const std::vector<std::vector<std::size_t>>& counts) {
  std::vector<Classified> out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (std::size_t j = 0; j < counts.size(); ++j) out.insert(out.end(), counts[i][j], {i, j});
  }
  return out;
}

}  // namespace

TEST_SUITE("score/classification") {
  TEST_CASE("precision, recall and F1 of each class, macro and micro") {
    const Confusion table{{"a", "b", "c"}, {{4, 1, 0}, {2, 3, 0}, {1, 0, 1}}};

    const auto found = classification_of(table);

    CHECK(found.n == 12);
    CHECK(found.accuracy == near(8.0 / 12));
    REQUIRE(found.classes.size() == 3);
    CHECK(found.classes[0].precision == near(4.0 / 7));
    CHECK(found.classes[0].recall == near(0.8));
    CHECK(found.classes[0].f1 == near(8.0 / 12));
    CHECK(found.classes[0].expected == 5);
    CHECK(found.classes[0].answered == 7);
    CHECK(found.macro_f1 == near((8.0 / 12 + 6.0 / 9 + 2.0 / 3) / 3));
    CHECK(found.micro_f1 == near(found.accuracy));
  }

  TEST_CASE("a class that is never answered, or never expected, has an F1 of 0; one that is neither is none") {
    const Confusion table{{"a", "b", "c", "other"}, {{5, 0, 0, 1}, {3, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}};

    const auto found = classification_of(table);

    REQUIRE(found.classes.size() == 3);
    CHECK(found.classes[1].f1 == 0);
    CHECK(found.classes[2].label == "other");
    CHECK(found.classes[2].precision == 0);
    CHECK(found.macro_f1 == near(10.0 / 14 / 3));
    CHECK(classification_of({}).macro_f1 == 0);
  }

  TEST_CASE("macro F1 has an interval that holds it, the same each time") {
    const auto cases = cases_of({{40, 5, 5}, {4, 20, 2}, {3, 1, 10}});
    const BootstrapOptions options{.resamples = 2000, .seed = 5};

    const auto found = macro_f1_of(cases, {}, options);

    CHECK(found.value == near(classification_of({{"a", "b", "c"}, {{40, 5, 5}, {4, 20, 2}, {3, 1, 10}}}).macro_f1));
    CHECK(found.interval.low < found.value);
    CHECK(found.interval.high > found.value);
    CHECK(found.interval.high - found.interval.low < 0.25);
    CHECK(macro_f1_of(cases, {}, options).interval.low == found.interval.low);
  }

  TEST_CASE("few large clusters widen it") {
    const auto cases = cases_of({{60, 20}, {20, 60}});
    std::vector<std::size_t> clusters;
    for (std::size_t i = 0; i < cases.size(); ++i) clusters.push_back(i / 16);
    const BootstrapOptions options{.resamples = 1000, .seed = 6};

    const auto alone = macro_f1_of(cases, {}, options).interval,
               together = macro_f1_of(cases, clusters, options).interval;

    CHECK(together.high - together.low > 1.5 * (alone.high - alone.low));
  }

  TEST_CASE("a difference is drawn for both sides at once: what both get wrong widens nothing") {
    auto a = cases_of({{40, 40}, {40, 40}});
    auto b = a;
    for (std::size_t i = 0; i < 8; ++i) b[45 + i].answered = 0;  // Eight more are right.
    const BootstrapOptions options{.resamples = 2000, .seed = 7};

    const auto found = macro_f1_difference(a, b, {}, options);

    CHECK(found.value == near(macro_f1_of(b, {}, options).value - macro_f1_of(a, {}, options).value));
    CHECK(found.interval.low > 0);
    CHECK(found.interval.high < 0.1);
    const auto same = macro_f1_difference(a, a, {}, options);
    CHECK(same.interval.low == 0);
    CHECK(same.interval.high == 0);
  }

  TEST_CASE("one case has no interval") {
    const std::vector<Classified> one = {{0, 0}};
    CHECK(macro_f1_of(one, {}, {}).interval.low == 1);
    CHECK(macro_f1_of({}, {}, {}).value == 0);
  }
}
