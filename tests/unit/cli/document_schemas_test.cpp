#include "cli/document_schemas.h"

#include <doctest/doctest.h>

#include "doc/json.h"
#include "unit/cli/command_line.h"

using namespace llmops;
using namespace llmops::cli;

namespace {

/// What is wrong with what was printed, as its schema has it; empty where nothing is.
std::string faults(const std::string& printed, const schema::Type& type) {
  const auto document = doc::parse_json("stdout", printed);
  if (!document) return render(document.error());
  std::string out;
  for (const auto& error : schema::check(type, *document, schema::Late::refuse)) out += render(error);
  return out;
}

}  // namespace

TEST_CASE("each document has the shape that its schema tells") {
  CommandLine line;
  line.commit_recipe(
      "llmops: 1\nname: triage\nenvironments: {dev: {}, prod: {after: dev}}\nrun_on: {}\nsteps:\n"
      "  - {id: a, exec: {command: [\"true\"], outputs: [x]}}\n  - {id: b, needs: [a], exec: {comand: [\"true\"]}}\n");
  CHECK(line.run({"validate", "--json"}) == 3);
  CHECK(faults(line.out, validation_document_type()) == "");

  fakes::write_file(line.box.repo / "recipes/triage.yaml",
                    "llmops: 1\nname: triage\nenvironments: {dev: {}, prod: {after: dev}}\nsteps:\n"
                    "  - {id: a, run_on: far, exec: {command: [\"true\"], outputs: [x]}}\n"
                    "  - {id: b, exec: {command: [\"true\", \"${steps.a.outputs.x}\"]}}\n");
  line.box.sh("git commit -qam second");
  CHECK(line.run({"validate", "--json"}) == 0);
  CHECK(faults(line.out, validation_document_type()) == "");
  CHECK(line.run({"plan", "--json", "--env", "prod"}) == 0);
  CHECK(line.out.find("\"state\": \"unknown\"") != std::string::npos);
  CHECK(faults(line.out, plan_document_type()) == "");

  CHECK(line.run({"log", "--json"}) == 0);
  CHECK(faults(line.out, log_document_type()) == "");
  CHECK(line.run({"models", "list", "--json"}) == 0);
  CHECK(faults(line.out, models_document_type()) == "");
  CHECK(line.run({"doctor", "--json"}) >= 0);
  CHECK(faults(line.out, doctor_document_type()) == "");
}
