// Scorers of tool calls, and of how sure a model was.
#include <doctest/doctest.h>

#include <cmath>

#include "doc/json.h"
#include "unit/score/scoring.h"

using namespace llmops;
using namespace llmops::score;
using namespace llmops::score::testing;

namespace {

Sample called(const std::string& calls, std::optional<std::string> expected = std::nullopt) {
  auto out = answer("", std::move(expected));
  const auto parsed = doc::parse_json_data(calls);
  REQUIRE(parsed);
  out.tool_calls = *parsed;
  return out;
}

Sample sure(double mean) {
  auto out = answer("x");
  out.mean_log_probability = mean;
  return out;
}

const std::string kParis = R"([{"name":"weather","arguments":{"city":"Paris","days":2}}])";
const std::string kTwo = R"([{"name":"weather","arguments":{"city":"Paris"}},{"name":"time","arguments":{}}])";

}  // namespace

TEST_SUITE("score/scorers/calls") {
  TEST_CASE("tool-call compares names, and arguments where they are given") {
    CHECK(value("tool-call: weather", called(kParis)) == 1);
    CHECK(value("tool-call: time", called(kParis)) == 0);
    CHECK(value("tool-call: [weather]", called(kParis)) == 1);
    CHECK(value("tool-call: [{name: weather}]", called(kParis)) == 1);
    CHECK(value("tool-call: {name: weather, arguments: {city: Paris}}", called(kParis)) == 1);
    CHECK(value("tool-call: [{name: weather, arguments: {city: Rome}}]", called(kParis)) == 0);
    CHECK(value("tool-call: [{name: weather, arguments: {wind: true}}]", called(kParis)) == 0);
  }

  TEST_CASE("tool-call can want the very arguments, or names alone") {
    CHECK(value("tool-call: {calls: [{name: weather, arguments: {city: Paris}}], compare: exact}", called(kParis)) ==
          0);
    CHECK(value("tool-call: {calls: [{name: weather, arguments: {days: 2, city: Paris}}], compare: exact}",
                called(kParis)) == 1);
    CHECK(value("tool-call: {calls: [time], compare: exact}", called(kTwo)) == doctest::Approx(2.0 / 3));
    CHECK(value("tool-call: {calls: [{name: weather, arguments: {city: Rome}}], compare: names}", called(kParis)) == 1);
  }

  TEST_CASE("tool-call is F1 over the calls, each used once") {
    CHECK(value("tool-call: [weather, time]", called(kTwo)) == 1);
    CHECK(value("tool-call: [time, weather]", called(kTwo)) == 1);
    CHECK(value("tool-call: [weather]", called(kTwo)) == doctest::Approx(2.0 / 3));
    CHECK(value("tool-call: [weather, weather]", called(kParis)) == doctest::Approx(2.0 / 3));
    CHECK(value("tool-call: [weather, time, news]", called(kTwo)) == doctest::Approx(0.8));
    // The first fits both, the second only the one: a hasty pairing would find one.
    CHECK(value("tool-call: [{name: a, arguments: {x: 1}}, {name: a}]",
                called(R"([{"name":"a","arguments":{"y":1}},{"name":"a","arguments":{"x":1}}])")) == 1);
    CHECK(value("tool-call: [{name: a}, {name: a, arguments: {x: 1}}]",
                called(R"([{"name":"a","arguments":{"x":1}},{"name":"a","arguments":{"y":1}}])")) == 1);
  }

  TEST_CASE("no call where none is expected is right") {
    CHECK(value("tool-call: []", answer("prose")) == 1);
    CHECK(value("tool-call: []", called(kParis)) == 0);
    CHECK(value("tool-call: weather", answer("prose")) == 0);
  }

  TEST_CASE("what is expected may come from the case") {
    CHECK(value("tool-call", called(kTwo, "weather, time")) == 1);
    CHECK(value("tool-call", called(kParis, R"([{"name":"weather","arguments":{"city":"Paris"}}])")) == 1);
    CHECK(value("tool-call",
                called(kParis, R"([{"type":"function","function":{"name":"weather","arguments":"{\"days\":2}"}}])")) ==
          1);
    const auto fields = doc::Node::map({{"city", "Paris"}});
    auto sample = called(kParis);
    sample.case_fields = &fields;
    CHECK(value("tool-call: [{name: weather, arguments: {city: '${case.city}'}}]", sample) == 1);
    CHECK(failure("tool-call", called(kParis, R"([{"arguments":{}}])")).find("has no `name`") != std::string::npos);
  }

  TEST_CASE("tool-call is graded, takes a threshold, and says what was called") {
    CHECK(made("tool-call: [a]")->metric().scale == Scale::graded);
    CHECK(value("tool-call: [weather]\nthreshold: 0.6", called(kTwo)) == 1);
    CHECK(reason("tool-call: [weather]\nthreshold: 1", called(kTwo)) ==
          R"(called `weather({"city":"Paris"}), time({})`, expected `weather`: 0.6666666666666666, threshold 1)");
    CHECK(reason("tool-call: [weather]\nthreshold: 1", answer("")) ==
          "nothing was called, expected `weather`: 0, threshold 1");
    CHECK(value("not-tool-call: [weather]\nthreshold: 1", called(kParis)) == 0);
  }

  TEST_CASE("mistakes in tool-call are told at once") {
    CHECK(refused("tool-call: {calls: [a], compare: sometimes}").find("`compare` is `sometimes`") != std::string::npos);
    CHECK(refused("tool-call: {calls: [a], comparison: exact}").find("unknown key `comparison`") != std::string::npos);
    CHECK(refused("tool-call: [{arguments: {a: 1}}]").find("has no `name`") != std::string::npos);
  }

  TEST_CASE("is-valid-tool-call wants tools that were offered, and arguments as they want them") {
    const auto tools = *doc::parse_json_data(
        R"([{"type":"function","function":{"name":"weather","parameters":{"type":"object","required":["city"],"properties":{"city":{"type":"string"}}}}},{"name":"time"}])");
    const auto offered = [&](const std::string& calls) {
      auto out = called(calls);
      out.tools = &tools;
      return out;
    };

    CHECK(value("is-valid-tool-call", offered(kTwo)) == 1);
    CHECK(value("is-valid-tool-call", offered("null")) == 0);
    CHECK(value("not-is-valid-tool-call", offered(R"([{"name":"news","arguments":{}}])")) == 1);
    CHECK(reason("is-valid-tool-call", offered(R"([{"name":"news","arguments":{}}])")) == "there is no tool `news`");
    CHECK(reason("is-valid-tool-call", offered(R"([{"name":"time","arguments":"soon"}])")) ==
          "the arguments of `time` are no map: `soon`");
    CHECK(value("is-valid-tool-call", offered(R"([{"name":"weather","arguments":{"city":7}}])")) == 0);
    CHECK(value("is-valid-tool-call", offered(R"([{"name":"weather","arguments":{}}])")) == 0);
    CHECK(failure("is-valid-tool-call", called(kTwo)) == "no tools were offered, so no call can be right");
  }

  TEST_CASE("perplexity is exp of the mean negative log-likelihood") {
    CHECK(value("perplexity", sure(std::log(0.5))) == doctest::Approx(2));
    CHECK(value("perplexity: {at_most: 3}", sure(std::log(0.5))) == 1);
    CHECK(value("perplexity: {at_most: 1.5}", sure(std::log(0.5))) == 0);
    CHECK(value("perplexity-score", sure(std::log(0.5))) == doctest::Approx(1.0 / 3));
    CHECK(made("perplexity")->metric().scale == Scale::amount);
    CHECK(made("perplexity")->metric().better == Better::lower);
    CHECK(made("perplexity: {at_most: 3}")->metric().scale == Scale::binary);
    CHECK(made("perplexity-score")->metric().better == Better::higher);
    CHECK(failure("perplexity", answer("x")) == "the answer came without log-probabilities");
  }

  TEST_CASE("an amount neither passes nor fails") {
    CHECK(refused("not-perplexity").find("is an amount here") != std::string::npos);
    CHECK(refused("perplexity:\nthreshold: 0.5").find("is an amount here") != std::string::npos);
    CHECK(value("not-perplexity: {at_most: 1.5}", sure(std::log(0.5))) == 1);
  }
}
