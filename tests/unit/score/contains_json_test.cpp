#include <doctest/doctest.h>

#include "doc/yaml.h"
#include "score/scorer.h"

using namespace llmops;
using namespace llmops::score;

namespace {

Result<std::unique_ptr<Scorer>, Errors> scorer_of(const std::string& yaml) {
  TRY(const auto node, doc::parse_yaml("r.yaml", yaml));
  TRY(const auto config, record_of(static_cast<ScorerConfig*>(nullptr)).bind(node, schema::Late::allow));
  return make_scorer(config);
}

/// `passes`, or why not.
std::string verdict(const std::string& yaml, const std::string& answer) {
  CAPTURE(yaml);
  CAPTURE(answer);
  const auto scorer = scorer_of(yaml);
  if (!scorer) FAIL(render(scorer.error().front()));
  Sample sample;
  sample.output = answer;
  const auto scored = (*scorer)->score(sample);
  if (!scored) return "error: " + scored.error().message;
  return scored->pass.value_or(false) ? "passes" : scored->reason;
}

std::vector<std::string> refused(const std::string& yaml) {
  const auto scorer = scorer_of(yaml);
  REQUIRE_FALSE(scorer);
  std::vector<std::string> out;
  for (const auto& error : scorer.error()) out.push_back(error.at.to_string() + ": " + error.message);
  return out;
}

const std::string kPriced = "{type: object, required: [price], properties: {price: {type: number}}}";

}  // namespace

TEST_SUITE("score/scorers/json") {
  TEST_CASE("contains-json finds the first object or array, in prose and in a fence") {
    CHECK(verdict("contains-json", "Sure:\n```json\n{\"a\": [1]}\n```\n") == "passes");
    CHECK(verdict("contains-json", "the list is [1, 2].") == "passes");
    CHECK(verdict("contains-json", "{broken, but {\"a\": \"}\"} is not") == "passes");
    CHECK(verdict("contains-json", "3 or \"three\", {a: 1}") == "the answer contains no JSON object or array");
    CHECK(verdict("contains-json", "") == "the answer contains no JSON object or array");
    CHECK(verdict("not-contains-json", "see [1]") == "the answer contains JSON");
  }

  TEST_CASE("with a schema, contains-json wants a value that satisfies it, and says what is wrong with the first") {
    const auto priced = "contains-json: " + kPriced;
    CHECK(verdict(priced, "As in [1]: {\"price\": 3}") == "passes");
    CHECK(verdict(priced, "{\"price\": \"3\"}") == "`/price` must be number, found string");
    CHECK(verdict(priced, "[1] {\"price\": \"3\"}") ==
          "none of the 2 JSON values is as the schema wants it; in the first, the value must be object, found array");
    CHECK(verdict(priced, "{\"in\": {\"price\": 3}}") == "the value must have the property `price`");
  }

  TEST_CASE("contains-json gives up on a text that is made of brackets, and is quick with others") {
    CHECK(verdict("contains-json", std::string(20'000, '[')) == "the answer contains no JSON object or array");
    CHECK(verdict("contains-json", std::string(1'000'000, '[') + "]") ==
          "error: the answer could not be searched for JSON: it has too many brackets that start none");
    std::string quotes;
    for (int i = 0; i < 200; ++i) quotes += "[";
    CHECK(verdict("contains-json", quotes + "\"" + std::string(1'000'000, 'a')) ==
          "error: the answer could not be searched for JSON: it has too many brackets that start none");
    CHECK(verdict("contains-json", std::string(1'000'000, '{') + "\n") ==
          "the answer contains no JSON object or array");
  }

  TEST_CASE("is-json with a schema wants the whole answer to satisfy it") {
    const auto priced = "is-json: " + kPriced;
    CHECK(verdict(priced, " {\"price\": 3.5} ") == "passes");
    CHECK(verdict(priced, "{\"price\": null}") == "`/price` must be number, found null");
    CHECK(verdict(priced, "Sure: {\"price\": 3.5}").starts_with("the answer is not JSON: "));
    CHECK(verdict("not-is-json: " + kPriced, "{\"price\": 1}") == "the answer is JSON as the schema wants it");
    CHECK(verdict("{is-json: {items: {type: integer}}, transform: '{{ output | trim }}'}", "[1, 2]") == "passes");
  }

  TEST_CASE("a wrong schema is refused at its places, all in one go") {
    CHECK(refused("is-json: {type: number, minimum: low, pattern: '(?=a)'}\n") ==
          std::vector<std::string>{
              "r.yaml:1:34: expected `minimum` to be a number, found `\"low\"`",
              "r.yaml:1:48: expected a regular expression, found `(?=a)`: it has a look-ahead, which "
              "RE2 does not have"});
    CHECK(refused("is-json: {schema: answer.json}\n") ==
          std::vector<std::string>{
              "r.yaml:1:11: JSON Schema has no keyword `schema`, and schemas are not read from files"});
    CHECK(refused("contains-json: {const: '${case.label}'}\n") ==
          std::vector<std::string>{"r.yaml:1:24: a schema is the same for every case, found `${case.label}`"});
    CHECK(refused("is-json: '${case.schema}'\n") ==
          std::vector<std::string>{"r.yaml:1:10: a schema is the same for every case, found `${case.schema}`"});
  }

  TEST_CASE("an answer that can't be decided on is an error, not a wrong answer") {
    CHECK(verdict("is-json: {$dynamicAnchor: a, anyOf: [{type: string}, {$dynamicRef: '#a'}]}", "1") ==
          "error: the value could not be held against the schema: schemas are nested more than 1,500 deep");
  }
}
