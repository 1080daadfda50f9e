#include "recipe/scope.h"

#include <doctest/doctest.h>

#include "doc/yaml.h"
#include "fakes/fake_env.h"

using namespace llmops;
using recipe::Scope;
using recipe::Stage;

namespace {

doc::Node yaml(const std::string& text) {
  auto node = doc::parse_yaml("work.yaml", text);
  REQUIRE(node.has_value());
  return *std::move(node);
}

doc::Node resolved(const doc::Node& node, const Scope& scope) {
  auto out = recipe::resolve(node, scope);
  REQUIRE(out.has_value());
  return std::move(out->node);
}

Scope scope_at(Stage stage) {
  Scope scope;
  scope.stage = stage;
  scope.vars =
      doc::Node::map({{"n", 3}, {"tags", doc::Node::strings({"a", "b"})}, {"cost", "5$"}, {"odd", "${env.HOME}"}});
  return scope;
}

}  // namespace

TEST_CASE("`$$` is a dollar, once, at the last stage") {
  const auto written = yaml("\"costs $$5 or $${x}\"");
  const auto read = resolved(written, scope_at(Stage::read));
  const auto planned = resolved(read, scope_at(Stage::plan));
  CHECK(read == written);
  CHECK(planned == written);
  CHECK(resolved(planned, scope_at(Stage::run)).text() == "costs $5 or ${x}");
}

TEST_CASE("an escape beside a value survives the stages before the last") {
  const auto read = resolved(yaml("\"$${n} is ${vars.n}\""), scope_at(Stage::read));
  CHECK(resolved(resolved(read, scope_at(Stage::plan)), scope_at(Stage::run)).text() == "${n} is 3");
}

TEST_CASE("a value with dollars of its own is never read as an expression") {
  auto at_read = resolved(yaml("\"${vars.odd} ${vars.cost}\""), scope_at(Stage::read));
  auto at_plan = resolved(at_read, scope_at(Stage::plan));
  CHECK(resolved(at_plan, scope_at(Stage::run)).text() == "${env.HOME} 5$");
}

TEST_CASE("an expression that is the whole value keeps its kind") {
  const auto node = resolved(yaml("n: ${vars.n}\ntags: ${vars.tags}\ntext: n=${vars.n}"), scope_at(Stage::read));
  CHECK(node.find("n")->is_int());
  CHECK(node.find("n")->as_int() == 3);
  CHECK(*node.find("tags") == doc::Node::strings({"a", "b"}));
  CHECK(node.get("text", "") == "n=3");
}

TEST_CASE("what is not known yet keeps its text and tells which step it waits for") {
  Scope scope = scope_at(Stage::read);
  const auto out = recipe::resolve(yaml("a: ${steps.train.outputs.m}\nb: ${run.id}\nc: ${secret.K}"), scope);
  REQUIRE(out.has_value());
  CHECK(out->node.get("a", "") == "${steps.train.outputs.m}");
  CHECK(out->node.get("b", "") == "${run.id}");
  CHECK(out->node.get("c", "") == "${secret.K}");
  CHECK(out->waits_for == std::set<std::string>{"train"});
}

TEST_CASE("the output of a step that is done is known when planning") {
  step::Outcome done;
  done.outputs.push_back({.name = "m", .path = "out/m.bin", .value = "out/m.bin"});
  const std::map<std::string, step::Outcome> outcomes = {{"train", done}};
  Scope scope = scope_at(Stage::plan);
  scope.outcomes = &outcomes;
  CHECK(resolved(yaml("${steps.train.outputs.m}"), scope).text() == "out/m.bin");
  CHECK(resolved(yaml("${steps.train.outputs[0]}"), scope).text() == "out/m.bin");
  CHECK(resolved(yaml("${steps.train.status}"), scope).text() == "ran");
}

TEST_CASE("an unset variable waits, and is an error with its place when the step runs") {
  const fakes::FakeEnv env({{"SET", "yes it is"}});
  const auto node = yaml("a: ${env.SET}\nb: ${env.UNSET}\nc: ${env.UNSET:-none}");
  Scope scope = scope_at(Stage::read);
  scope.env = &env;
  const auto early = resolved(node, scope);
  CHECK(early.get("a", "") == "yes it is");
  CHECK(early.get("b", "") == "${env.UNSET}");

  scope.stage = Stage::run;
  const auto late = recipe::resolve(early, scope);
  REQUIRE_FALSE(late.has_value());
  REQUIRE(late.error().size() == 1);
  const auto& error = late.error().front();
  CHECK(error.kind == ErrorKind::environment);
  CHECK(error.message == "the variable `UNSET` is not set");
  CHECK(error.hint == "set it, or write `${env.UNSET:-default}`");
  CHECK(error.at.to_string().starts_with("work.yaml:2:"));
}

TEST_CASE("a default stands in for a variable that is not set when the step runs") {
  const fakes::FakeEnv env;
  Scope scope = scope_at(Stage::run);
  scope.env = &env;
  CHECK(resolved(yaml("${env.UNSET:-none}"), scope).text() == "none");
}

TEST_CASE("secrets are asked for only when a step runs") {
  int asked = 0;
  Scope scope = scope_at(Stage::plan);
  scope.secret = [&](const std::string& name) -> Result<std::string> {
    ++asked;
    return name + "-value";
  };
  CHECK(resolved(yaml("${secret.K}"), scope).text() == "${secret.K}");
  CHECK(asked == 0);
  scope.stage = Stage::run;
  CHECK(resolved(yaml("${secret.K}"), scope).text() == "K-value");
  CHECK(asked == 1);
}

TEST_CASE("a condition holds, does not hold, or waits for a step") {
  const auto scope = scope_at(Stage::read);
  const auto holds = [&](const std::string& condition) {
    const auto out = recipe::holds(doc::Node(condition), scope);
    REQUIRE(out.has_value());
    return *out;
  };
  CHECK(holds("vars.n > 2") == std::optional(true));
  CHECK(holds("${vars.n > 3}") == std::optional(false));
  CHECK_FALSE(holds("steps.a.status == 'ran'").has_value());
}
