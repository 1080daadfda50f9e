#include "steps/exec/exec.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "doc/yaml.h"
#include "fakes/fake_step_context.h"

using namespace llmops;
using fakes::FakeStepContext;

namespace {

doc::Node yaml(const std::string& text) {
  auto node = doc::parse_yaml("work.yaml", text);
  REQUIRE(node.has_value());
  return *std::move(node);
}

Result<step::Outcome> run(FakeStepContext& context, const std::string& config) {
  context.given_config = yaml(config);
  return steps::exec::kind().run(context);
}

std::string failure(const sys::ProcessEnd& end) {
  FakeStepContext context;
  context.program = [&](const step::SpawnRequest&) { return Result<sys::ProcessEnd>(end); };
  const auto outcome = run(context, "command: [train]");
  REQUIRE_FALSE(outcome.has_value());
  return outcome.error().message;
}

}  // namespace

TEST_CASE("outputs are removed before the program runs, and kept after it") {
  FakeStepContext context;
  context.files.put("/out/model", "old");
  context.program = [&](const step::SpawnRequest&) {
    CHECK(context.removed == std::vector<std::string>{"out/model"});
    context.files.put("/out/model", "new");
    return Result<sys::ProcessEnd>(sys::ProcessEnd{});
  };

  const auto outcome = run(context, "command: [train, --fast]\noutputs: {model: out/model}");

  REQUIRE(outcome.has_value());
  CHECK(context.spawned.front().argv == std::vector<std::string>{"train", "--fast"});
  REQUIRE(outcome->outputs.size() == 1);
  CHECK(outcome->outputs[0].name == "model");
  CHECK(outcome->outputs[0].digest == sys::sha256("new"));
}

TEST_CASE("a shell line is run by a shell") {
  FakeStepContext context;

  REQUIRE(run(context, "shell: \"echo $HOME | wc\"").has_value());

  CHECK(context.spawned.front().argv == std::vector<std::string>{"/bin/sh", "-c", "echo $HOME | wc"});
}

TEST_CASE("a program that did not end well tells how it ended") {
  CHECK(failure({.status = 3}) == "the program ended with status 3");
  CHECK(failure({.signal = 11}) == "the program was killed by signal 11");
  CHECK(failure({.signal = 15, .timed_out = true}) == "the program did not end in time");
  CHECK(failure({.signal = 15, .stopped = true}) == "the program was stopped");
}

TEST_CASE("an output that the program did not make is an error") {
  FakeStepContext context;

  const auto outcome = run(context, "command: [train]\noutputs: [out/model]");

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().message == "the output `out/model` was not made");
}

TEST_CASE("processes that were left behind are told") {
  FakeStepContext context;
  context.program = [](const step::SpawnRequest&) {
    return Result<sys::ProcessEnd>(sys::ProcessEnd{.orphans_ended = 2});
  };

  REQUIRE(run(context, "command: [serve]").has_value());

  CHECK(context.notes == std::vector<std::string>{"it left 2 processes running, ended now"});
}

TEST_CASE("metrics are read from the file that the program wrote") {
  FakeStepContext context;
  context.files.put("/metrics.json", R"({"accuracy": 0.9, "loss": {"value": 0.2, "n": 40, "low": 0.1}})");

  const auto outcome = run(context, "command: [train]\nmetrics: metrics.json");

  REQUIRE(outcome.has_value());
  REQUIRE(outcome->metrics.size() == 2);
  CHECK(outcome->metrics[0].get("metric", "") == "accuracy");
  CHECK(outcome->metrics[0].get("value", 0.0) == 0.9);
  CHECK(outcome->metrics[0].find("n")->is_null());
  CHECK(outcome->metrics[1].get("n", 0) == 40);
  CHECK(outcome->metrics[1].get("low", 0.0) == 0.1);
}

TEST_CASE("metrics that are no numbers are an error with their place") {
  const auto error_of = [](const std::string& bytes) {
    FakeStepContext context;
    context.files.put("/metrics.json", bytes);
    const auto outcome = run(context, "command: [train]\nmetrics: metrics.json");
    REQUIRE_FALSE(outcome.has_value());
    return outcome.error();
  };
  CHECK(error_of("{\n  \"accuracy\": \"high\"}").message == "the metric `accuracy` must be a number");
  CHECK(error_of("{\n  \"accuracy\": \"high\"}").at.to_string() == "metrics.json:2:15");
  CHECK(error_of("[1]").message == "metrics must be an object of numbers, found a list");
  CHECK(error_of("{").kind == ErrorKind::step);
}

TEST_CASE("what a program reads and makes is declared, and one that makes nothing always runs") {
  const auto declared =
      steps::exec::kind().declare(yaml("command: [python, train.py]\ninputs: [data/*]\noutputs: {model: m}"));
  REQUIRE(declared.has_value());
  REQUIRE(declared->reads.paths.size() == 1);
  CHECK(declared->reads.paths[0].value == "data/*");
  REQUIRE(declared->reads.maybe.size() == 2);
  CHECK(declared->reads.maybe[1].value == "train.py");
  CHECK(declared->outputs[0].path == "m");
  CHECK_FALSE(declared->always_runs);

  const auto nothing = steps::exec::kind().declare(yaml("shell: sh deploy.sh"));
  REQUIRE(nothing.has_value());
  CHECK(nothing->always_runs);
  const auto& words = nothing->reads.maybe;
  CHECK(std::any_of(words.begin(), words.end(), [](const auto& word) { return word.value == "deploy.sh"; }));
}
