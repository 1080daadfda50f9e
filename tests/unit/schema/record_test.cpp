#include <doctest/doctest.h>

#include <string>

#include "doc/yaml.h"
#include "unit/schema/sample.h"

using llmops::Errors;
using llmops::schema::Late;

namespace {

llmops::doc::Node yaml(const std::string& text) {
  auto parsed = llmops::doc::parse_yaml("ci.yaml", text);
  REQUIRE(parsed);
  return *std::move(parsed);
}

llmops::Result<sample::Step, Errors> step(const std::string& text, Late late = Late::refuse) {
  return record_of(static_cast<sample::Step*>(nullptr)).bind(yaml(text), late);
}

}  // namespace

TEST_SUITE("schema/record") {
  TEST_CASE("a document becomes the struct, and what it leaves out keeps its default") {
    const auto bound = step(
        "id: 1.10\nneeds: [a, b]\nmodels: [small]\ndataset: golden\nrepeat: 3\nmax_errors: 5%\ntimeout: 2m\nexec: "
        "[echo, 1]\n");

    REQUIRE(bound);
    CHECK(bound->id == "1.10");
    CHECK(bound->needs == std::vector<std::string>{"a", "b"});
    CHECK(bound->dataset.value == "golden");
    CHECK(bound->dataset.at.to_string() == "ci.yaml:4:10");
    CHECK(bound->repeat == 3);
    CHECK(bound->max_errors.value == doctest::Approx(0.05));
    CHECK(bound->timeout == std::chrono::minutes(2));
    CHECK(bound->cache);
    CHECK(bound->ties == "first");
    CHECK(bound->kind.tag == "exec");
    CHECK(bound->kind.at.to_string() == "ci.yaml:8:1");
    CHECK(bound->kind.body.items()[1].text() == "1");
  }

  TEST_CASE("scorers are bare names, one-key maps, maps with common keys, and negated") {
    const auto bound = step(
        "id: x\ndataset: d\nexec: []\n"
        "scorers: [equals, not-is-json, {contains: yours}, {not-contains: mine, weight: 2, metric: own}, {latency: "
        "{at_most_ms: 5}}]\n");

    REQUIRE(bound);
    const auto& scorers = bound->scorers;
    REQUIRE(scorers.size() == 5);
    CHECK(scorers[0].what.tag == "equals");
    CHECK(scorers[0].what.body.is_null());
    CHECK(scorers[1].what.tag == "is-json");
    CHECK(scorers[1].what.prefixed);
    CHECK(scorers[2].what.tag == "contains");
    CHECK_FALSE(scorers[2].what.prefixed);
    CHECK(scorers[2].what.body.as_string() == "yours");
    CHECK(scorers[3].what.prefixed);
    CHECK(scorers[3].weight == 2);
    CHECK(scorers[3].metric == "own");
    CHECK(scorers[4].what.body.find("at_most_ms")->as_int() == 5);
  }

  TEST_CASE("a short form stands for a field of a record or for a list of one") {
    const auto bound =
        step("id: x\nneeds: first\ndataset: d\nexec: []\ndata: {b: b.csv, a: {path: a.csv, expected: label}}\n");

    REQUIRE(bound);
    CHECK(bound->needs == std::vector<std::string>{"first"});
    REQUIRE(bound->data.size() == 2);
    CHECK(bound->data[0].first == "b");
    CHECK(bound->data[0].second.path == "b.csv");
    CHECK(bound->data[1].second.expected == "label");
  }

  TEST_CASE("an expression passes where its value comes later, and the field keeps its default") {
    const std::string text =
        "id: x\nneeds: \"${vars.n}\"\ndataset: \"${vars.d}\"\nrepeat: \"${vars.r}\"\ncache: \"${vars.c}\"\n"
        "ties: ${vars.t}\nscorers: [\"${vars.s}\"]\ndata: {a: \"${vars.path}\"}\nexec: \"${vars.argv}\"\n";

    const auto later = step(text, Late::allow);
    const auto now = step(text, Late::refuse);

    REQUIRE(later);
    CHECK(later->needs.empty());
    CHECK(later->dataset.value == "${vars.d}");
    CHECK(later->repeat == 1);
    CHECK(later->cache);
    CHECK(later->ties == "first");
    REQUIRE(later->scorers.size() == 1);
    CHECK(later->scorers[0].what.tag.empty());
    CHECK(later->data[0].second.path == "${vars.path}");
    REQUIRE_FALSE(now);
    CHECK(now.error().size() == 5);
  }

  TEST_CASE("an escaped dollar is no expression") {
    using llmops::doc::Node;
    using llmops::schema::holds_expression;
    CHECK(holds_expression(Node("a ${b}")));
    CHECK(holds_expression(Node("$$${b}")));
    CHECK_FALSE(holds_expression(Node("$${b}")));
    CHECK_FALSE(holds_expression(Node("$b {c} $")));
    CHECK_FALSE(holds_expression(Node(3)));
  }

  TEST_CASE("default quantities are shown as a person would write them") {
    using llmops::Bytes;
    using llmops::Duration;
    using llmops::schema::written;
    for (const std::int64_t ms : {0, 1, 250, 1000, 90'000, 60'000, 7'200'000, 86'400'000}) {
      CHECK(llmops::units::parse_duration(written(Duration(ms))) == Duration(ms));
    }
    CHECK(written(Duration(90'000)) == "90s");
    CHECK(written(Duration(60'000)) == "1m");
    for (const std::uint64_t bytes : {0u, 1u, 1023u, 1024u, 67'108'864u, 67'108'865u}) {
      CHECK(llmops::units::parse_bytes(written(Bytes{bytes})) == Bytes{bytes});
    }
    CHECK(written(Bytes{67'108'864}) == "64MiB");
  }

  TEST_CASE("an integer has the bounds of its member even where the declaration narrows it") {
    const auto bound = step("id: x\ndataset: d\nexec: []\nrepeat: 3000000000\n");

    REQUIRE_FALSE(bound);
    CHECK(bound.error().front().message == "`repeat` must be at most 2147483647, found `3000000000`");
  }
}
