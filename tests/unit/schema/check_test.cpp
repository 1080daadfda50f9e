#include <doctest/doctest.h>

#include <string>

#include "doc/yaml.h"
#include "unit/schema/sample.h"

using llmops::doc::parse_yaml;
using llmops::schema::Late;
using llmops::schema::Type;

namespace {

using Lines = std::vector<std::string>;

std::string rendered(const Type& type, const std::string& text) {
  const auto parsed = parse_yaml("ci.yaml", text);
  REQUIRE(parsed);
  std::string out;
  for (const auto& error : check(type, *parsed, Late::refuse)) out += render(error);
  return out;
}

/// Each error as `line:column message`, with ` | hint` where there is one.
Lines errors(const Type& type, const std::string& text) {
  const auto parsed = parse_yaml("ci.yaml", text);
  REQUIRE(parsed);
  Lines out;
  for (const auto& error : check(type, *parsed, Late::refuse)) {
    out.push_back(std::to_string(error.at.line) + ":" + std::to_string(error.at.column) + " " + error.message +
                  (error.hint.empty() ? "" : " | " + error.hint));
  }
  return out;
}

const Type& step() { return record_of(static_cast<sample::Step*>(nullptr)).type(); }
const Type& scorer() { return record_of(static_cast<sample::Scorer*>(nullptr)).type(); }

Type bounded_list(double least, double most) {
  auto out = Type::list_of(Type::of(Type::Kind::any));
  out.least = least;
  out.most = most;
  return out;
}

}  // namespace

TEST_SUITE("schema/check") {
  TEST_CASE("a misspelt required key is reported once, at its place, with the nearest known key") {
    CHECK(rendered(step(), "id: x\ndatset: golden\nexec: []\n") ==
          "ci.yaml:2:1: error: unknown key `datset`\n"
          " 2 | datset: golden\n"
          "   | ^\n"
          "hint: did you mean `dataset`?\n");
  }

  TEST_CASE("a missing key is reported at the record, with what it is for") {
    CHECK(rendered(step(), "id: x\nexec: []\n") ==
          "ci.yaml:1:1: error: missing key `dataset`\n"
          " 1 | id: x\n"
          "   | ^\n"
          "hint: `dataset` is a string: Cases, by name.\n");
  }

  TEST_CASE("a value of the wrong form says what was wanted and what was found") {
    CHECK(errors(step(), "id: [a]\ndataset:\nmodels: {a: 1}\nscorers: equals\nexec: [a, [b]]\n") ==
          Lines{"1:5 `id` must be a string, found a list",
                "2:1 `dataset` must be a string, found nothing | give it a value, or remove the key",
                "3:9 `models` must be a list of strings, found a map",
                "4:10 `scorers` must be a list of scorers, found the string `equals` | write it as a list: `[equals]`",
                "5:11 `exec[1]` must be a string, found a list"});
  }

  TEST_CASE("quantities are checked by their writing") {
    CHECK(
        errors(step(), "id: x\ndataset: d\nexec: []\nrepeat: 0\nmax_errors: 120%\ntimeout: soon\ncache: \"true\"\n") ==
        Lines{"4:9 `repeat` must be at least 1, found `0`",
              "5:13 `max_errors` must be a share such as `1%` or `0.01`, found the string `120%` | write a number from "
              "0 to 1, or a percentage",
              "6:10 `timeout` must be a duration such as `30s`, found the string `soon` | write a number and one of "
              "the units `ms`, `s`, `m`, `h`, `d`",
              "7:8 `cache` must be true or false, found the string `true` | remove the quotes"});
    CHECK(errors(step(), "id: ' '\ndataset: d\nexec: []\nrepeat: 1.5\nties: cheapst\n") ==
          Lines{"1:5 `id` must not be blank | give it a value, or remove the key",
                "4:9 `repeat` must be an integer, found `1.5` | write a whole number, such as `3`",
                "5:7 `ties` must be one of `first`, `cheapest`, found `cheapst` | did you mean `cheapest`?"});
  }

  TEST_CASE("durations have bounds, and digests 64 digits of either case") {
    const auto wait = Type::positive_duration(), digest = Type::of(Type::Kind::digest);
    CHECK(errors(wait, "0s\n") == Lines{"1:1 the value must be at least `1ms`, found `0s`"});
    CHECK(errors(wait, "0\n") == Lines{"1:1 the value must be at least `1ms`, found `0`"});
    CHECK(errors(wait, "1ms\n").empty());
    const std::string digits(62, 'a');
    CHECK(errors(digest, digits + "0F\n").empty());
    CHECK(errors(digest, "'sha256:" + digits + "00'\n").empty());
    CHECK(errors(digest, "00\n") == Lines{"1:1 the value must be a SHA-256 digest of 64 hexadecimal digits, found `00` "
                                          "| `sha256sum FILE` prints it"});
  }

  TEST_CASE("the root that is no map is named by its record") {
    CHECK(errors(step(), "[1]") == Lines{"1:1 the step must be a map, found a list"});
  }

  TEST_CASE("of several alternatives exactly one is there") {
    CHECK(errors(step(), "id: x\ndataset: d\n") ==
          Lines{"1:1 a step needs exactly one of `exec`, `gate` | add one of these keys"});
    CHECK(errors(step(), "id: x\ndataset: d\nexec: []\ngate: {}\n") ==
          Lines{"4:1 `gate` cannot stand beside `exec`: a step has exactly one of the two | remove one of the two"});
    CHECK(errors(step(), "id: x\ndataset: d\ngaet: {}\n") == Lines{"3:1 unknown key `gaet` | did you mean `gate`?"});
  }

  TEST_CASE("scorers are checked in every form they are written in") {
    const auto scorers = Type::list_of(scorer());

    CHECK(errors(scorers, "[equals, not-equals, {equals: ~}, {is-json: {a: 1}}, {not-contains: x}]") == Lines{});
    CHECK(errors(scorers, "[equal, contains, 3, {not-contians: x}, {contains: ~}, {weight: -1, equals: a}]") ==
          Lines{"1:2 unknown scorer `equal` | did you mean `equals`?",
                "1:9 `contains` needs a value: a string | write `contains: …` as a map",
                "1:19 unknown scorer `3` | known here: `equals`, `contains`, `is-json`, `latency`, `not-equals`, "
                "`not-contains`, `not-is-json`, `not-latency`",
                "1:23 unknown key `not-contians` | did you mean `not-contains`?",
                "1:52 `contains` must be a string, found nothing | give it a value, or remove the key",
                "1:65 `weight` must be at least 0, found `-1`"});
    CHECK(errors(scorers, "- latency: {at_most_ms: fast}\n- latency: {}\n") ==
          Lines{"1:25 `at_most_ms` must be an integer, found the string `fast` | write a whole number, such as `3`",
                "2:12 missing key `at_most_ms` | `at_most_ms` is an integer: Slowest answer that passes."});
  }

  TEST_CASE("a value in neither its long nor its short form names both") {
    CHECK(errors(step(), "id: x\ndataset: d\nexec: []\nneeds: {a: 1}\ndata: {g: [a.csv]}\n") ==
          Lines{"4:8 `needs` must be a list of strings or a string, found a map",
                "5:11 `g` must be a map or a string, found a list"});
  }

  TEST_CASE("lists and maps have the size that is wanted") {
    CHECK(errors(bounded_list(1, 2), "[]") == Lines{"1:1 the value needs at least 1 item, found 0"});
    CHECK(errors(bounded_list(1, 2), "[a, b, c]") == Lines{"1:1 the value needs at most 2 items, found 3"});
    CHECK(errors(bounded_list(1, 2), "[a]") == Lines{});
  }

  TEST_CASE("a value without a place is reported at the nearest one above it") {
    auto parsed = parse_yaml("ci.yaml", "id: x\ndataset: d\nexec: []\n");
    REQUIRE(parsed);
    (*parsed)["models"] = llmops::doc::Node(3);

    const auto found = check(step(), *parsed, Late::refuse);

    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "`models` must be a list of strings, found `3`");
    CHECK(found[0].at.to_string() == "ci.yaml:1:1");
  }

  TEST_CASE("types describe themselves") {
    CHECK(Type::list_of(Type::of(Type::Kind::string)).describe() == "a list of strings");
    CHECK(Type::map_of(Type::of(Type::Kind::any)).describe() == "a map");
    CHECK(Type::choice_of({"a", "b"}).describe() == "one of `a`, `b`");
    CHECK(scorer().describe() == "the name of a scorer or a map");
  }
}
