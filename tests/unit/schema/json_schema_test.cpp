#include <doctest/doctest.h>

#include <string>

#include "doc/json.h"
#include "unit/schema/sample.h"

using llmops::doc::Node;
using llmops::schema::json_schema;
using llmops::schema::Type;

namespace {

Node schema_of_step() {
  return json_schema(record_of(static_cast<sample::Step*>(nullptr)).type(), "https://example.test/step.json", "A step");
}

const Node& at(const Node& node, std::initializer_list<std::string> path) {
  const Node* out = &node;
  for (const auto& key : path) {
    CAPTURE(key);
    out = out->find(key);
    REQUIRE(out);
  }
  return *out;
}

/// Every `$ref` below this node.
void collect_references(const Node& node, std::vector<std::string>& out) {
  if (node.is_list()) {
    for (const auto& item : node.items()) collect_references(item, out);
  } else if (node.is_map()) {
    for (const auto& entry : node.entries()) {
      if (entry.key == "$ref") out.push_back(entry.value.as_string());
      collect_references(entry.value, out);
    }
  }
}

}  // namespace

TEST_SUITE("schema/json_schema") {
  TEST_CASE("the root is a closed object of draft-07 with id, title and required keys") {
    const auto schema = schema_of_step();

    CHECK(at(schema, {"$schema"}).as_string() == "http://json-schema.org/draft-07/schema#");
    CHECK(at(schema, {"$id"}).as_string() == "https://example.test/step.json");
    CHECK(at(schema, {"title"}).as_string() == "A step");
    CHECK(at(schema, {"description"}).as_string() == "One step of a recipe.");
    CHECK_FALSE(at(schema, {"additionalProperties"}).as_bool());
    CHECK(to_json(at(schema, {"required"})) == R"(["id","dataset"])");
    CHECK(to_json(at(schema, {"oneOf"})) == R"([{"required":["exec"]},{"required":["gate"]}])");
  }

  TEST_CASE("a field has its type or an expression, its help and its default") {
    const auto schema = schema_of_step();

    CHECK(to_json(at(schema, {"properties", "repeat"})) ==
          R"({"anyOf":[{"type":"integer","minimum":1},{"$ref":"#/definitions/expression"}],)"
          R"("description":"Answers drawn for each case.","default":1})");
    CHECK(to_json(at(schema, {"properties", "needs"})) ==
          R"({"anyOf":[{"type":"array","items":{"type":["string","number","boolean"]}},)"
          R"({"type":["string","number","boolean"]},{"$ref":"#/definitions/expression"}],)"
          R"("description":"Steps that come first."})");
    CHECK(to_json(at(schema, {"properties", "id"})) ==
          R"({"type":["string","number","boolean"],"pattern":"\\S","description":"The step's name."})");
    CHECK(to_json(at(schema, {"definitions", "expression"})) == R"({"type":"string","pattern":"\\$\\{"})");
  }

  TEST_CASE("records stand once under definitions, with prefixed alternatives and bare names") {
    const auto schema = schema_of_step();

    CHECK(to_json(at(schema, {"properties", "scorers", "anyOf"}).items()[0]) ==
          R"({"type":"array","items":{"anyOf":[{"$ref":"#/definitions/scorer"},{"enum":["equals","is-json",)"
          R"("not-equals","not-is-json"]},{"$ref":"#/definitions/expression"}]}})");
    const auto& scorer = at(schema, {"definitions", "scorer"});
    CHECK(at(scorer, {"oneOf"}).size() == 8);
    CHECK(
        to_json(at(scorer, {"properties", "not-equals"})) ==
        R"({"anyOf":[{"type":["string","number","boolean"]},{"type":"null"}],"description":"The answer is this text."})");
    CHECK(to_json(at(scorer, {"properties", "is-json"})) == R"({"description":"The answer is JSON."})");
    CHECK(at(scorer, {"properties", "latency", "anyOf"}).items()[0].find("properties")->find("at_most_ms"));
  }

  TEST_CASE("every reference leads to a definition") {
    const auto schema = schema_of_step();
    std::vector<std::string> references;

    collect_references(schema, references);

    CHECK(references.size() > 10);
    for (const auto& reference : references) {
      CAPTURE(reference);
      const std::string prefix = "#/definitions/";
      REQUIRE(reference.starts_with(prefix));
      CHECK(at(schema, {"definitions"}).find(reference.substr(prefix.size())));
    }
  }

  TEST_CASE("two records of one name that differ keep both definitions") {
    auto one = Type::of(Type::Kind::record), other = one, root = one;
    one.name = other.name = "thing";
    one.help = "One.";
    other.help = "Other.";
    root.fields = {{"a", one, false, {}, ""}, {"b", other, false, {}, ""}, {"c", one, false, {}, ""}};

    const auto schema = json_schema(root, "x", "x");

    CHECK(at(schema, {"definitions", "thing", "description"}).as_string() == "One.");
    CHECK(at(schema, {"definitions", "thing-2", "description"}).as_string() == "Other.");
    CHECK(to_json(at(schema, {"properties", "c", "anyOf"}).items()[0]) == R"({"$ref":"#/definitions/thing"})");
  }

  TEST_CASE("the reference lists every record once, in the order of first mention") {
    const auto page = reference(record_of(static_cast<sample::Step*>(nullptr)).type());

    CHECK(
        page.starts_with("## step\n\nOne step of a recipe.\n\n"
                         "| key | type | default | required | help |\n|---|---|---|---|---|\n"
                         "| `id` | a string | | yes | The step's name. |\n"));
    CHECK(page.find("| `repeat` | an integer, at least 1 | `1` | | Answers drawn for each case. |\n") !=
          std::string::npos);
    CHECK(page.find("| `scorers` | a list of scorers → [scorer](#scorer) | | | How an answer is scored. |\n") !=
          std::string::npos);
    CHECK(page.find("| `transform` | a string | | | A template that cleans the answer \\| first. |\n") !=
          std::string::npos);
    CHECK(page.find("| `at_most_ms` | an integer | | yes | Slowest answer that passes. (ms) |\n") != std::string::npos);
    CHECK(page.find("| `equals` | a string (optional) | The answer is this text. |\n") != std::string::npos);
    const auto scorer = page.find("\n## scorer\n"), data = page.find("\n## dataset\n"),
               latency = page.find("\n## latency\n");
    CHECK(scorer < data);
    CHECK(data < latency);
    CHECK(latency != std::string::npos);
  }
}
