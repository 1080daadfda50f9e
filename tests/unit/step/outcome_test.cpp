#include "step/outcome.h"

#include <doctest/doctest.h>

#include "doc/json.h"

using namespace llmops;
using namespace llmops::step;

namespace {

Outcome full() {
  Outcome out;
  out.status = Status::inconclusive;
  out.reason = "the budget ended";
  Output model;
  model.name = "model";
  model.path = "out/model";
  model.digest = Digest{};
  model.size = Bytes{12};
  model.folder = true;
  model.in_record = true;
  model.value = "out/model";
  Output plain;
  plain.name = "count";
  plain.value = 3;
  out.outputs = {model, plain};
  out.metrics = {doc::Node::map({{"metric", "accuracy"}, {"value", 0.5}})};
  out.gate = doc::Node::map({{"decision", "pass"}});
  out.queries = {4, 3, 2, 1};
  out.cost = Usd{0.25};
  out.duration = Duration{1500};
  out.cacheable = false;
  out.statement = "sha256:abc";
  out.statement_commit = "c0ffee";
  return out;
}

}  // namespace

TEST_CASE("an outcome is the same after it was stored") {
  const auto json = doc::to_json(to_node(full()));
  const auto node = doc::parse_json_data(json);
  REQUIRE(node.has_value());

  const auto read = outcome_from(*node);

  REQUIRE(read.has_value());
  const auto wanted = full();
  CHECK(read->status == wanted.status);
  CHECK(read->reason == wanted.reason);
  CHECK(read->outputs == wanted.outputs);
  CHECK(read->metrics == wanted.metrics);
  CHECK(read->gate == wanted.gate);
  CHECK(read->queries == wanted.queries);
  CHECK(read->cost == wanted.cost);
  CHECK(read->duration == wanted.duration);
  CHECK(read->cacheable == wanted.cacheable);
  CHECK(read->statement == wanted.statement);
  CHECK(read->statement_commit == wanted.statement_commit);
}

TEST_CASE("a cost that is not known stays unknown, and is not nothing") {
  auto outcome = full();
  outcome.cost = std::nullopt;

  const auto read = outcome_from(to_node(outcome));

  REQUIRE(read.has_value());
  CHECK_FALSE(read->cost.has_value());
}

TEST_CASE("what was stored with a status that is not known can't be read") {
  CHECK_FALSE(outcome_from(doc::Node::map({{"status", "perhaps"}})).has_value());
  CHECK_FALSE(outcome_from(doc::Node()).has_value());
}

TEST_CASE("every status has a name that reads back") {
  for (const auto status :
       {Status::ran, Status::cached, Status::skipped, Status::failed, Status::error, Status::inconclusive}) {
    CHECK(status_from(to_string(status)) == status);
  }
  CHECK_FALSE(status_from("passed").has_value());
}

TEST_CASE("steps go on after one that passed, or was skipped without blocking them") {
  const auto goes_on = [](Status status, bool blocks) {
    Outcome outcome;
    outcome.status = status;
    outcome.blocks = blocks;
    return outcome.lets_go_on();
  };
  CHECK(goes_on(Status::ran, false));
  CHECK(goes_on(Status::cached, false));
  CHECK(goes_on(Status::skipped, false));
  CHECK_FALSE(goes_on(Status::skipped, true));
  CHECK_FALSE(goes_on(Status::failed, false));
  CHECK_FALSE(goes_on(Status::error, false));
  CHECK_FALSE(goes_on(Status::inconclusive, false));
}

TEST_CASE("an output is found by its name") {
  const auto outcome = full();

  REQUIRE(outcome.output("count") != nullptr);
  CHECK(outcome.output("count")->value == doc::Node(3));
  CHECK(outcome.output("nothing") == nullptr);
}
