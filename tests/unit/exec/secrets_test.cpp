#include <doctest/doctest.h>

#include "unit/exec/outside.h"

using namespace llmops;

TEST_CASE("only secrets that were fetched are masked, wherever they stand") {
  exec::Outside outside;
  outside.env.set("TOKEN", "s3cr3t-token");
  CHECK(outside.secrets.mask("s3cr3t-token") == "s3cr3t-token");
  REQUIRE(outside.secrets.get("TOKEN").has_value());
  CHECK(outside.secrets.mask("a s3cr3t-token, s3cr3t-tokens3cr3t-token") == "a ***, ******");
}

TEST_CASE("a secret of less than four bytes is not masked") {
  exec::Outside outside;
  outside.env.set("PIN", "123");
  REQUIRE(outside.secrets.get("PIN").has_value());
  CHECK(outside.secrets.mask("line 123") == "line 123");
}

TEST_CASE("a secret that another one begins with does not leave the rest of it in sight") {
  exec::Outside outside;
  outside.env.set("A", "pass");
  outside.env.set("B", "password-of-the-owner");
  REQUIRE(outside.secrets.get("A").has_value());
  REQUIRE(outside.secrets.get("B").has_value());
  CHECK(outside.secrets.mask("pass password-of-the-owner") == "*** ***");
}

TEST_CASE("a secret that nobody gives is an error that says how to give it") {
  exec::Outside outside;
  const auto missing = outside.secrets.get("TOKEN");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == ErrorKind::environment);
  CHECK(missing.error().message == "the secret `TOKEN` is not set");
  CHECK(missing.error().hint.find("LLMOPS_SECRETS_CMD") != std::string::npos);
}

TEST_CASE("every text of an outcome is masked, and the recipe's own words are not") {
  exec::Outside outside;
  outside.env.set("TOKEN", "pass");
  REQUIRE(outside.secrets.get("TOKEN").has_value());
  step::Outcome outcome;
  outcome.reason = "pass it";
  outcome.metrics = {doc::Node::map({{"metric", "a pass"}, {"model", "pass"}, {"value", 0.5}})};
  outcome.gate = doc::Node::map({{"decision", "pass"}, {"requirements", doc::Node(doc::List{doc::Node("no pass")})}});
  outcome.outputs = {{"page", "build/pass.txt", {}, {}, false, false, false, doc::Node("build/pass.txt")},
                     {"said", "", {}, {}, false, false, false, doc::Node("a pass")}};
  auto source = std::make_shared<const SourceText>(SourceText{"m.json", "{\"pass\": 1}"});
  outcome.error = invalid_error("bad pass", {source, 1, 2}, "no pass").within("at pass");

  const auto masked = outside.secrets.mask(outcome);
  CHECK(masked.reason == "*** it");
  CHECK(masked.metrics[0].get("metric", "") == "a ***");
  CHECK(masked.metrics[0].get("model", "") == "pass");
  CHECK(masked.gate.get("decision", "") == "pass");
  CHECK(masked.gate.find("requirements")->items()[0].text() == "no ***");
  CHECK(masked.outputs[0].value.text() == "build/pass.txt");
  CHECK(masked.outputs[1].value.text() == "a ***");
  CHECK(masked.error->message == "bad ***");
  CHECK(masked.error->hint == "no ***");
  CHECK(masked.error->trail == std::vector<std::string>{"at ***"});
  CHECK(masked.error->at.source->text == "{\"***\": 1}");
}
