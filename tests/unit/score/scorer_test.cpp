#include "score/scorer.h"

#include <doctest/doctest.h>

#include "unit/score/scoring.h"

using namespace llmops;
using namespace llmops::score;
using namespace llmops::score::testing;
using doctest::Approx;
using std::chrono::milliseconds;

TEST_SUITE("score/scorers") {
  TEST_CASE("equals compares with its text, or else with what is expected, exactly") {
    CHECK(value("{equals: billing}", answer("billing")) == 1);
    CHECK(value("{equals: billing}", answer("billing ")) == 0);
    CHECK(value("equals", answer("billing", "billing")) == 1);
    CHECK(value("equals", answer("Billing", "billing")) == 0);
    CHECK(value("{equals: 0.50}", answer("0.50")) == 1);
    CHECK(value("{equals: true}", answer("true")) == 1);
    CHECK(value("{equals: ''}", answer("")) == 1);
  }

  TEST_CASE("a wrong answer says what was found and expected, a right one nothing") {
    const auto scorer = made("equals");

    const auto wrong = scorer->score(answer("a refund", "billing"));
    const auto right = scorer->score(answer("billing", "billing"));

    REQUIRE(wrong);
    CHECK(wrong->pass == false);
    CHECK(wrong->reason == "found `a refund`, expected `billing`");
    CHECK(right->pass == true);
    CHECK(right->reason.empty());
  }

  TEST_CASE("without anything expected a case is an error, not a wrong answer") {
    const auto scored = made("equals")->score(answer("billing"));

    REQUIRE_FALSE(scored);
    CHECK(scored.error().kind == ErrorKind::invalid);
    CHECK(scored.error().message == "the case has nothing expected to compare with");
  }

  TEST_CASE("not- turns a scorer round, its reason and its name") {
    const auto scorer = made("{not-contains: sorry}");

    const auto bad = scorer->score(answer("I am sorry"));

    CHECK(scorer->metric().name == "not-contains");
    REQUIRE(bad);
    CHECK(bad->value == 0);
    CHECK(bad->reason == "the answer contains `sorry`");
    CHECK(value("{not-contains: sorry}", answer("Done")) == 1);
    CHECK(value("{not-levenshtein: abcd}", answer("abcx")) == Approx(0.25));
  }

  TEST_CASE("contains, icontains and starts-with") {
    CHECK(value("{contains: ell}", answer("hello")) == 1);
    CHECK(value("{contains: ELL}", answer("hello")) == 0);
    CHECK(value("{icontains: ELL}", answer("hello")) == 1);
    CHECK(value("{icontains: ÄRGER}", answer("viel ärger")) == 1);
    CHECK(value("{icontains: a.c}", answer("abc")) == 0);
    CHECK(value("{icontains: ''}", answer("abc")) == 1);
    CHECK(value("{icontains: kiss}", answer("\xE2\x84\xAA"
                                            "I\xC5\xBFS")) == 1);
    CHECK(value("{icontains: straße}", answer("STRASSE")) == 0);
    CHECK(value("{icontains: B}", answer("\xff b")) == 1);
    CHECK(value("{starts-with: he}", answer("hello")) == 1);
    CHECK(value("{starts-with: lo}", answer("hello")) == 0);
    CHECK(value("contains", answer("it is billing", "billing")) == 1);
  }

  TEST_CASE("regex searches anywhere, with RE2's syntax, also in broken bytes") {
    CHECK(value(R"({regex: '^\d{4}-\d\d$'})", answer("2026-11")) == 1);
    CHECK(value(R"({regex: '^\d{4}-\d\d$'})", answer("on 2026-11")) == 0);
    CHECK(value("{regex: '(?i)yes'}", answer("well, YES")) == 1);
    CHECK(value("{regex: b+}", answer("\xff\xfe abb")) == 1);
    CHECK(value("{not-regex: b+}", answer("aaa")) == 1);
  }

  TEST_CASE("an invalid pattern is an error at its place") {
    CHECK(refused("regex: a(b\n") == "r.yaml:1:8: expected a regular expression, found `a(b`: missing ): a(b");
  }

  TEST_CASE("is-json wants one value and nothing else") {
    CHECK(value("is-json", answer(R"( {"a": [1, 2.5, null]} )")) == 1);
    CHECK(value("is-json", answer("3")) == 1);
    CHECK(value("is-json", answer("Sure! {\"a\": 1}")) == 0);
    CHECK(value("is-json", answer("")) == 0);
    CHECK(value("not-is-json", answer("plain")) == 1);
    CHECK(made("is-json")->score(answer("{"))->reason.starts_with("the answer is not JSON: "));
  }

  TEST_CASE("levenshtein is graded by the longer text, in code points, and a swap is two edits") {
    CHECK(value("{levenshtein: kitten}", answer("sitting")) == Approx(1 - 3.0 / 7));
    CHECK(value("{levenshtein: ab}", answer("ba")) == 0);
    CHECK(value("{levenshtein: größe}", answer("grosse")) == Approx(1 - 3.0 / 6));
    CHECK(value("levenshtein", answer("", "")) == 1);
    CHECK(value("levenshtein", answer("abc", "")) == 0);
    const auto scorer = made("levenshtein");
    CHECK(scorer->metric().scale == Scale::graded);
    CHECK_FALSE(scorer->score(answer("abc", "abd"))->pass);
  }

  TEST_CASE("levenshtein with at_most is right or wrong") {
    const auto scorer = made("{levenshtein: {to: kitten, at_most: 2}}");

    CHECK(scorer->metric().scale == Scale::binary);
    CHECK(scorer->score(answer("mitten"))->value == 1);
    CHECK(scorer->score(answer("sitting"))->value == 0);
    CHECK(scorer->score(answer("sitting"))->reason == "3 edits from `kitten`, at most 2");
    CHECK(value("{levenshtein: {at_most: 1}}", answer("abc", "abd")) == 1);
  }

  TEST_CASE("a threshold makes a graded scorer a pass rate, and not- passes below it") {
    const auto scorer = made("{levenshtein: abcd, threshold: 0.7, metric: close}");

    CHECK(scorer->metric() == MetricInfo{"close", Scale::binary, Better::higher, ""});
    CHECK(scorer->score(answer("abcx"))->value == 1);
    const auto far = scorer->score(answer("abxx"));
    CHECK(far->value == 0);
    CHECK(far->reason == "2 edits from `abcd`: 0.5, threshold 0.7");
    CHECK(value("{not-levenshtein: abcd, threshold: 0.7}", answer("abcx")) == 0);
    CHECK(value("{not-levenshtein: abcd, threshold: 0.7}", answer("abxx")) == 1);
  }

  TEST_CASE("latency and cost pass up to their limit") {
    auto sample = answer("x");
    sample.latency = milliseconds(2000);
    sample.cost = Usd{0.002};

    CHECK(value("{latency: {at_most_ms: 2000}}", sample) == 1);
    CHECK(value("{latency: {at_most_ms: 1999}}", sample) == 0);
    CHECK(value("{cost: {at_most_usd: 0.002}}", sample) == 1);
    CHECK(value("{not-cost: {at_most_usd: 0.001}}", sample) == 1);
    CHECK(made("{latency: {at_most_ms: 500}}")->score(sample)->reason == "took 2000 ms, at most 500 ms");
  }

  TEST_CASE("an unknown cost is an error, never a pass, not even turned round") {
    for (const auto* yaml : {"{cost: {at_most_usd: 1}}", "{not-cost: {at_most_usd: 1}}"}) {
      const auto scored = made(yaml)->score(answer("x"));
      REQUIRE_FALSE(scored);
      CHECK(scored.error().message == "the price of this model is not known");
    }
  }

  TEST_CASE("a setting may be read from each case") {
    const auto fields =
        doc::Node::map({{"label", "bug"}, {"n", 3}, {"answers", doc::Node::strings({"x", "y"})}, {"limit", 100}});
    auto sample = answer("bug");
    sample.case_fields = &fields;
    sample.latency = milliseconds(80);

    CHECK(value("equals: ${case.label}", sample) == 1);
    CHECK(value("regex: '^${case.label}$'", sample) == 1);
    CHECK(value("latency: {at_most_ms: '${case.limit}'}", sample) == 1);
    sample.output = "y";
    CHECK(value("equals: '${case.answers[1]}'", sample) == 1);
    sample.output = "<bug-3> $";
    CHECK(value("equals: '<${case.label}-${case.n}> $$'", sample) == 1);
  }

  TEST_CASE("a field that the case lacks is an error at the setting's place") {
    const auto fields = doc::Node::map({{"label", "bug"}});
    auto sample = answer("bug");
    sample.case_fields = &fields;

    const auto scored = made("equals: ${case.lable}")->score(sample);

    REQUIRE_FALSE(scored);
    CHECK(scored.error().message == "the case has no `case.lable`");
    CHECK(scored.error().at.line == 1);
  }

  TEST_CASE("a setting can't read other names than case") {
    CHECK(refused("equals: ${vars.label}").find("unknown name `vars.label`") != std::string::npos);
  }

  TEST_CASE("a setting without an expression is taken as it is") {
    CHECK(value("equals: 'cost: $$5'", answer("cost: $$5")) == 1);
    CHECK(value("regex: '5$'", answer("25")) == 1);
  }

  TEST_CASE("a transform sees output, case and expected, and comes first") {
    const auto fields = doc::Node::map({{"unit", "kg"}});
    auto sample = answer("  5KG ", "5");
    sample.case_fields = &fields;

    CHECK(value("{equals: 5kg, transform: '{{ output | trim | lower }}'}", sample) == 1);
    CHECK(value("{equals: 5kg, transform: '{{ expected }}{{ case.unit }}'}", sample) == 1);
  }

  TEST_CASE("a transform that can't work is an error when made, or of the case") {
    CHECK(refused("{equals: a, transform: '{{ outptu }}'}").find("unknown name `outptu` in a transform") !=
          std::string::npos);
    CHECK(refused("{equals: a, transform: '{{ output'}").starts_with("r.yaml:1:"));
    const auto scored = made("{contains: a, transform: '{{ expected }}'}")->score(answer("x"));
    CHECK_FALSE(scored);
  }

  TEST_CASE("a transform with a filter that nothing has is refused at its place") {
    CHECK(refused("{equals: a, transform: '{{ output | trimm }}'}") == "r.yaml:1:37: there is no filter `trimm`");
  }

  TEST_CASE("the fields that settings are read from are told with their places") {
    const auto fields = [](const std::string& yaml) {
      std::string out;
      for (const auto& [field, at] : case_fields(*config_of(yaml))) {
        out += field + " " + std::to_string(at.column) + ";";
      }
      return out;
    };

    CHECK(fields("equals: \"${case.label} or ${case.user.name}\"") == "label 12;user 29;");
    CHECK(fields("{levenshtein: {to: \"${case.label}\", at_most: \"${case.most}\"}}") == "label 23;most 49;");
    CHECK(fields("equals").empty());
    CHECK(fields("equals: $5").empty());
  }

  TEST_CASE("wrong settings are refused with their place") {
    CHECK(refused("{equal: a}").find("equal") != std::string::npos);
    CHECK(refused("regex").find("`regex` needs a setting, found none") != std::string::npos);
    CHECK(refused("latency").find("`latency` needs a setting") != std::string::npos);
    CHECK(refused("{latency: {at_most: 3}}").starts_with("r.yaml:1:12: "));
    CHECK(refused("{latency: {at_most_ms: -1}}").starts_with("r.yaml:1:24: "));
    CHECK(refused("{contains: [a]}").starts_with("r.yaml:1:12: "));
    CHECK(refused("{levenshtein: {to: a, at_most: 1.5}}").starts_with("r.yaml:1:32: "));
    CHECK(refused("{equals: a, threshold: 0.5}") ==
          "r.yaml:1:2: `threshold` needs a graded score, `equals` gives 0 or 1 here");
    CHECK(refused("{levenshtein: a, threshold: 2}").starts_with("r.yaml:1:29: "));
    CHECK(refused("{equals: a, weight: -1}").starts_with("r.yaml:1:21: "));
    CHECK(refused("{equals: a, contains: b}").starts_with("r.yaml:1:"));
  }

  TEST_CASE("a configuration made in C++ is checked too") {
    ScorerConfig config;
    config.scorer.tag = "eqals";
    const auto scorer = make_scorer(config);
    REQUIRE_FALSE(scorer);
    CHECK(scorer.error().front().message == "unknown scorer `eqals`");
    CHECK(scorer.error().front().hint == "did you mean `equals`?");
  }

  TEST_CASE("what is expected is needed only where nothing else is given") {
    const auto needed = [](const std::string& yaml) {
      const auto config = config_of(yaml);
      REQUIRE(config);
      return needs_expected(*config);
    };
    CHECK(needed("equals"));
    CHECK(needed("not-contains"));
    CHECK(needed("{levenshtein: {at_most: 2}}"));
    CHECK_FALSE(needed("{equals: '${case.label}'}"));
    CHECK_FALSE(needed("{equals: ''}"));
    CHECK_FALSE(needed("{levenshtein: {to: a}}"));
    CHECK_FALSE(needed("is-json"));
    CHECK_FALSE(needed("{latency: {at_most_ms: 5}}"));
  }
}
