#include "lineage/record.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/text.h"
#include "doc/json.h"
#include "fakes/git_sandbox.h"
#include "lineage/records.h"
#include "sample.h"

using namespace llmops;
namespace lineage = llmops::lineage;
namespace sample = llmops::lineage::sample;
using fakes::GitSandbox;

namespace {

const std::string kCommit(40, 'c');

doc::Node parsed(const lineage::Statements& statements, std::size_t file) {
  auto node = doc::parse_json_data(statements.files.at(file).bytes);
  REQUIRE(node);
  return *node;
}
const doc::Node& predicate(const doc::Node& statement) { return *statement.find("predicate"); }

/// A gate's `result`, with its decision and whether it blocks.
std::string result_of(const std::string& decision, step::Status status) {
  auto run = sample::run("01RUN", kCommit);
  run.steps = {sample::decide()};
  run.steps[0].outcome.gate = sample::gate(decision);
  run.steps[0].outcome.status = status;
  return predicate(parsed(statements_of(run), 0)).get("result", "");
}

std::string records_listing(GitSandbox& box) { return box.sh("git ls-tree -r --name-only refs/llmops/records"); }

}  // namespace

TEST_SUITE("lineage/record") {
  TEST_CASE("a step that makes something is told as SLSA provenance of its outputs") {
    auto run = sample::run("01RUN", kCommit);

    const auto statement = parsed(statements_of(run), 0);

    CHECK(statement.get("_type", "") == "https://in-toto.io/Statement/v1");
    CHECK(statement.get("predicateType", "") == "https://slsa.dev/provenance/v1");
    CHECK(doc::to_json(*statement.find("subject")) ==
          R"([{"name":"adapter","digest":{"sha256":")" + sys::sha256("adapter").hex() + R"("}}])");
    const auto& build = *predicate(statement).find("buildDefinition");
    CHECK(build.get("buildType", "") == "urn:llmops:step:exec:v1");
    CHECK(doc::to_json(*build.find("externalParameters")) ==
          R"({"recipe":"triage.yaml","step":"train","environment":"dev",)"
          R"("config":{"command":"python train.py ${secrets.TOKEN}"}})");
    CHECK(doc::to_json(*build.find("resolvedDependencies")) ==
          R"([{"name":"repository","digest":{"gitCommit":")" + kCommit +
              R"("}},{"name":"triage.yaml","digest":{"gitBlob":")" + sample::kRecipeBlob +
              R"("},"annotations":{"llmops_input":"recipe"}},{"name":"train.py","digest":{"gitBlob":")" +
              sample::kScriptBlob + R"("},"annotations":{"llmops_input":"file"}}])");
    CHECK(doc::to_json(*predicate(statement).find("runDetails")) ==
          R"({"builder":{"id":"urn:llmops:local","version":{"llmops":"0.1.0"}},"metadata":{"invocationId":"01RUN",)"
          R"("startedOn":"2026-11-18T11:06:40.000Z","finishedOn":"2026-11-18T11:06:42.000Z"}})");
  }

  TEST_CASE("an eval is told as a test result over its cells, its cases beside it") {
    auto run = sample::run("01RUN", kCommit);

    const auto statements = statements_of(run);
    const auto statement = parsed(statements, 1);

    CHECK(statement.get("predicateType", "") == "https://in-toto.io/attestation/test-result/v0.1");
    const auto& subjects = statement.find("subject")->items();
    REQUIRE(subjects.size() == 2);
    CHECK(subjects[1].get("name", "") == "small/guided");
    CHECK(subjects[1].find("digest")->get("sha256", "") ==
          sys::sha256(R"({"dataset":")" + sample::kDatasetBlob + R"(","model":")" + sys::sha256("weights").to_string() +
                      R"(","prompt":")" + sample::kPromptBlob + R"("})")
              .hex());
    CHECK(predicate(statement).get("result", "") == "PASSED");
    CHECK(predicate(statement).find("llmops_cost_usd")->is_null());
    CHECK(predicate(statement).find("llmops_metrics")->size() == 2);
    const auto digest = sys::sha256(run.steps[1].results).hex();
    CHECK(doc::to_json(*predicate(statement).find("llmops_results")) ==
          R"({"sha256":")" + digest + R"(","file":")" + digest + R"(.results.jsonl"})");
    CHECK(statements.files[2].path == "cc/" + kCommit + "/" + digest + ".results.jsonl");
    CHECK(statements.files[2].bytes == run.steps[1].results);
  }

  TEST_CASE("a gate names what it decided on, its evidence and each requirement") {
    auto run = sample::run("01RUN", kCommit);

    const auto statement = parsed(statements_of(run), 3);

    CHECK(doc::to_json(*statement.find("subject")) ==
          R"([{"name":"compare/results","digest":{"sha256":")" + sys::sha256(run.steps[1].results).hex() + R"("}}])");
    CHECK(doc::to_json(*predicate(statement).find("llmops_evidence")) ==
          R"([{"name":"compare","digest":{"sha256":")" + Digest::parse(run.steps[1].outcome.statement)->hex() +
              R"("}}])");
    CHECK(doc::to_json(*predicate(statement).find("passedTests")) ==
          R"(["accuracy of small/guided at least 0.6","accuracy of small/guided better than small/terse by 0.02"])");
  }

  TEST_CASE("a gate that can't tell warns where it lets pass and fails where it blocks") {
    using step::Status;
    CHECK(result_of("pass", Status::ran) == "PASSED");
    CHECK(result_of("not_applicable", Status::ran) == "PASSED");
    CHECK(result_of("inconclusive", Status::ran) == "WARNED");
    CHECK(result_of("inconclusive", Status::inconclusive) == "FAILED");
    CHECK(result_of("fail", Status::failed) == "FAILED");
  }

  TEST_CASE("without outputs a step's key is what is told of, and without a key the step of this run") {
    auto run = sample::run("01RUN", kCommit);
    run.steps = {sample::train()};
    run.steps[0].outcome.outputs.clear();
    auto keyless = run;
    keyless.steps[0].key.clear();

    const auto with_key = *parsed(statements_of(run), 0).find("subject");
    const auto without = *parsed(statements_of(keyless), 0).find("subject");

    CHECK(with_key.items()[0].find("digest")->get("sha256", "") == sys::sha256("train").hex());
    CHECK(without.items()[0].find("digest")->get("sha256", "").size() == 64);
    CHECK_FALSE(without == with_key);
  }

  TEST_CASE("the run names all its steps' records, earlier ones too, and skipped steps have none") {
    auto first = sample::run("01RUN", kCommit);
    const auto earlier = statements_of(first);
    auto second = sample::later_run("02RUN", first);
    second.steps.push_back({});
    second.steps.back().id = "deploy";
    second.steps.back().outcome.status = step::Status::skipped;

    const auto statements = statements_of(second);

    REQUIRE(statements.files.size() == 2);
    const auto run = parsed(statements, 1);
    CHECK(statements.run == sys::sha256(statements.files[1].bytes));
    CHECK(run.get("predicateType", "") == "urn:llmops:run:v1");
    CHECK(doc::to_json(*run.find("subject")) == R"([{"name":"commit","digest":{"gitCommit":")" + kCommit +
                                                    R"("}},{"name":"release key","digest":{"sha256":")" +
                                                    sys::sha256("release").hex() + R"("}}])");
    const auto& named = predicate(run).find("statements")->items();
    REQUIRE(named.size() == 3);
    CHECK("cc/" + kCommit + "/" + named[1].find("digest")->get("sha256", "") + ".json" == earlier.files[1].path);
    CHECK(*predicate(run).find("document") == to_document(second));
  }

  TEST_CASE("a dirty run says nothing of its commit, but of the tree that was there") {
    auto run = sample::run("01RUN", kCommit);
    run.dirty = true;
    run.dirty_tree = sys::DirtyTree{std::string(40, '9'), {"a.txt"}};

    const auto statements = statements_of(run);

    const auto subjects = doc::to_json(*parsed(statements, statements.files.size() - 1).find("subject"));
    CHECK(subjects.find(R"("gitTree":")" + std::string(40, '9')) != std::string::npos);
    CHECK(subjects.find("gitCommit") == std::string::npos);
  }

  TEST_CASE("equal runs give equal bytes, named by their digest") {
    auto a = sample::run("01RUN", kCommit), b = sample::run("01RUN", kCommit);

    const auto first = statements_of(a), second = statements_of(b), again = statements_of(a);

    REQUIRE(first.files.size() == second.files.size());
    for (std::size_t i = 0; i < first.files.size(); ++i) {
      CHECK(first.files[i].path == second.files[i].path);
      CHECK(first.files[i].bytes == second.files[i].bytes);
      CHECK(first.files[i].bytes.ends_with("\n"));
      CHECK(first.files[i].path.find(sys::sha256(first.files[i].bytes).hex()) != std::string::npos);
    }
    CHECK(again.run == first.run);
  }

  TEST_CASE("the note is one line: the chosen cell's metric, the decision, the run") {
    auto run = sample::run("01RUN", kCommit);
    CHECK(statements_of(run).note ==
          "llmops support-triage@dev passed: accuracy small/guided 0.667 [0.60, 0.73] n=240; gate pass (run 01RUN)");
  }

  TEST_CASE("a note stays short and printable whatever it tells of") {
    auto run = sample::run("01RUN", kCommit);
    run.recipe = "evil\x1b[2J\nsecond line" + std::string(300, 'x');
    run.status = lineage::RunStatus::error;
    run.dirty = true;
    run.steps = {sample::train()};
    run.steps[0].outcome.status = step::Status::error;
    run.steps[0].outcome.reason = std::string(500, 'y') + "\x9b\n";

    const auto note = statements_of(run).note;

    CHECK(text::code_points(note).size() <= 200);
    CHECK(note.find_first_of("\x1b\n\r") == std::string::npos);
    CHECK(note.starts_with("llmops evil\\x1b[2J second line"));
    CHECK(note.find("error (dirty): exec train error: yyy") != std::string::npos);
    CHECK(note.ends_with("… (run 01RUN)"));
  }

  TEST_CASE("a run goes into git as one commit and one note, and the same run adds nothing") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();
    auto run = sample::run("01RUN", box.sh("git rev-parse HEAD"));
    auto fresh = run;

    REQUIRE(record(*repository, run));
    const auto listing = records_listing(box);
    REQUIRE(record(*repository, run));
    REQUIRE(record(*repository, fresh));

    CHECK(listing == records_listing(box));
    CHECK(box.sh("git rev-list --count refs/llmops/records") == "1");
    CHECK(box.sh("git rev-list --count refs/notes/llmops") == "1");
    CHECK(text::split(listing, '\n').size() == 5);
    CHECK(box.sh("git log -1 --format=%N --notes=llmops") ==
          "llmops support-triage@dev passed: accuracy small/guided 0.667 [0.60, 0.73] n=240; gate pass (run 01RUN)");
    CHECK(box.sh("git fsck --strict --no-dangling") == "");
  }

  TEST_CASE("a repository without commits has nothing to record at, and says so") {
    GitSandbox box;
    box.sh("git init -q repo");
    auto run = sample::run("01RUN", "");

    const auto said = record(*box.open(), run);

    REQUIRE(said);
    CHECK(*said == "nothing was recorded: the repository has no commit yet");
    CHECK(box.sh("git for-each-ref") == "");
  }

  TEST_CASE("records written at once unite") {
    GitSandbox box;
    box.make_repository();
    const auto head = box.sh("git rev-parse HEAD");
    {
      std::vector<std::jthread> writers;
      for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
          auto run = sample::run("0" + std::to_string(writer) + "RUN", head);
          CHECK(record(*box.open(), run));
        });
      }
    }

    const auto records = lineage::Records::read(*box.open());

    REQUIRE(records);
    CHECK(records->runs().size() == 4);
    CHECK(records->all().size() == 16);
    CHECK(records->unreadable() == 0);
    CHECK(text::split(box.sh("git notes --ref=llmops show HEAD"), '\n').size() == 4);
  }
}
