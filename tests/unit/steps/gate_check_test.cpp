#include <doctest/doctest.h>

#include "doc/yaml.h"
#include "steps/eval/eval.h"
#include "steps/gate/gate.h"

using namespace llmops;

namespace {

using Measured = step::Measures::Cell;

doc::Node yaml(const std::string& text) {
  auto node = doc::parse_yaml("work.yaml", text);
  REQUIRE(node.has_value());
  return *std::move(node);
}

step::Surroundings::Neighbour eval_of(std::vector<Measured> cells, std::vector<std::string> metrics = {"accuracy"}) {
  step::Surroundings::Neighbour out;
  out.declared.outputs.push_back({"results", {}, {}});
  out.declared.measures = {std::move(metrics), std::move(cells)};
  return out;
}

step::Surroundings two_cells() {
  step::Surroundings out;
  out.steps["quality"] = eval_of({{"small", "terse"}, {"small", "guided"}});
  return out;
}

/// `line message|hint` of each error.
std::vector<std::string> told(const step::Surroundings& around, const std::string& config) {
  std::vector<std::string> out;
  for (const auto& error : steps::gate::kind().check(yaml("from: quality\n" + config), around)) {
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.at.known());
    out.push_back(std::to_string(error.at.line) + " " + error.message + "|" + error.hint);
  }
  return out;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("what a gate names and the evals don't measure is told before anything runs") {
  const auto around = two_cells();

  CHECK(told(around, "require: [{metric: acuracy, of: small/terse, at_least: 0.5}]") ==
        Told{"2 there is no metric `acuracy`|did you mean `accuracy`?"});
  CHECK(told(around, "require: [{metric: accuracy, of: small/tere, at_least: 0.5}]") ==
        Told{"2 there is no cell `small/tere`|did you mean `small/terse`?"});
  CHECK(told(around, "require: [{metric: accuracy, of: {model: small, prompt: tere}, at_least: 0.5}]") ==
        Told{"2 there is no cell `small/tere`|did you mean `small/terse`?"});
  CHECK(told(around, "require: [{metric: accuracy, of: terse, versus: zz/p9, better_by: 0}]") ==
        Told{"2 there is no cell `zz/p9`|known here: `small/terse`, `small/guided`"});
  CHECK(told(around, "select: {metric: accurac}") == Told{"2 there is no metric `accurac`|did you mean `accuracy`?"});
  CHECK(told(around, "select: {metric: accuracy, among: [\"zz/*\"]}") ==
        Told{"2 no cell fits `among`|the cells are small/terse, small/guided"});
}

TEST_CASE("a requirement that says no cell where there are several is told, unless one is selected") {
  const auto around = two_cells();

  CHECK(told(around, "require: [{metric: accuracy, at_least: 0.5}]") ==
        Told{"2 the requirement fits several cells: `small/terse`, `small/guided`|name one with `of: model/prompt`"});
  CHECK(told(around, "require: [{metric: accuracy, of: small, at_least: 0.5}]") ==
        Told{"2 `small` fits several cells: `small/terse`, `small/guided`|name one with `of: model/prompt`"});
  CHECK(told(around, "select: {metric: accuracy}\nrequire: [{metric: accuracy, at_least: 0.5}]").empty());
  CHECK(told(around, "select: {metric: accuracy}\nrequire: [{metric: speed, at_least: 0.5}]").size() == 1);
}

TEST_CASE("what fits is not told, be it short, long, or what is deployed") {
  CHECK(told(two_cells(),
             "require:\n"
             "  - {metric: accuracy, of: terse, versus: {prompt: guided}, better_by: 0}\n"
             "  - {metric: accuracy, of: small/terse, versus: deployed, not_worse_by: 0}\n")
            .empty());
}

TEST_CASE("names that wait for a step, and evals that only running tells of, are passed over") {
  auto around = two_cells();
  CHECK(told(around, "require: [{metric: accuracy, of: \"${steps.pick.outputs.model}\", at_least: 0.5}]").empty());
  CHECK(told(around, "require: [{metric: \"${steps.pick.outputs.x}\", of: terse, at_least: 0.5}]").empty());
  CHECK(told(around, "select: {metric: accuracy, among: [\"${steps.pick.outputs.model}/*\"]}").empty());

  around.steps["quality"].declared.measures.cells.reset();
  CHECK(told(around, "require: [{metric: accuracy, of: zz, at_least: 0.5}]").empty());
  CHECK(told(around, "require: [{metric: acuracy, of: zz, at_least: 0.5}]").size() == 1);
  around.steps["quality"].declared.measures = {};
  CHECK(told(around, "require: [{metric: speed, of: zz, at_least: 0.5}]").empty());
}

TEST_CASE("evals that may be skipped leave open which of several cells is meant") {
  step::Surroundings around;
  around.steps["quality[size=1]"] = eval_of({{"one", "terse"}}, {"accuracy"});
  around.steps["quality[size=2]"] = eval_of({{"two", "terse"}}, {"speed"});
  const std::string terse = "require: [{metric: accuracy, of: terse, at_least: 0.5}]";
  CHECK(told(around, terse).size() == 1);

  around.steps["quality[size=2]"].conditional = true;
  CHECK(told(around, terse).empty());
  CHECK(told(around, "require: [{metric: acuracy, of: terse, at_least: 0.5}]").size() == 1);
  CHECK(told(around, "require: [{metric: accuracy, of: tere, at_least: 0.5}]").size() == 1);
}

TEST_CASE("a step without results can't be what a gate decides on") {
  step::Surroundings around;
  around.steps["quality"].declared.outputs.push_back({"report", "report.txt", {}});

  CHECK(told(around, "require: [{metric: accuracy, at_least: 0.5}]") ==
        Told{"1 `quality` has no results for a gate|name an `eval` step that runs here"});
}

TEST_CASE("an eval declares its metrics and cells, as far as they don't wait for a step") {
  const auto measures = [](const std::string& names) {
    auto declared = steps::eval::kind().declare(
        yaml(names + "\ndataset: golden\nscorers: [equals, not-contains: x, {equals: y, metric: exact}]"));
    REQUIRE(declared.has_value());
    return declared->measures;
  };

  const auto known = measures("models: [a, b]\nprompts: [p, q]");
  REQUIRE(known.metrics);
  CHECK(*known.metrics == Told{"equals", "not-contains", "exact", "latency_ms", "ttft_ms", "cost_usd_per_query"});
  REQUIRE(known.cells);
  Told cells;
  for (const auto& [model, prompt] : *known.cells) cells.push_back(model + "/" + prompt);
  CHECK(cells == Told{"a/p", "a/q", "b/p", "b/q"});

  CHECK(measures("models: [a]").cells->size() == 1);
  CHECK_FALSE(measures("models: [a]\nprompts: [\"${steps.pick.outputs.prompt}\"]").cells);
  CHECK(measures("models: [\"${steps.pick.outputs.model}\"]").metrics);
}

TEST_CASE("two scorers of one metric are told where they are written") {
  const auto declared =
      steps::eval::kind().declare(yaml("models: [a]\ndataset: golden\nscorers: [equals: x, equals: y]"));

  REQUIRE_FALSE(declared.has_value());
  CHECK(declared.error().front().message == "two scorers give the metric `equals`");
}
