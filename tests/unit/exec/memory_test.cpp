#include "exec/memory.h"

#include <doctest/doctest.h>

#include "unit/exec/outside.h"

using namespace llmops;
using exec::Memory;

namespace {

plan::PlannedStep planned(std::vector<plan::Part> parts) {
  plan::PlannedStep step;
  step.id = "a";
  step.parts = std::move(parts);
  return step;
}

}  // namespace

TEST_CASE("what was saved is there for the next run of that recipe and environment") {
  exec::Outside outside;
  Memory first(outside.services, "work", "dev");
  first.set("a", {{"config command", "[\"x\"]"}, {"kind", "exec/1"}});
  REQUIRE(first.save().has_value());

  Memory second(outside.services, "work", "dev");
  REQUIRE(second.parts("a"));
  CHECK(*second.parts("a") == std::vector<plan::Part>{{"config command", "[\"x\"]"}, {"kind", "exec/1"}});
  CHECK(second.parts("b") == nullptr);
  CHECK(Memory(outside.services, "work", "prod").parts("a") == nullptr);
}

TEST_CASE("how long models took is kept until another run tells it") {
  exec::Outside outside;
  Memory first(outside.services, "work", "dev");
  first.set("a", {{"kind", "eval/1"}});
  step::Outcome outcome;
  const auto metric = [](const char* name, const char* model, double value, std::int64_t n) {
    return doc::Node::map({{"metric", name}, {"model", model}, {"value", value}, {"n", n}});
  };
  outcome.metrics = {metric("latency_ms", "m", 100, 3), metric("latency_ms", "m", 200, 1),
                     metric("accuracy", "m", 1, 4), metric("latency_ms", "none", 5, 0)};
  first.note_latencies("a", outcome);
  first.note_latencies("a", {});
  REQUIRE(first.save().has_value());

  Memory second(outside.services, "work", "dev");
  CHECK(second.latencies("a") == std::map<std::string, Duration>{{"m", Duration{125}}});
  CHECK(second.latencies("b").empty());
  REQUIRE(second.parts("a"));
  CHECK(second.parts(":latency_ms") == nullptr);
}

TEST_CASE("nothing is written where nothing was set, and damage costs only explanations") {
  exec::Outside outside;
  REQUIRE(Memory(outside.services, "work", "dev").save().has_value());
  CHECK(outside.files.writes.empty());
  outside.files.put("/repo/.llmops/last/work@dev.json", "{\"a\": {\"kind\":");
  CHECK(Memory(outside.services, "work", "dev").parts("a") == nullptr);
}

TEST_CASE("the reason to run is the first run, a change, or a step that always runs") {
  exec::Outside outside;
  Memory memory(outside.services, "work", "dev");
  auto step = planned({{"n", "1"}});
  CHECK(exec::reason_to_run(memory, step) == "first run");
  memory.set("a", step.parts);
  CHECK(exec::reason_to_run(memory, step) == "did not pass, or had errors, last time");
  CHECK(exec::reason_to_run(memory, planned({{"n", "2"}})) == "n changed, 1 → 2");
  step.always_runs = true;
  step.always_reason = "it has no outputs";
  CHECK(exec::reason_to_run(memory, step) == "always runs: it has no outputs");
}
