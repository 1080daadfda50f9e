#include "score/classification.h"

#include <doctest/doctest.h>

#include "score/f1.h"

using namespace llmops::score;
using doctest::Approx;

namespace {

Approx near(double value) { return Approx(value).epsilon(1e-9); }

/// Of each label as many cases as its row says, answered as the columns say; the last column may be none of them.
Results results_of(const std::vector<std::vector<std::size_t>>& counts) {
  Results out;
  out.metrics = {{"accuracy", Scale::binary, Better::higher, {}},
                 {"macro_f1", Scale::graded, Better::higher, {}, Statistic::macro_f1, 0},
                 {"micro_f1", Scale::graded, Better::higher, {}, Statistic::micro_f1, 0}};
  out.classes = {{"accuracy", {}}};
  auto& cell = out.cells.emplace_back(CellResult{"m", "", {}, "", {}});
  static const std::vector<std::string> letters = {"a", "b", "c"};
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    out.classes[0].labels.push_back(letters.at(i));
    for (std::uint32_t j = 0; j < counts[i].size(); ++j) {
      for (std::size_t k = 0; k < counts[i][j]; ++k) {
        CaseResult one;
        one.id = std::to_string(cell.cases.size());
        one.scores.assign(3, i == j ? 1.0 : 0.0);
        one.classes = {{i, {j}}};
        cell.cases.push_back(std::move(one));
      }
    }
  }
  return out;
}

Summary macro_of(const Results& results) { return summarise(results, results.cells[0], 1); }

}  // namespace

TEST_SUITE("score/classification") {
  TEST_CASE("precision, recall and F1 of each class, macro and micro") {
    const auto results = results_of({{4, 1, 0}, {2, 3, 0}, {1, 0, 1}});

    const auto table = confusion_of(results, results.cells[0], 0);
    const auto classes = class_metrics(table, 3);

    CHECK(table == Confusion{{"a", "b", "c"}, {{4, 1, 0}, {2, 3, 0}, {1, 0, 1}}});
    REQUIRE(classes.size() == 3);
    CHECK(classes[0].precision == near(4.0 / 7));
    CHECK(classes[0].recall == near(0.8));
    CHECK(classes[0].f1 == near(8.0 / 12));
    CHECK(classes[0].expected == 5);
    CHECK(classes[0].answered == 7);
    const auto all = summarise(results);
    CHECK(all[0].value == near(8.0 / 12));
    CHECK(all[1].value == near((8.0 / 12 + 6.0 / 9 + 2.0 / 3) / 3));
    CHECK(all[2].value == near(8.0 / 12));
    CHECK(all[1].n == 12);
  }

  TEST_CASE("an answer that is none of the classes is missing in its own, and in no other") {
    const auto results = results_of({{5, 0, 1}, {1, 3, 0}});

    const auto table = confusion_of(results, results.cells[0], 0);
    const auto classes = class_metrics(table, 2);

    CHECK(table.labels == std::vector<std::string>{"a", "b", "none of them"});
    REQUIRE(classes.size() == 2);
    CHECK(classes[0].recall == near(5.0 / 6));
    CHECK(classes[0].precision == near(5.0 / 6));
    const auto all = summarise(results);
    CHECK(all[1].value == near((10.0 / 12 + 6.0 / 7) / 2));
    CHECK(all[2].value == near(16.0 / 19));
    CHECK(all[2].value > all[0].value);
  }

  TEST_CASE("a class that is never answered has an F1 of 0; one that is neither expected nor answered is none") {
    const auto results = results_of({{5, 0, 0}, {3, 0, 0}, {0, 0, 0}});
    CHECK(class_metrics(confusion_of(results, results.cells[0], 0), 3).size() == 2);
    CHECK(macro_of(results).value == near(10.0 / 13 / 2));
  }

  TEST_CASE("the interval is wide where a class is rare, though all answers are right") {
    const auto even = macro_of(results_of({{50, 0}, {0, 50}})), rare = macro_of(results_of({{97, 0}, {0, 3}}));
    CHECK(even.value == 1);
    CHECK(even.low == near(wilson(100, 100, 0.95).low));
    CHECK(rare.low == near(wilson(4 / (1.0 / 97 + 1.0 / 3), 4 / (1.0 / 97 + 1.0 / 3), 0.95).low));
    CHECK(rare.low < 0.8);
    CHECK(rare.high == 1);
  }

  TEST_CASE("the values of the cases have the F1 as their mean, and repeats of a case count as one") {
    const std::vector<CaseClasses> cases = {{0, {0, 0, 1}}, {1, {1, 1, 1}}, {1, {2, 2, 0}}, {0, {0, 0, 0}}};
    std::vector<const CaseClasses*> all;
    for (const auto& one : cases) all.push_back(&one);

    const auto found = f1_values(all, 2, Statistic::macro_f1);

    const double right_a = 2.0 / 3 + 1, answered_a = right_a + 1.0 / 3, right_b = 1, answered_b = 1 + 1.0 / 3;
    CHECK(found.f1 == near((2 * right_a / (2 + answered_a) + 2 * right_b / (2 + answered_b)) / 2));
    double sum = 0;
    for (const double value : found.values) sum += value;
    CHECK(sum / 4 == near(found.f1));
    CHECK(found.effective == near(4));
    CHECK(f1_values({}, 2, Statistic::macro_f1).f1 == 0);
  }

  TEST_CASE("two sides are compared over the cases that both have, and the same answers differ by nothing, surely") {
    const auto a = results_of({{40, 5, 5}, {4, 20, 2}, {3, 1, 10}});
    auto b = a;
    b.cells[0].cases.pop_back();

    const auto pairs = pair_values({a, a.cells[0], 1}, {b, b.cells[0], 1});

    CHECK(pairs.dropped == 1);
    CHECK(pairs.a == pairs.b);
    double sum = 0;
    for (const auto& value : pairs.b) sum += *value;
    CHECK(sum / static_cast<double>(pairs.b.size()) == near(macro_of(b).value));
  }

  TEST_CASE("a case that could not be scored is an error, and no answer") {
    auto results = results_of({{6, 1}, {1, 6}});
    results.cells[0].cases[0].scores.assign(3, std::nullopt);
    results.cells[0].cases[0].classes[0].answered.clear();
    const auto found = macro_of(results);
    CHECK(found.n == 13);
    CHECK(found.errors == 1);
    CHECK(found.value == near((10.0 / 12 + 12.0 / 14) / 2));
  }

  TEST_CASE("classes are written and read with the results") {
    auto results = results_of({{2, 1, 0}, {0, 2, 1}});
    results.cells[0].cases[1].classes[0] = {1, {0, 2, 1}};
    results.cells[0].cases[2].classes[0].answered.clear();
    results.cells[0].cases[2].classes[0].expected = 0;
    const auto read = results_from_jsonl("r", to_jsonl(results));
    REQUIRE(read);
    CHECK(*read == results);
  }
}
