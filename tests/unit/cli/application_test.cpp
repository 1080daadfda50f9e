#include <doctest/doctest.h>

#include "unit/cli/command_line.h"

using namespace llmops;
using cli::CommandLine;

TEST_CASE("an unknown command names the nearest one") {
  CommandLine line;

  CHECK(line.run({"vaildate"}) == 2);
  CHECK(line.out.empty());
  CHECK(line.err == "error: there is no command `vaildate`\nhint: did you mean `validate`?\n");
}

TEST_CASE("a command that is like none gets the way to the list of them") {
  CommandLine line;

  CHECK(line.run({"frobnicate"}) == 2);
  CHECK(line.err.find("there is no command `frobnicate`") != std::string::npos);
  CHECK(line.err.find("hint: `llmops --help`") != std::string::npos);
}

TEST_CASE("an unknown option names the nearest one of that command") {
  CommandLine line;

  CHECK(line.run({"run", "triage", "--forec"}) == 2);
  CHECK(line.err.find("--forec") != std::string::npos);
  CHECK(line.err.find("hint: did you mean `--force`?") != std::string::npos);
}

TEST_CASE("a value that an option can't have is an error of usage") {
  CommandLine line;

  CHECK(line.run({"run", "--jobs", "0"}) == 2);
  CHECK(line.err.find("jobs") != std::string::npos);
  CHECK(line.run({"completion", "tcsh"}) == 2);
  CHECK(line.run({"lineage", "of"}) == 2);
}

TEST_CASE("help and version are results, no command at all is not") {
  CommandLine line;

  CHECK(line.run({"--help"}) == 0);
  CHECK(line.out.find("Usage:") != std::string::npos);
  CHECK(line.err.empty());

  CHECK(line.run({"run", "--help"}) == 0);
  CHECK(line.out.find("--keep-going") != std::string::npos);
  CHECK(line.out.find("Examples:\n  llmops run triage\n") != std::string::npos);

  CHECK(line.run({"--version"}) == 0);
  CHECK(line.out.starts_with("llmops "));

  CHECK(line.run({}) == 2);
  CHECK(line.out.empty());
  CHECK(line.err.find("Usage:") != std::string::npos);
}

TEST_CASE("`-C` acts in another folder, which must be there") {
  CommandLine line;
  line.commit_recipe("llmops: 1\nname: triage\nsteps:\n  - {id: a, exec: {command: [\"true\"]}}\n");
  line.where = line.box.folder.path();

  CHECK(line.run({"-C", "repo", "validate"}) == 0);
  CHECK(line.out == "recipes/triage.yaml: valid, 1 step\n");

  CHECK(line.run({"-C", "nowhere", "validate"}) == 2);
  CHECK(line.err == "error: there is no folder `nowhere`\n");
}

TEST_CASE("outside of a repository a command says what to do") {
  CommandLine line;

  CHECK(line.run({"run"}) == 6);
  CHECK(line.err.find("hint: ") != std::string::npos);
  CHECK(line.err.find("git init") != std::string::npos);
}

TEST_CASE("a repository without commits can be validated, but nothing can be recorded on it") {
  CommandLine line;
  line.box.sh("git init -q repo");
  fakes::write_file(line.box.repo / "recipes/triage.yaml",
                    "llmops: 1\nname: triage\nsteps:\n  - {id: a, exec: {command: [\"true\"]}}\n");
  line.box.sh("git add -A");
  line.where = line.box.repo;

  CHECK(line.run({"validate"}) == 0);
  CHECK(line.run({"run"}) == 6);
  CHECK(line.err.find("no commits yet") != std::string::npos);
}

TEST_CASE("a recipe that is not there names the nearest one") {
  CommandLine line;
  line.commit_recipe("llmops: 1\nname: triage\nsteps:\n  - {id: a, exec: {command: [\"true\"]}}\n");

  CHECK(line.run({"plan", "triag"}) == 2);
  CHECK(line.err.find("hint: did you mean `triage`?") != std::string::npos);
  CHECK(line.run({"plan", "triage", "--env", "prod"}) == 2);
  CHECK(line.err.find("no environment `prod`") != std::string::npos);
  CHECK(line.run({"plan", "triage", "--var", "tone"}) == 2);
  CHECK(line.err.find("must be `--var name=value`") != std::string::npos);
}

TEST_CASE("a broken recipe is shown with its places, and the status says that it is invalid") {
  CommandLine line;
  line.commit_recipe("llmops: 1\nname: triage\nsteps:\n  - {id: a, exec: {comand: [\"true\"]}}\n");

  CHECK(line.run({"validate"}) == 3);
  CHECK(line.err.starts_with("recipes/triage.yaml:4:"));
  CHECK(line.err.find("did you mean `command`?") != std::string::npos);
}

TEST_CASE("a plan says by its status whether anything would run") {
  CommandLine line;
  line.commit_recipe("llmops: 1\nname: triage\nsteps:\n  - {id: a, exec: {command: [\"true\"], outputs: [x]}}\n");

  CHECK(line.run({"plan"}) == 0);
  CHECK(line.out == "triage in dev: 1 step, 1 to run now\n  a     exec  run      first run\n");
  CHECK(line.run({"plan", "--exit-code"}) == 1);
}

TEST_CASE("of many errors only the first are shown, and how many there are") {
  CommandLine line;
  std::string steps;
  for (int i = 0; i < 25; ++i) steps += "  - {id: s" + std::to_string(i) + ", exec: {comand: [x]}}\n";
  line.commit_recipe("llmops: 1\nname: triage\nsteps:\n" + steps);

  CHECK(line.run({"validate"}) == 3);
  CHECK(line.err.ends_with("more errors\n"));
  CHECK(text::split(line.err, '\n').size() < 150);
}
