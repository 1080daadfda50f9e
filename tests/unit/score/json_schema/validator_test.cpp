#include "score/json_schema/validator.h"

#include <doctest/doctest.h>

#include "doc/json.h"

using namespace llmops;
using score::json_schema::Draft;
using score::json_schema::Validator;

namespace {

doc::Node json(const std::string& text) {
  CAPTURE(text);
  auto parsed = doc::parse_json("schema.json", text);
  REQUIRE(parsed);
  return *std::move(parsed);
}

Validator compiled(const std::string& schema, Draft draft = Draft::draft2020_12) {
  CAPTURE(schema);
  auto out = Validator::compile(json(schema), draft);
  if (!out) FAIL(render(out.error().front()));
  return *std::move(out);
}

/// The violation's text, or `fits`.
std::string check(const std::string& schema, const std::string& value) {
  CAPTURE(schema);
  CAPTURE(value);
  const auto violation = compiled(schema).validate(json(value));
  if (!violation) FAIL(violation.error().message);
  return *violation ? (*violation)->text() : "fits";
}

/// Every error of a schema, with its place, a line each.
std::string refused(const std::string& schema, Draft draft = Draft::draft2020_12) {
  CAPTURE(schema);
  const auto made = Validator::compile(json(schema), draft);
  REQUIRE_FALSE(made);
  std::string out;
  for (const auto& error : made.error()) out += error.at.to_string() + ": " + error.message + "\n";
  return out;
}

std::string nested(std::size_t depth, const std::string& open, const std::string& middle, const std::string& close) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) out += open;
  out += middle;
  for (std::size_t i = 0; i < depth; ++i) out += close;
  return out;
}

}  // namespace

TEST_SUITE("score/json_schema/validator") {
  TEST_CASE("a violation says where in the value, what is wanted and what was found") {
    const std::string order = R"({"type": "object", "required": ["id", "items"], "properties": {
      "id": {"type": "integer", "minimum": 1}, "state": {"enum": ["open", "closed"]},
      "items": {"type": "array", "maxItems": 4, "items": {"type": "object", "additionalProperties": false,
        "properties": {"price": {"type": "number"}, "na/me~": {"type": "string", "minLength": 2}}}}}})";
    CHECK(check(order, R"({"id": 1, "items": [{"price": 2.5}]})") == "fits");
    CHECK(check(order, R"([])") == "the value must be object, found array");
    CHECK(check(order, R"({"id": 1, "items": [{}, {}, {}, {"price": "3"}]})") ==
          "`/items/3/price` must be number, found string");
    CHECK(check(order, R"({"id": 1})") == "the value must have the property `items`");
    CHECK(check(order, R"({"id": 0, "items": []})") == "`/id` must be at least 1, found 0");
    CHECK(check(order, R"({"id": 1, "items": [], "state": "lost"})") ==
          R"(`/state` must be one of `"open"`, `"closed"`, found `"lost"`)");
    CHECK(check(order, R"({"id": 1, "items": [{"na/me~": "x"}]})") ==
          "`/items/0/na~1me~0` must have at least 2 characters, found 1");
    CHECK(check(order, R"({"id": 1, "items": [{"cost": 1}]})") == "`/items/0/cost` is not allowed");
    CHECK(check(order, R"({"id": 1, "items": [{}, {}, {}, {}, {}]})") == "`/items` must have at most 4 items, found 5");
  }

  TEST_CASE("where several schemas could match, the violation is of the one that came furthest") {
    const std::string either = R"({"anyOf": [{"type": "null"},
      {"type": "object", "properties": {"a": {"properties": {"b": {"type": "boolean"}}}}}]})";
    CHECK(
        check(either, R"({"a": {"b": 1}})") ==
        "the value must match one of the 2 schemas of `anyOf`; for the nearest, `/a/b` must be boolean, found integer");
    CHECK(check(R"({"oneOf": [{"type": "integer"}, {"minimum": 2}]})", "3") ==
          "the value must match only one schema of `oneOf`, matches those at 0 and 1");
    CHECK(check(R"({"propertyNames": {"maxLength": 2}})", R"({"abc": 1})") ==
          "the value has the property `abc`, whose name must have at most 2 characters, found 3");
  }

  TEST_CASE("numbers are compared as numbers, and multiples exactly") {
    CHECK(check(R"({"const": 1})", "1.0") == "fits");
    CHECK(check(R"({"type": "integer"})", "1e3") == "fits");
    CHECK(check(R"({"type": "integer"})", "1.5") == "the value must be integer, found number");
    CHECK(check(R"({"multipleOf": 0.1})", "0.3") == "fits");
    CHECK(check(R"({"multipleOf": 0.01})", "19.99") == "fits");
    CHECK(check(R"({"multipleOf": 0.01})", "-4.35") == "fits");
    CHECK(check(R"({"multipleOf": 0.01})", "19.995") == "the value must be a multiple of 0.01, found 19.995");
    CHECK(check(R"({"multipleOf": 1e-8})", "12391239123") == "fits");
    CHECK(check(R"({"multipleOf": 7})", "1e300") == "the value must be a multiple of 7, found 1e+300");
    CHECK(check(R"({"maximum": 9007199254740992.0})", "9007199254740993") ==
          "the value must be at most 9007199254740992.0, found 9007199254740993");
    CHECK(check(R"({"minimum": 9223372036854775807})", "9223372036854775808") == "fits");
    CHECK(check(R"({"exclusiveMinimum": -0.5})", "-1") == "the value must be more than -0.5, found -1");
  }

  TEST_CASE("lengths count code points") {
    CHECK(check(R"({"maxLength": 2})", R"("💩ö")") == "fits");
    CHECK(check(R"({"minLength": 2})", R"("💩")") == "the value must have at least 2 characters, found 1");
  }

  TEST_CASE("equal items are found whatever their order and form, and however many there are") {
    CHECK(check(R"({"uniqueItems": true})", R"([{"a": 1, "b": 2}, 3, {"b": 2.0, "a": 1}])") ==
          R"(the value must have no two equal items, found `{"a":1,"b":2}` at 0 and 2)");
    CHECK(check(R"({"uniqueItems": true})", R"([1, true, "1", [1], [[1]], null, 0, false, "", [], {}])") == "fits");
    std::string many = "[0";
    for (int i = 1; i < 200'000; ++i) many += "," + std::to_string(i);
    CHECK(check(R"({"uniqueItems": true})", many + "]") == "fits");
    CHECK(check(R"({"uniqueItems": true})", many + ",77]") ==
          "the value must have no two equal items, found `77` at 77 and 200000");
    std::string choices = "[\"x\"";
    for (int i = 0; i < 100; ++i) choices += "," + std::to_string(i);
    CHECK(check("{\"enum\": " + choices + "]}", "99.0") == "fits");
    CHECK(check("{\"enum\": " + choices + "]}", "100").starts_with("the value must be one of `\"x\"`, `0`, "));
  }

  TEST_CASE("the draft decides what a keyword means") {
    const auto list = json("[1, 2]");
    const std::string tuple = R"({"items": [{"type": "string"}]})";
    CHECK(compiled(tuple, Draft::draft7).validate(list)->has_value());
    CHECK(refused(tuple) == "schema.json:1:11: expected `items` to be a schema, found a list\n");
    CHECK(compiled(R"({"prefixItems": [{"type": "string"}]})").validate(list)->has_value());
    CHECK_FALSE(compiled(R"({"prefixItems": [{"type": "string"}]})", Draft::draft7).validate(list)->has_value());
    CHECK(compiled(R"({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]})")
              .validate(list)
              ->has_value());
    CHECK(refused(R"({"$schema": "http://json-schema.org/draft-04/schema#"})") ==
          "schema.json:1:13: expected `$schema` to be one that is known here, found "
          "`http://json-schema.org/draft-04/schema#`\n");
  }

  TEST_CASE("everything wrong with a schema is told at once, each at its place") {
    const std::string wrong = R"json({
  "type": "strin",
  "required": ["a", "a"],
  "minLength": -1,
  "multipleOf": 0,
  "properties": {"a": 3, "b": {"pattern": "(?=x)"}},
  "$defs": {"c": {"$ref": "http://example.com/other.json"}, "d": {"$ref": "#/$defs/x"}, "e": {"$ref": "#y"}}
})json";
    CHECK(
        refused(wrong) ==
        "schema.json:2:11: there is no type `strin`\n"
        "schema.json:3:21: `required` names `\"a\"` twice\n"
        "schema.json:4:16: expected `minLength` to be an integer of at least 0, found `-1`\n"
        "schema.json:5:17: expected `multipleOf` to be a number above 0, found `0`\n"
        "schema.json:6:23: expected a schema (a map, true or false), found an integer\n"
        "schema.json:6:43: expected a regular expression, found `(?=x)`: it has a look-ahead, which RE2 does not have\n"
        "schema.json:7:27: reference `http://example.com/other.json` leads out of this schema, where nothing is read\n"
        "schema.json:7:75: reference `#/$defs/x` leads nowhere: there is no `x` on its way\n"
        "schema.json:7:103: reference `#y` names an anchor that is not there\n");
    CHECK(refused("3") == "schema.json:1:1: expected a schema (a map, true or false), found an integer\n");
  }

  TEST_CASE("a schema that leads back to itself without end is an error, one that goes deeper is none") {
    const std::string end = ": this schema leads back to itself without end\n";
    CHECK(refused(R"({"$ref": "#"})") == "schema.json:1:10" + end);
    const std::string round =
        R"({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/a"}], "$defs": {"a": {"not": {"$ref": "#"}}}})";
    CHECK(refused(round) == "schema.json:1:86" + end);
    const std::string tree = R"({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}})";
    CHECK(check(tree, R"({"left": {"right": {"left": 1}}})") == "`/left/right/left` must be object, found integer");

    const std::string dynamic = R"({"$dynamicAnchor": "a", "anyOf": [{"type": "null"}, {"$dynamicRef": "#a"}]})";
    CHECK(compiled(dynamic).validate(json("null")));
    const auto endless = compiled(dynamic).validate(json("1"));
    REQUIRE_FALSE(endless);
    CHECK(endless.error().message ==
          "the value could not be held against the schema: schemas are nested more than 1,500 deep");
  }

  TEST_CASE("deep values and deep schemas cost no stack that matters") {
    const auto deep = nested(200, "[", "", "]");
    CHECK(
        check(
            R"({"$ref": "#/$defs/list", "$defs": {"list": {"allOf": [{"type": "array", "items": {"$ref": "#/$defs/list"}}]}}})",
            deep) == "fits");
    CHECK(check(nested(99, R"({"allOf": [)", R"({"type": "string"})", "]}"), "1") ==
          "the value must be string, found integer");
    std::string chain = R"({"$ref": "#/$defs/0", "$defs": {)";
    for (int i = 0; i < 20'000; ++i) {
      chain += "\"" + std::to_string(i) + R"(": {"$ref": "#/$defs/)" + std::to_string(i + 1) + "\"},";
    }
    CHECK_FALSE(compiled(chain + R"("20000": true}})").validate(json("1")));
  }

  TEST_CASE("a schema made to take for ever is given up") {
    std::string doubling = R"({"$ref": "#/$defs/0", "$defs": {)";
    for (int i = 0; i < 60; ++i) {
      const auto next = R"({"$ref": "#/$defs/)" + std::to_string(i + 1) + "\"}";
      doubling += "\"" + std::to_string(i) + R"(": {"allOf": [)" + next + "," + next + "]},";
    }
    const auto given_up = compiled(doubling + R"("60": true}})").validate(json("1"));
    REQUIRE_FALSE(given_up);
    CHECK(given_up.error().message == "the value could not be held against the schema: it takes too many steps");
  }

  TEST_CASE("unevaluated properties are those that no branch which holds has looked at") {
    const std::string shape = R"({"properties": {"kind": true}, "unevaluatedProperties": false, "oneOf": [
      {"properties": {"kind": {"const": "circle"}, "r": {"type": "number"}}},
      {"properties": {"kind": {"const": "box"}, "w": {"type": "number"}}}]})";
    CHECK(check(shape, R"({"kind": "box", "w": 1})") == "fits");
    CHECK(check(shape, R"({"kind": "box", "r": 1})") == "`/r` is not allowed");
    CHECK(check(R"({"prefixItems": [true], "contains": {"type": "string"}, "unevaluatedItems": false})",
                R"([1, "a", 2])") == "`/2` is not allowed");
  }

  TEST_CASE("references find schemas by id, anchor and pointer, and a dynamic one the outermost") {
    const std::string list = R"({"$id": "https://example.com/strings", "$ref": "list", "$defs": {
      "item": {"$dynamicAnchor": "item", "type": "string"},
      "list": {"$id": "list", "items": {"$dynamicRef": "#item"}, "$defs": {"item": {"$dynamicAnchor": "item"}}}}})";
    CHECK(check(list, R"(["a", 1])") == "`/1` must be string, found integer");
    CHECK(check(R"({"$ref": "#here", "$defs": {"a": {"$anchor": "here", "type": "string"}}})", "1") ==
          "the value must be string, found integer");
    CHECK(check(R"({"properties": {"a/b%": {"type": "string"}, "c": {"$ref": "#/properties/a~1b%25"}}})",
                R"({"c": 1})") == "`/c` must be string, found integer");
  }
}
