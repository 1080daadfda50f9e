#include <doctest/doctest.h>

#include "unit/cli/command_line.h"

using namespace llmops;
using cli::CommandLine;
using Texts = std::vector<std::string>;

namespace {

const std::string kRecipe = R"(llmops: 1
name: support-triage
environments: {dev: {}, staging: {}, production: {}}
steps:
  - {id: train, exec: {command: ["true"], outputs: [m]}}
  - {id: trim, exec: {command: ["true"], outputs: [t]}}
)";

bool holds(const Texts& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

TEST_CASE("the first word is a command") {
  CommandLine line;

  CHECK(line.complete({"va"}) == Texts{"validate"});
  CHECK(line.complete({"l"}) == Texts{"log", "lineage"});
  CHECK(line.complete({"x"}).empty());
  CHECK(holds(line.complete({""}), "doctor"));
  CHECK(holds(line.complete({}), "run"));
}

TEST_CASE("an option's name is completed, with its help") {
  CommandLine line;

  CHECK(line.complete({"run", "--ke"}) == Texts{"--keep-going"});
  CHECK(line.out == "--keep-going\tAfter a failure, do what does not depend on it.\n");
  CHECK(line.complete({"validate", "--ke"}).empty());
}

TEST_CASE("recipes are offered by name and by path") {
  CommandLine line;
  line.commit_recipe(kRecipe);

  CHECK(line.complete({"run", ""}) == Texts{"support-triage", "recipes/triage.yaml"});
  CHECK(line.complete({"plan", "rec"}) == Texts{"recipes/triage.yaml"});
  CHECK(line.complete({"run", "--force", "sup"}) == Texts{"support-triage"});
}

TEST_CASE("environments and steps are those of the recipe") {
  CommandLine line;
  line.commit_recipe(kRecipe);

  CHECK(line.complete({"run", "support-triage", "--env", ""}) == Texts{"dev", "staging", "production"});
  CHECK(line.complete({"run", "-e", "st"}) == Texts{"staging"});
  CHECK(line.complete({"run", "support-triage", "--step", "tra"}) == Texts{"train"});
  CHECK(line.complete({"run", "support-triage", "--step", "tr"}) == Texts{"train", "trim"});
}

TEST_CASE("a value that hangs on its option by `=` is offered with it") {
  CommandLine line;
  line.commit_recipe(kRecipe);

  CHECK(line.complete({"run", "support-triage", "--step=tra"}) == Texts{"--step=train"});
  CHECK(line.complete({"run", "--env="}) == Texts{"--env=dev", "--env=staging", "--env=production"});
  CHECK(line.complete({"lineage", "of", "x", "--format=d"}) == Texts{"--format=dot"});
  CHECK(line.complete({"run", "--jobs="}).empty());
  CHECK(line.complete({"run", "--no-such="}).empty());
}

TEST_CASE("after an option with a value of its own nothing is offered") {
  CommandLine line;
  line.commit_recipe(kRecipe);

  CHECK(line.complete({"run", "--jobs", ""}).empty());
  CHECK(line.complete({"lineage", "of", "x", "--format", "d"}) == Texts{"dot"});
}

TEST_CASE("below a command come its own commands and choices") {
  CommandLine line;

  CHECK(line.complete({"lineage", ""}) == Texts{"of"});
  CHECK(line.complete({"completion", ""}) == Texts{"bash", "zsh", "fish"});
  CHECK(line.complete({"schema", "re"}) == Texts{"recipe", "reference"});
  CHECK(holds(line.complete({"models", "pull", ""}), "smollm2-135m-instruct"));
}

TEST_CASE("what would reach a terminal as more than text is not offered") {
  CommandLine line;
  line.commit_recipe("llmops: 1\nname: odd\nenvironments: {dev: {}, \"a\\e[2Jb\": {}, \"a\\nc\": {}}\nsteps: []\n");

  CHECK(line.complete({"run", "odd", "--env", ""}) == Texts{"dev"});
}

TEST_CASE("where nothing can be read nothing is offered, and nothing fails") {
  CommandLine line;

  CHECK(line.complete({"run", ""}).empty());
  CHECK(line.err.empty());
  CHECK(line.complete({"nonsense", "x"}).empty());

  line.commit_recipe("llmops: 1\nname: broken\nsteps: [\n");
  CHECK(line.complete({"run", "broken", "--step", ""}).empty());
  CHECK(line.complete({"run", "br"}) == Texts{"broken"});
  CHECK(line.err.empty());
}
