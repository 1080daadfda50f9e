#include "doc/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "doc/json_prefix.h"

using llmops::doc::Node;
using llmops::doc::parse_json;
using llmops::doc::parse_json_data;

namespace {

std::string error_of(const std::string& text) {
  const auto parsed = parse_json("x.json", text);
  return parsed ? "accepted: " + to_json(*parsed) : llmops::render(parsed.error());
}

}  // namespace

TEST_SUITE("doc/json") {
  TEST_CASE("texts that RFC 8259 allows are read and written back") {
    const std::pair<std::string, std::string> cases[] = {
        {" [ 1 , -0.5e1 , true , null ] ", "[1,-5.0,true,null]"},
        {R"({"a":{},"b":[[]]})", R"({"a":{},"b":[[]]})"},
        {R"("é\u00e9\ud83d\ude00")", "\"éé😀\""},
        {R"("\"\\\/\b\f\n\r\t\u0001")", R"("\"\\/\b\f\n\r\t\u0001")"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"1E30", "1e+30"},
        {"0", "0"},
        {"\"\x7f\"", "\"\x7f\""},
    };

    for (const auto& [text, expected] : cases) {
      CAPTURE(text);
      const auto parsed = parse_json_data(text);
      REQUIRE(parsed);
      CHECK(to_json(*parsed) == expected);
    }
  }

  TEST_CASE("texts that RFC 8259 forbids are refused, with and without places") {
    const std::string cases[] = {"",
                                 " ",
                                 "[1,]",
                                 "[,1]",
                                 "[1",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{\"a\" 1}",
                                 "{\"a\":}",
                                 "{'a':1}",
                                 "01",
                                 "-01",
                                 "+1",
                                 "1.",
                                 ".5",
                                 "1e",
                                 "1e+",
                                 "-",
                                 "0x1",
                                 "NaN",
                                 "Infinity",
                                 "nul",
                                 "True",
                                 "\"\t\"",
                                 "\"\\x41\"",
                                 "\"\\u12\"",
                                 "\"\\ud800\"",
                                 "\"\\udc00\"",
                                 "\"\\ud800\\u0041\"",
                                 "\"a",
                                 "\"\xff\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\xc0\xaf\"",
                                 "[1] 2",
                                 "1 2",
                                 "{\"a\":1,\"a\":2}",
                                 "\xef\xbb\xbf{}",
                                 "[1 2]",
                                 "]",
                                 "1e999",
                                 "-1e999",
                                 "\xc3\xa9",
                                 std::string("\0", 1),
                                 std::string("[1\0]", 4),
                                 "// c\n1"};

    for (const auto& text : cases) {
      CAPTURE(text);
      CHECK_FALSE(parse_json_data(text));
      const auto placed = parse_json("x.json", text);
      REQUIRE_FALSE(placed);
      CHECK(placed.error().kind == llmops::ErrorKind::invalid);
      CHECK(placed.error().at.known());
    }
  }

  TEST_CASE("an error names its place in code points") {
    CHECK(error_of("{\"é\": 1,\n \"b\" 2}") ==
          "x.json:2:6: error: found `2` after a key, expected `:`\n"
          " 2 |  \"b\" 2}\n"
          "   |      ^\n");
    CHECK(error_of("[\"é\", x]") ==
          "x.json:1:7: error: found `x`, expected a JSON value\n"
          " 1 | [\"é\", x]\n"
          "   |       ^\n");
  }

  TEST_CASE("a key that is written twice is refused where it stands again") {
    CHECK(error_of("{\"a\": 1, \"b\": {\"c\": 1}, \"a\": 2}") ==
          "x.json:1:25: error: key `a` is written twice\n"
          " 1 | {\"a\": 1, \"b\": {\"c\": 1}, \"a\": 2}\n"
          "   |                         ^\n"
          "hint: remove one of the two\n");
  }

  TEST_CASE("a repeated key is found in a large map too") {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) text += "\"k" + std::to_string(i) + "\":0,";

    CHECK(parse_json_data(text + "\"z\":0}"));
    CHECK_FALSE(parse_json_data(text + "\"k50\":0}"));
  }

  TEST_CASE("an unclosed string is reported where it starts") {
    CHECK(error_of("[1, \"abc").starts_with("x.json:1:5: error: the string is never closed\n"));
  }

  TEST_CASE("a part of a file has the line numbers of the file, in places and in what an error shows") {
    const auto good = parse_json("data.jsonl", "{\"a\": 1}", 41);
    const auto bad = parse_json("data.jsonl", "{\"a\": }", 41);

    REQUIRE(good);
    CHECK(good->find("a")->at().to_string() == "data.jsonl:41:7");
    REQUIRE_FALSE(bad);
    CHECK(render(bad.error()) ==
          "data.jsonl:41:7: error: found `}`, expected a JSON value\n"
          " 41 | {\"a\": }\n"
          "    |       ^\n");
  }

  TEST_CASE("nesting over 200 is refused") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };

    CHECK(parse_json_data(nested(200)));
    CHECK_FALSE(parse_json_data(nested(201)));
    CHECK_FALSE(parse_json_data(std::string(1'000'000, '[')));
  }

  TEST_CASE("reals are written so that they read back as the same reals") {
    for (const double value : {0.1, 1.0, -2.5e-300, 1e22, 123456789.125, 5e-324, 1.7976931348623157e308}) {
      const auto again = parse_json_data(to_json(Node(value)));
      REQUIRE(again);
      CHECK(again->kind() == llmops::doc::Kind::real);
      CHECK(again->as_double() == value);
    }
    CHECK(to_json(Node(std::nan(""))) == "null");
    CHECK(to_json(Node(-std::numeric_limits<double>::infinity())) == "null");
  }

  TEST_CASE("broken bytes are written as replacement characters, so that what is written is JSON") {
    CHECK(to_json(Node("a\xff\xc3\xa9\xc3")) == "\"a\xEF\xBF\xBD\xc3\xa9\xEF\xBF\xBD\"");
  }

  TEST_CASE("the canonical form of equal values is equal") {
    const auto a = parse_json_data(R"({"b": 1.0, "a": [{"y": 1, "x": 2e2}]})");
    const auto b = parse_json_data(R"({"a": [{"x": 200, "y": 1}], "b": 1})");

    REQUIRE(a);
    REQUIRE(b);
    CHECK(*a == *b);
    CHECK(to_canonical_json(*a) == R"({"a":[{"x":200,"y":1}],"b":1})");
    CHECK(to_canonical_json(*b) == to_canonical_json(*a));
  }

  TEST_CASE("the pretty form indents by two and leaves empty ones on a line") {
    CHECK(to_pretty_json(Node::map({{"a", Node::strings({"x", "y"})}, {"b", Node::map()}, {"c", Node::list()}})) ==
          "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ],\n  \"b\": {},\n  \"c\": []\n}");
  }

  TEST_CASE("a value at the front is read whatever follows, and what is none says how far it was read") {
    const auto found = llmops::doc::parse_json_prefix(R"( {"a": [1]}] and more)");
    REQUIRE(found.value);
    CHECK(*found.value == Node::map({{"a", Node(llmops::doc::List{1})}}));
    CHECK(found.length == 11);
    const auto none = llmops::doc::parse_json_prefix("[1, 2 3]");
    CHECK_FALSE(none.value);
    CHECK(none.length == 6);
  }
}
