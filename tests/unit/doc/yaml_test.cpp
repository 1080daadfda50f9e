#include "doc/yaml.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "doc/json.h"

using llmops::doc::Kind;
using llmops::doc::parse_yaml;

namespace {

std::string json_of(const std::string& text) {
  const auto parsed = parse_yaml("f.yaml", text);
  if (parsed) return to_json(*parsed);
  std::string out;
  for (const auto& error : parsed.error()) out += render(error);
  return out;
}

/// Each error as `line:column message`.
std::vector<std::string> errors_of(const std::string& text) {
  const auto parsed = parse_yaml("f.yaml", text);
  std::vector<std::string> out;
  if (parsed) return out;
  for (const auto& error : parsed.error()) {
    CHECK(error.kind == llmops::ErrorKind::invalid);
    out.push_back(std::to_string(error.at.line) + ":" + std::to_string(error.at.column) + " " + error.message);
  }
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_SUITE("doc/yaml") {
  TEST_CASE("block, flow and quoted forms become lists, maps and strings") {
    CHECK(json_of("a: {b: [1, \"x\", 'it''s']}\nc:\n  - |\n    two\n    lines\n  - >-\n    folded\n    text\n") ==
          R"({"a":{"b":[1,"x","it's"]},"c":["two\nlines\n","folded text"]})");
    CHECK(json_of("\xEF\xBB\xBF"
                  "a: \"\\u00e9\"\r\nb: 2\r\n") == R"({"a":"é","b":2})");
    CHECK(json_of("") == "null");
    CHECK(json_of("# only a comment\n") == "null");
    CHECK(json_of("%YAML 1.2\n---\na: 1\n...\n") == R"({"a":1})");
  }

  TEST_CASE("plain scalars have the types of YAML 1.2, quoted ones are strings") {
    CHECK(json_of("[1, -2, +3, 0x1F, 0o17, 0123, 1.10, 1e3, .5, 5., true, FALSE, ~, Null]") ==
          "[1,-2,3,31,15,123,1.1,1000.0,0.5,5.0,true,false,null,null]");
    CHECK(json_of("['1', \"true\", '~', 1_000, 1.2.3, 0x, 0xZZ, 1e, -, 0o9, \"\", !!str 12]") ==
          R"(["1","true","~","1_000","1.2.3","0x","0xZZ","1e","-","0o9","","12"])");
    const auto special = parse_yaml("f.yaml", "[.inf, -.Inf, .nan]");
    REQUIRE(special);
    CHECK(special->items()[0].as_double() == HUGE_VAL);
    CHECK(special->items()[1].as_double() == -HUGE_VAL);
    CHECK(std::isnan(special->items()[2].as_double()));
  }

  TEST_CASE("a number's writing is kept as text") {
    const auto parsed = parse_yaml("f.yaml", "[1.10, 0123, 1e3, 12345678901234567890]");

    REQUIRE(parsed);
    CHECK(parsed->items()[0].text() == "1.10");
    CHECK(parsed->items()[1].text() == "0123");
    CHECK(parsed->items()[1].as_int() == 123);
    CHECK(parsed->items()[2].text() == "1e3");
    CHECK(parsed->items()[3].text() == "12345678901234567890");
    CHECK(parsed->items()[3].kind() == Kind::real);
  }

  TEST_CASE("keys and values know their places, counted in code points") {
    const auto parsed = parse_yaml("f.yaml", "é: {ü: a, b: [1,\n  c]}\nlist:\n  - x: 1\nnone:\n");

    REQUIRE(parsed);
    const auto& inner = *parsed->find("é");
    CHECK(inner.at().to_string() == "f.yaml:1:4");
    CHECK(inner.entries()[1].key_at.to_string() == "f.yaml:1:11");
    CHECK(inner.find("b")->items()[1].at().to_string() == "f.yaml:2:3");
    CHECK(parsed->find("list")->items()[0].at().to_string() == "f.yaml:4:5");
    CHECK(parsed->find("none")->at().to_string() == "f.yaml:5:1");
  }

  TEST_CASE("an alias is a copy with the alias's place") {
    const auto parsed = parse_yaml("f.yaml", "a: &x {k: [1]}\nb: *x\n");

    REQUIRE(parsed);
    CHECK(to_json(*parsed) == R"({"a":{"k":[1]},"b":{"k":[1]}})");
    CHECK(parsed->find("b")->at().to_string() == "f.yaml:2:4");
  }

  TEST_CASE("an unquoted expression in flow style is named, and the hint is the text to write") {
    CHECK(json_of("env: {model: ${vars.model}, n: 1}\n") ==
          "f.yaml:1:14: error: an unquoted `${…}` inside `{}` or `[]`\n"
          " 1 | env: {model: ${vars.model}, n: 1}\n"
          "   |              ^\n"
          "hint: quote it: \"${vars.model}\"\n");
    CHECK(errors_of("[a, x-${env.X:-y}-z]") == Lines{"1:5 an unquoted `${…}` inside `{}` or `[]`"});
    CHECK(json_of("a: ${vars.x}\nb: [\"${vars.y}\"]\n") == R"({"a":"${vars.x}","b":["${vars.y}"]})");
  }

  TEST_CASE("every duplicate key is found, at its second place") {
    CHECK(errors_of("a: 1\nb: {c: 1, c: 2}\na: 3\n") ==
          Lines{"2:11 key `c` is written twice", "3:1 key `a` is written twice"});
  }

  TEST_CASE("a quote that never closes is reported where it opens") {
    for (const std::string text : {"a: 'x", "a: 'x\n", "a: 'x\nb: 1\n"}) {
      CAPTURE(text);
      CHECK(errors_of(text) == Lines{"1:4 the quote `'` is never closed"});
    }
    CHECK(errors_of("\"k\": \"x\\\"\nb: 1\n") == Lines{"1:6 the quote `\"` is never closed"});
    CHECK(errors_of("a: &n 'x\n") == Lines{"1:4 the quote `'` is never closed"});
  }

  TEST_CASE("a bracket that never closes is reported where it opens") {
    CHECK(errors_of("a: 1\nb: {c: [1, 2]\n") == Lines{"2:4 `{` is never closed"});
    CHECK(errors_of("b: [1, 2") == Lines{"1:4 `[` is never closed"});
  }

  TEST_CASE("text behind the document is refused, with or without a marker") {
    CHECK(errors_of("a: 1\n---\nb: 2\n") == Lines{"2:1 a second document starts here, expected one in a file"});
    CHECK(errors_of("a: 1\n---\n") == Lines{"2:1 a second document starts here, expected one in a file"});
    CHECK(errors_of("- a\nb: c\n") == Lines{"2:1 found text after the end of the document"});
  }

  TEST_CASE("an alias inside the value that it names is refused") {
    CHECK(errors_of("a: &x [1, {b: *x}]\n") == Lines{"1:15 the alias stands inside the value that it names"});
    CHECK(errors_of("a: *nobody\n") == Lines{"1:4 the alias names no anchor"});
  }

  TEST_CASE("aliases that multiply are stopped by the number of values") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
      const auto last = "*a" + std::to_string(i - 1);
      text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
      for (int j = 0; j < 9; ++j) text += ", " + last;
      text += "]\n";
    }

    const auto errors = errors_of(text);

    REQUIRE(errors.size() == 1);
    CHECK(errors[0].find("the document has more than 200,000 values, aliases written out") != std::string::npos);
  }

  TEST_CASE("aliases of a long text are stopped by the amount of text") {
    std::string text = "a: &a \"" + std::string(1 << 20, 'x') + "\"\nb: [*a";
    for (int i = 0; i < 20; ++i) text += ", *a";

    const auto errors = errors_of(text + "]\n");

    REQUIRE(errors.size() == 1);
    CHECK(errors[0].find("the document has more than 8 MiB of text, aliases written out") != std::string::npos);
  }

  TEST_CASE("nesting over 200 and texts over 8 MiB are refused") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };

    CHECK(errors_of(nested(200)).empty());
    CHECK(errors_of(nested(201)) == Lines{"1:201 lists and maps are nested more than 200 deep"});
    CHECK(json_of(std::string(100'000, '[')).find("lists and maps are nested more than 200 deep") != std::string::npos);
    CHECK(errors_of(std::string((8 << 20) + 1, '#')) == Lines{"0:0 the document has more than 8 MiB"});
  }

  TEST_CASE("words that YAML 1.1 took for booleans must be quoted, as values and as keys") {
    CHECK(errors_of("on: 1\nb: [No, \"off\", y]\nn: 'yes'\n") ==
          Lines{"1:1 the unquoted word `on` may be text or a boolean",
                "2:5 the unquoted word `No` may be text or a boolean"});
    CHECK(json_of("b: yes\n").ends_with("hint: quote it: \"yes\", or write true or false\n"));
    CHECK(json_of("on: 1\n").ends_with("hint: quote it: \"on\"\n"));
    CHECK(json_of("{\"on\": 1, n: nothing, yesterday: online}") == R"({"on":1,"n":"nothing","yesterday":"online"})");
  }

  TEST_CASE("keys that are not strings are refused") {
    CHECK(errors_of("1: a\ntrue: b\n~: c\n? [x]\n: d\n") ==
          Lines{"1:1 a key must be a string, found `1`", "2:1 a key must be a string, found `true`",
                "3:1 a key must be a string, found nothing", "4:3 a key must be a string, found a list"});
  }

  TEST_CASE("merge keys and tags are refused") {
    CHECK(errors_of("<<: {a: 1}\nb: !!int \"3\"\nc: !thing {}\n") == Lines{"1:1 the merge key `<<` is not known here",
                                                                           "2:4 the tag `!!int` is not known here",
                                                                           "3:4 the tag `!thing` is not known here"});
  }

  TEST_CASE("tabs are refused as indentation and allowed elsewhere") {
    CHECK(errors_of("a:\n\tb: 1\n") == Lines{"2:2 a tab in the indentation"});
    CHECK(errors_of("a:\n\ttext\n") == Lines{"2:2 a tab in the indentation"});
    CHECK(json_of("a:\t1\t# tab\nb: [1,\n\t2]\nc: |\n  x\ty\n") == R"({"a":1,"b":[1,2],"c":"x\ty\n"})");
  }

  TEST_CASE("bytes that are no text are refused at their place") {
    CHECK(errors_of("a: é\nb: \xff\n") == Lines{"2:4 byte 0xff is not UTF-8"});
    CHECK(errors_of(std::string("a: x\0y\n", 7)) == Lines{"1:5 control character 0x00 in the text"});
    CHECK(errors_of("a: 1\n\x04\nb: 2\n") == Lines{"2:1 control character 0x04 in the text"});
  }

  TEST_CASE("a syntax error has a place, the line and a next action") {
    CHECK(json_of("a: b: c\n") ==
          "f.yaml:1:5: error: a `:` where no key can stand\n"
          " 1 | a: b: c\n"
          "   |     ^\n"
          "hint: quote the text if the `:` belongs to it, else check the indentation\n");
    CHECK(errors_of("a: \"x\" y\n") == Lines{"1:8 found text where the next key of the map was expected"});
    CHECK(errors_of("a: {b: 1\nc: 2}\n") == Lines{"2:2 expected `,` or `}` here"});
  }

  TEST_CASE("several mistakes are found in one go, in the order of their places, up to the syntax error") {
    CHECK(errors_of("a: yes\nb: 1\nb: 2\nc: 1e999\nd: `\n") ==
          Lines{"1:4 the unquoted word `yes` may be text or a boolean", "4:4 the number `1e999` is beyond a double",
                "5:4 a character that no plain text starts with"});
    CHECK(errors_of("a: yes\nb: 1\nb: 2\n") ==
          Lines{"1:4 the unquoted word `yes` may be text or a boolean", "3:1 key `b` is written twice"});
  }
}
