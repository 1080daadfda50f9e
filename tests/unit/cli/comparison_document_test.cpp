#include <doctest/doctest.h>

#include <cmath>

#include "cli/document_schemas.h"
#include "lineage/comparison.h"
#include "report/comparison_text.h"

using namespace llmops;

namespace {

score::CaseResult one_case(const std::string& id, std::optional<double> right, const std::string& error = {}) {
  score::CaseResult out;
  out.id = id;
  out.scores = {right, 12.0};
  out.error = error;
  out.fields.add("text", "case " + id);
  return out;
}

/// A run of one step with two cells; `right` are the scores of the first.
lineage::Side side_of(const lineage::RunEntry& run, const std::vector<std::optional<double>>& right,
                      const std::string& blob) {
  lineage::MeasuredStep step;
  step.id = "quality";
  step.results.dataset = "golden";
  step.results.dataset_identity = "d1";
  step.results.metrics = {{"accuracy", score::Scale::binary, score::Better::higher, ""},
                          {"latency_ms", score::Scale::amount, score::Better::lower, "ms"}};
  for (const auto* prompt : {"terse", "guided"}) {
    score::CellResult cell;
    cell.model = "small";
    cell.prompt = prompt;
    cell.prompt_blob = std::string(prompt) == "terse" ? blob : "same";
    for (std::size_t i = 0; i < right.size(); ++i) {
      const bool first = std::string(prompt) == "terse";
      cell.cases.push_back(one_case("c" + std::to_string(i), first ? right[i] : 1.0, right[i] ? "" : "timed out"));
    }
    step.results.cells.push_back(std::move(cell));
  }
  lineage::Side out;
  out.asked = run.id();
  out.run = &run;
  out.steps = {std::move(step)};
  return out;
}

lineage::RunEntry run_entry(const std::string& id) {
  lineage::RunEntry out;
  out.document = doc::Node::map({{"run", id},
                                 {"commit", "c0ffee"},
                                 {"recipe", "triage"},
                                 {"environment", "dev"},
                                 {"dirty", false},
                                 {"started", "2026-01-01T00:00:00Z"}});
  return out;
}

}  // namespace

TEST_CASE("cells of one name are paired, p is corrected over all rows, and what got worse comes first") {
  const auto before = run_entry("A"), after = run_entry("B");
  const auto a = side_of(before, {0.0, 1.0, 1.0, std::nullopt}, "b1");
  const auto b = side_of(after, {1.0, 0.0, 1.0, 1.0}, "b2");
  const auto compared = lineage::compare(a, b, {});
  REQUIRE(compared);

  REQUIRE(compared->metrics.size() == 4);
  CHECK(compared->metrics[0].of == "small/terse");
  CHECK(compared->metrics[0].numbers.n == 3);
  CHECK(compared->metrics[0].numbers.errors == 1);
  CHECK(*compared->metrics[0].p_adjusted == 1);
  REQUIRE(compared->flips.size() == 3);
  CHECK(compared->flips[0].case_id == "c1");
  CHECK(compared->flips[1].case_id == "c0");
  CHECK(compared->flips[2].case_id == "c3");
  CHECK(compared->flips[2].error_a == "timed out");
  REQUIRE(compared->differences.size() == 1);
  CHECK(compared->differences[0].what == "prompt terse");

  const report::ComparisonView view{
      a, b, *compared, {{"x", std::nullopt}, {std::nullopt, "y"}, {std::nullopt, std::nullopt}}, {"@@ -1 +1 @@\n"}, 10};
  std::string faults;
  for (const auto& error : schema::check(cli::comparison_document_type(), report::to_node(view), schema::Late::refuse))
    faults += render(error);
  CHECK(faults == "");
}

TEST_CASE("a p is corrected by Holm for all rows that have one") {
  const auto before = run_entry("A"), after = run_entry("B");
  const auto a = side_of(before, std::vector<std::optional<double>>(7, 0.0), "b1");
  const auto b = side_of(after, std::vector<std::optional<double>>(7, 1.0), "b2");
  const auto compared = lineage::compare(a, b, {});
  REQUIRE(compared);

  REQUIRE(compared->metrics.size() == 4);
  CHECK(*compared->metrics[0].numbers.p == doctest::Approx(2 * std::pow(0.5, 7)));
  CHECK(*compared->metrics[0].p_adjusted == doctest::Approx(4 * 2 * std::pow(0.5, 7)));
  CHECK(*compared->metrics[3].p_adjusted == 1);
}

TEST_CASE("two cells of one run are compared where each side means one") {
  const auto run = run_entry("A");
  auto a = side_of(run, {0.0, 1.0}, "b1"), b = a;
  a.cell = "small/terse";
  b.cell = "small/guided";
  const auto compared = lineage::compare(a, b, {});
  REQUIRE(compared);

  CHECK(compared->metrics[0].of == "small/terse → small/guided");
  CHECK(compared->metrics[0].numbers.difference == 0.5);
}

TEST_CASE("what changed beside the numbers is told") {
  const auto before = run_entry("A"), after = run_entry("B");
  const auto a = side_of(before, {0.0, 1.0}, "b1");
  auto b = side_of(after, {0.0, 1.0}, "b1");
  b.steps[0].results.scorers.bytes[0] = 1;
  b.steps[0].results.dataset_identity = "d2";
  b.steps[0].results.repeat = 3;
  b.steps[0].results.metrics[0].name = "exactness";
  const auto compared = lineage::compare(a, b, {});
  REQUIRE(compared);

  REQUIRE(compared->differences.size() == 2);
  CHECK(compared->differences[0].what == "dataset golden");
  CHECK(compared->differences[1].what == "scorers of quality");
  CHECK(compared->notes.size() == 3);
}

TEST_CASE("sides without a cell or a case in common are an error of usage") {
  const auto run = run_entry("A");
  const auto a = side_of(run, {0.0, 1.0}, "b1");
  auto b = a;
  b.steps[0].id = "other";
  CHECK(lineage::compare(a, b, {}).error().kind == ErrorKind::usage);
  b = a;
  for (auto& cell : b.steps[0].results.cells) {
    for (auto& one : cell.cases) one.id += "-new";
  }
  const auto none = lineage::compare(a, b, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("no case in common") != std::string::npos);
}
