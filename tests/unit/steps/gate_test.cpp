#include "steps/gate/gate.h"

#include <doctest/doctest.h>

#include "doc/yaml.h"
#include "fakes/fake_step_context.h"
#include "score/results.h"

using namespace llmops;
using fakes::FakeStepContext;

namespace {

doc::Node yaml(const std::string& text) {
  auto node = doc::parse_yaml("work.yaml", text);
  REQUIRE(node.has_value());
  return *std::move(node);
}

/// A hundred cases, of which so many are right; the first half of them in German.
score::CellResult cell(const std::string& model, const std::string& prompt, int right, int failed = 0) {
  score::CellResult out{model, prompt, sys::sha256(model), std::string(40, 'a'), {}};
  for (int i = 0; i < 100; ++i) {
    score::CaseResult one;
    one.id = "case " + std::to_string(i);
    one.fields = score::Fields::of(doc::Node::map({{"lang", i < 50 ? "de" : "en"}}));
    if (i >= 100 - failed) {
      one.error = "no answer";
      one.scores = {std::nullopt, std::nullopt};
    } else {
      one.scores = {i < right ? 1.0 : 0.0, model == "small" ? 0.001 : 0.01};
    }
    out.cases.push_back(std::move(one));
  }
  return out;
}

score::Results results(std::vector<score::CellResult> cells) {
  score::Results out;
  out.dataset = "golden";
  out.dataset_identity = "d";
  out.metrics = {{"accuracy", score::Scale::binary, score::Better::higher, {}},
                 {"cost_usd_per_query", score::Scale::amount, score::Better::lower, "USD"}};
  out.cells = std::move(cells);
  return out;
}

void measured(FakeStepContext& context, const std::string& step, const score::Results& results) {
  const auto bytes = score::to_jsonl(results);
  context.kept[step] = bytes;
  step::Output output;
  output.name = "results";
  output.digest = sys::sha256(bytes);
  context.given_inputs.steps[step].outputs = {output};
}

Result<step::Outcome> decide(FakeStepContext& context, const std::string& config) {
  context.given_config = yaml(config);
  auto declared = steps::gate::kind().declare(context.given_config);
  REQUIRE(declared.has_value());
  return steps::gate::kind().run(context);
}
Result<step::Outcome> decide(std::vector<score::CellResult> cells, const std::string& config) {
  FakeStepContext context;
  measured(context, "quality", results(std::move(cells)));
  return decide(context, config);
}

const doc::Node& row(const step::Outcome& outcome, std::size_t index) {
  return outcome.gate.find("requirements")->items().at(index);
}

}  // namespace

TEST_CASE("a requirement that holds passes, and its row tells all of it") {
  const auto outcome =
      decide({cell("small", "terse", 90)}, "from: quality\nrequire: [{metric: accuracy, at_least: 0.8}]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::ran);
  CHECK(outcome->cacheable);
  CHECK(outcome->gate.get("decision", "") == "pass");
  CHECK(outcome->gate.find("selected")->is_null());
  const auto& only = row(*outcome, 0);
  CHECK(only.get("of", "") == "small/terse");
  CHECK(only.get("rule", "") == "at_least");
  CHECK(only.get("bound", 0.0) == 0.8);
  CHECK(only.get("value", 0.0) == doctest::Approx(0.9));
  CHECK(only.get("low", 0.0) > 0.8);
  CHECK(only.get("low", 0.0) < 0.9);
  CHECK(only.get("n", 0) == 100);
  CHECK(only.get("decision", "") == "pass");
  CHECK(outcome->output("model")->value == doc::Node("small"));
  CHECK(outcome->output("prompt")->value == doc::Node("terse"));
}

TEST_CASE("a requirement that does not hold fails, one that cases don't settle is inconclusive") {
  const auto failed =
      decide({cell("small", "terse", 50)}, "from: quality\nrequire: [{metric: accuracy, at_least: 0.8}]");
  REQUIRE(failed.has_value());
  CHECK(failed->status == step::Status::failed);
  CHECK_FALSE(failed->cacheable);
  CHECK(failed->gate.get("decision", "") == "fail");
  CHECK(failed->reason.starts_with("accuracy of small/terse: "));

  const auto open = decide({cell("small", "terse", 82)}, "from: quality\nrequire: [{metric: accuracy, at_least: 0.8}]");
  REQUIRE(open.has_value());
  CHECK(open->status == step::Status::inconclusive);
  CHECK(row(*open, 0).find("cases_needed")->is_int());
}

TEST_CASE("with `inconclusive: warn` what cases don't settle passes, and is marked") {
  const auto outcome =
      decide({cell("small", "terse", 82)},
             "from: quality\nrequire: [{metric: accuracy, at_least: 0.8}]\nwhen: {inconclusive: warn}");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::ran);
  CHECK(outcome->gate.get("decision", "") == "inconclusive");
  CHECK(outcome->gate.get("warned", false));
  CHECK_FALSE(outcome->cacheable);
}

TEST_CASE("one requirement that fails outweighs all that hold or are open") {
  const auto outcome = decide({cell("small", "terse", 82)},
                              "from: quality\nrequire:\n  - {metric: accuracy, at_least: 0.5, at_most: 0.6}\n"
                              "  - {metric: accuracy, at_least: 0.8}\n");

  REQUIRE(outcome.has_value());
  REQUIRE(outcome->gate.find("requirements")->items().size() == 3);
  CHECK(row(*outcome, 0).get("decision", "") == "pass");
  CHECK(row(*outcome, 1).get("decision", "") == "fail");
  CHECK(row(*outcome, 2).get("decision", "") == "inconclusive");
  CHECK(outcome->status == step::Status::failed);
  CHECK(outcome->reason.starts_with("accuracy of small/terse: "));
}

TEST_CASE("with `point` the bare value decides") {
  const auto outcome =
      decide({cell("small", "terse", 82)}, "from: quality\nrequire: [{metric: accuracy, at_least: 0.8, point: true}]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::ran);
}

TEST_CASE("`where` looks only at cases with these fields") {
  const auto outcome = decide({cell("small", "terse", 50)},
                              "from: quality\nrequire: [{metric: accuracy, at_least: 0.9, where: {lang: de}}]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::ran);
  CHECK(row(*outcome, 0).get("n", 0) == 50);
  CHECK(row(*outcome, 0).find("where")->get("lang", "") == "de");
}

TEST_CASE("too many failed cases decide nothing") {
  const auto outcome =
      decide({cell("small", "terse", 90, 5)}, "from: quality\nrequire: [{metric: accuracy, at_least: 0.5}]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::inconclusive);
  CHECK(row(*outcome, 0).get("errors", 0) == 5);

  const auto allowed = decide({cell("small", "terse", 90, 5)},
                              "from: quality\nmax_errors: 10%\nrequire: [{metric: accuracy, at_least: 0.5}]");
  REQUIRE(allowed.has_value());
  CHECK(allowed->status == step::Status::ran);
}

TEST_CASE("the best cell is selected, and becomes the outputs and the subject") {
  const auto outcome =
      decide({cell("small", "terse", 50), cell("small", "guided", 90)},
             "from: quality\nselect: {metric: accuracy}\nrequire: [{metric: accuracy, at_least: 0.75}]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->gate.get("selected", "") == "small/guided");
  CHECK_FALSE(outcome->gate.get("selection", "").empty());
  CHECK(row(*outcome, 0).get("of", "") == "small/guided");
  CHECK(outcome->output("prompt")->value == doc::Node("guided"));
}

TEST_CASE("`among` narrows what may be selected, and `cheapest` settles ties by cost") {
  const auto narrowed = decide({cell("small", "terse", 50), cell("small", "guided", 90)},
                               "from: quality\nselect: {metric: accuracy, among: \"*/terse\"}");
  REQUIRE(narrowed.has_value());
  CHECK(narrowed->gate.get("selected", "") == "small/terse");

  const auto cheap = decide({cell("large", "terse", 90), cell("small", "terse", 90)},
                            "from: quality\nselect: {metric: accuracy, ties: cheapest}");
  REQUIRE(cheap.has_value());
  CHECK(cheap->gate.get("selected", "") == "small/terse");

  const auto none = decide({cell("small", "terse", 50)}, "from: quality\nselect: {metric: accuracy, among: [\"x/*\"]}");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().hint == "the cells are small/terse");
}

TEST_CASE("`versus` compares two cells case by case") {
  const std::vector<score::CellResult> cells = {cell("small", "terse", 60), cell("small", "guided", 90)};

  const auto better = decide(
      cells, "from: quality\nrequire: [{metric: accuracy, of: small/guided, versus: small/terse, better_by: 0.1}]");
  REQUIRE(better.has_value());
  CHECK(better->status == step::Status::ran);
  CHECK(row(*better, 0).get("versus", "") == "small/terse");
  CHECK(row(*better, 0).get("value", 0.0) == doctest::Approx(0.3));

  const auto worse = decide(
      cells, "from: quality\nrequire: [{metric: accuracy, of: small/terse, versus: small/guided, not_worse_by: 0.05}]");
  REQUIRE(worse.has_value());
  CHECK(worse->status == step::Status::failed);
}

TEST_CASE("against what is deployed nothing is decided while nothing is") {
  const auto outcome = decide({cell("small", "terse", 60)},
                              "from: quality\nrequire: [{metric: accuracy, versus: deployed, not_worse_by: 0.05}]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::ran);
  CHECK(row(*outcome, 0).get("decision", "") == "not_applicable");
  CHECK(row(*outcome, 0).find("value")->is_null());
}

TEST_CASE("a cell is named in short, by one of its names, or in the long form") {
  const std::vector<score::CellResult> cells = {cell("small", "terse", 50), cell("small", "guided", 90),
                                                cell("large", "guided", 90)};
  const auto subject = [&](const std::string& of) {
    const auto outcome = decide(cells, "from: quality\nrequire: [{metric: accuracy, of: " + of + ", at_least: 0.1}]");
    return outcome ? row(*outcome, 0).get("of", "") : outcome.error().message;
  };

  CHECK(subject("small/guided") == "small/guided");
  CHECK(subject("terse") == "small/terse");
  CHECK(subject("large") == "large/guided");
  CHECK(subject("{model: large}") == "large/guided");
  CHECK(subject("{model: small, prompt: guided}") == "small/guided");
  CHECK(subject("small") == "`small` fits several cells: `small/terse`, `small/guided`");
  CHECK(subject("small/guide") == "there is no cell `small/guide`");
}

TEST_CASE("errors list what could have been meant") {
  const std::vector<score::CellResult> cells = {cell("small", "terse", 50), cell("small", "guided", 90)};

  const auto several = decide(cells, "from: quality\nrequire: [{metric: accuracy, at_least: 0.1}]");
  REQUIRE_FALSE(several.has_value());
  CHECK(several.error().message == "the requirement fits several cells: `small/terse`, `small/guided`");
  CHECK(several.error().at.to_string() == "work.yaml:2:20");

  const auto misspelt = decide(cells, "from: quality\nrequire: [{metric: acuracy, of: terse, at_least: 0.1}]");
  REQUIRE_FALSE(misspelt.has_value());
  CHECK(misspelt.error().message == "there is no metric `acuracy`");
  CHECK(misspelt.error().hint == "did you mean `accuracy`?");

  const auto near = decide(cells, "from: quality\nrequire: [{metric: accuracy, of: small/ters, at_least: 0.1}]");
  REQUIRE_FALSE(near.has_value());
  CHECK(near.error().hint == "did you mean `small/terse`?");
}

TEST_CASE("a gate over a matrix of evals takes the results of all of them") {
  FakeStepContext context;
  measured(context, "quality[size=1]", results({cell("small", "terse", 50)}));
  measured(context, "quality[size=2]", results({cell("large", "terse", 90)}));

  const auto outcome = decide(context, "from: quality\nselect: {metric: accuracy}");

  REQUIRE(outcome.has_value());
  CHECK(outcome->gate.get("selected", "") == "large/terse");
}

TEST_CASE("a step without results can't be gated") {
  FakeStepContext context;
  context.given_inputs.steps["train"] = {};

  const auto outcome = decide(context, "from: train\nrequire: [{metric: accuracy, at_least: 0.1}]");

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().message == "`train` has no results for a gate");
}

TEST_CASE("requirements that ask for nothing, or for two things at once, are refused") {
  const std::string kVersus = "a requirement with `versus` needs either `better_by` or `not_worse_by`, and no level";
  const auto errors = [](const std::string& config) {
    const auto declared = steps::gate::kind().declare(yaml(config));
    return declared ? std::string() : declared.error().front().message;
  };
  CHECK(errors("from: q\nrequire: [{metric: a}]") ==
        "a requirement needs `at_least`, `at_most`, or `versus` with a margin");
  CHECK(errors("from: q\nrequire: [{metric: a, better_by: 0.1}]") ==
        "a requirement needs `at_least`, `at_most`, or `versus` with a margin");
  CHECK(errors("from: q\nrequire: [{metric: a, versus: x}]") == kVersus);
  CHECK(errors("from: q\nrequire: [{metric: a, versus: x, better_by: 0.1, not_worse_by: 0.1}]") == kVersus);
  CHECK(errors("from: q\nrequire: [{metric: a, versus: x, better_by: 0.1, at_least: 0.1}]") == kVersus);
  CHECK(errors("from: q\nrequire: [{metric: a, versus: x, better_by: -0.1}]") == "a margin can't be negative");
  CHECK(errors("from: q") == "a gate needs `require` or `select`");
}
