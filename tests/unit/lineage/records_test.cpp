#include "lineage/records.h"

#include <doctest/doctest.h>

#include "fakes/git_sandbox.h"
#include "lineage/record.h"
#include "sample.h"

using namespace llmops;
namespace lineage = llmops::lineage;
namespace sample = llmops::lineage::sample;
using fakes::GitSandbox;

namespace {

/// Two runs of one commit, written.
struct Recorded {
  Recorded() {
    box.make_repository();
    head = box.sh("git rev-parse HEAD");
    repository = box.open();
    first = sample::run("01AAAAAA", head);
    REQUIRE(record(*repository, first));
    second = sample::later_run("01AABBBB", first);
    REQUIRE(record(*repository, second));
  }
  lineage::Records read() {
    auto records = lineage::Records::read(*repository);
    REQUIRE(records);
    return *std::move(records);
  }

  GitSandbox box;
  std::string head;
  std::unique_ptr<sys::GitRepository> repository;
  lineage::Run first, second;
};

/// A file put into the records tree by somebody else.
void put(sys::GitRepository& repository, const std::string& path, const std::string& bytes) {
  REQUIRE(repository.commit_files({{std::string(lineage::kRecordsRef), "foreign", {{path, bytes}}}}));
}

std::string record_path(const std::string& commit, const std::string& bytes) {
  return commit.substr(0, 2) + "/" + commit + "/" + sys::sha256(bytes).hex() + ".json";
}

}  // namespace

TEST_SUITE("lineage/records") {
  TEST_CASE("what was recorded is read back, newest run first") {
    Recorded given;

    const auto records = given.read();

    REQUIRE(records.runs().size() == 2);
    CHECK(records.runs()[0].id() == "01AABBBB");
    CHECK(records.runs()[1].document == to_document(given.first));
    CHECK(records.all().size() == 6);
    CHECK(records.unreadable() == 0);
    CHECK(records.of_commit(given.head).size() == 2);
    CHECK(records.of_commit(std::string(40, '0')).empty());
    const auto* eval = records.find(*Digest::parse(given.first.steps[1].outcome.statement));
    REQUIRE(eval);
    CHECK(to_string(eval->kind) == "test-result");
    CHECK(eval->commit == given.head);
    CHECK(records.find(*Digest::parse(given.first.steps[0].outcome.statement))->kind ==
          lineage::Record::Kind::provenance);
    CHECK(records.find(records.runs()[0].record)->kind == lineage::Record::Kind::run);
    CHECK_FALSE(records.find(sys::sha256("other")));
  }

  TEST_CASE("a repository without records has none") {
    GitSandbox box;
    box.make_repository();

    const auto records = lineage::Records::read(*box.open());

    REQUIRE(records);
    CHECK(records->all().empty());
    CHECK(records->runs().empty());
  }

  TEST_CASE("a run is found by its id or a part of it that fits only one") {
    Recorded given;
    const auto records = given.read();

    CHECK((*records.run("01AABBBB"))->id() == "01AABBBB");
    CHECK((*records.run("01aab"))->id() == "01AABBBB");
    CHECK((*records.run("01AAA"))->id() == "01AAAAAA");
    const auto two = records.run("01AA"), none = records.run("ZZZZ"), brief = records.run("01A");
    REQUIRE_FALSE(two);
    CHECK(two.error().message == "`01AA` fits several runs, 01AABBBB and 01AAAAAA");
    REQUIRE_FALSE(none);
    CHECK(none.error().message == "there is no run `ZZZZ`");
    REQUIRE_FALSE(brief);
    CHECK(brief.error().kind == ErrorKind::usage);
  }

  TEST_CASE("the newest passing run of a release key is found, and failed ones are not") {
    Recorded given;
    auto failed = sample::later_run("01CCCCCC", given.first);
    failed.status = lineage::RunStatus::failed;
    failed.started = sample::at(200);
    REQUIRE(record(*given.repository, failed));
    const auto records = given.read();

    const auto* passing = records.passing("support-triage", "dev", sys::sha256("release"));

    REQUIRE(passing);
    CHECK(passing->id() == "01AABBBB");
    CHECK_FALSE(records.passing("support-triage", "prod", sys::sha256("release")));
    CHECK_FALSE(records.passing("support-triage", "dev", sys::sha256("another")));
    CHECK_FALSE(records.passing("other", "dev", sys::sha256("release")));
  }

  TEST_CASE("results come back whole, from a step that was only reused too") {
    Recorded given;
    const auto records = given.read();
    const auto& steps = records.runs()[0].document.find("steps")->items();
    const auto* eval = records.find(*Digest::parse(steps[1].get("statement", "")));
    const auto* train = records.find(*Digest::parse(steps[0].get("statement", "")));
    REQUIRE(eval);
    REQUIRE(train);

    const auto results = records.results(*given.repository, *eval);
    const auto none = records.results(*given.repository, *train);

    REQUIRE(results);
    REQUIRE(*results);
    CHECK(**results == given.first.steps[1].results);
    REQUIRE(none);
    CHECK_FALSE(*none);
  }

  TEST_CASE("results that are gone or not what was recorded are an error") {
    Recorded given;
    const auto digest = Digest::parse(given.first.steps[1].outcome.statement);
    const auto path = given.head.substr(0, 2) + "/" + given.head + "/" +
                      sys::sha256(given.first.steps[1].results).hex() + ".results.jsonl";
    put(*given.repository, path, "forged");

    const auto records = given.read();
    const auto forged = records.results(*given.repository, *records.find(*digest));

    REQUIRE_FALSE(forged);
    CHECK(forged.error().message.find("are not those it tells of") != std::string::npos);
  }

  TEST_CASE("files that are no records are skipped and counted") {
    Recorded given;
    const auto folder = given.head.substr(0, 2) + "/" + given.head + "/";
    put(*given.repository, "README", "hello");
    put(*given.repository, "zz/notacommit/x.json", "{}");
    put(*given.repository, folder + "short.json", "{}");
    put(*given.repository, folder + std::string(64, 'a') + ".json", "{\"its name\": \"is not its digest\"}");
    put(*given.repository, record_path(given.head, "not json\xff"), "not json\xff");
    put(*given.repository, record_path(given.head, "[1]"), "[1]");
    put(*given.repository, record_path(given.head, ""), "");
    const std::string hollow = R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"urn:llmops:run:v1"})";
    put(*given.repository, record_path(given.head, hollow), hollow);
    const std::string cut =
        "{\n  \"_type\": \"https://in-toto.io/Statement/v1\",\n  \"predicateType\": \"urn:llmops:run:v1\",\n}\n";
    put(*given.repository, record_path(given.head, cut), cut);

    const auto records = given.read();

    CHECK(records.runs().size() == 2);
    CHECK(records.all().size() == 6);
    CHECK(records.unreadable() == 9);
  }

  TEST_CASE("Statements of others are kept, and what stands beside a record is no fault") {
    Recorded given;
    const std::string foreign =
        R"({"predicateType":"https://example.org/x","_type":"https://in-toto.io/Statement/v1"})";
    put(*given.repository, record_path(given.head, foreign), foreign);
    put(*given.repository,
        given.head.substr(0, 2) + "/" + given.head + "/" + sys::sha256(foreign).hex() + ".sigstore.json", "{}");

    const auto records = given.read();

    CHECK(records.unreadable() == 0);
    REQUIRE(records.find(sys::sha256(foreign)));
    CHECK(to_string(records.find(sys::sha256(foreign))->kind) == "other");
  }

  TEST_CASE("a commit is recorded by a passing run of a clean work tree, and by nothing else") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();
    const auto head = box.sh("git rev-parse HEAD");
    const auto key = sys::sha256("release");
    const auto is_recorded = [&](const std::string& environment = "dev", const std::string& commit = {}) {
      const auto found =
          lineage::recorded(*repository, commit.empty() ? head : commit, "support-triage", environment, key);
      REQUIRE(found);
      return *found;
    };
    CHECK(is_recorded() == lineage::Recorded::no);

    auto failed = sample::run("01FAILED", head);
    failed.status = lineage::RunStatus::failed;
    REQUIRE(record(*repository, failed));
    CHECK(is_recorded() == lineage::Recorded::no);

    auto dirty = sample::run("01DIRTY0", head);
    dirty.dirty = true;
    REQUIRE(record(*repository, dirty));
    CHECK(is_recorded() == lineage::Recorded::dirty);

    auto passed = sample::run("01PASSED", head);
    REQUIRE(record(*repository, passed));
    CHECK(is_recorded() == lineage::Recorded::clean);
    CHECK(is_recorded("prod") == lineage::Recorded::no);
    CHECK(is_recorded("dev", std::string(40, '0')) == lineage::Recorded::no);
    CHECK(*lineage::recorded(*repository, head, "support-triage", "dev", sys::sha256("another")) ==
          lineage::Recorded::no);
  }

  TEST_CASE("of named records, those that lie where their commit's do are there") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();
    const auto head = box.sh("git rev-parse HEAD");
    const auto elsewhere = std::string(40, '0');
    auto run = sample::run("01PASSED", head);
    CHECK(lineage::present(*repository, {{head, sys::sha256("x").to_string()}})->empty());
    REQUIRE(record(*repository, run));
    const auto known = run.steps[0].outcome.statement;
    CHECK(run.steps[0].outcome.statement_commit == head);

    CHECK(*lineage::present(*repository, {{head, known}, {head, sys::sha256("x").to_string()}}) == std::set{known});
    CHECK(lineage::present(*repository, {{elsewhere, known}, {"", known}, {head, "no digest"}})->empty());

    std::vector<lineage::RecordName> many;
    for (char digit = '0'; digit <= '9'; ++digit) many.push_back({std::string(40, digit), known});
    many.push_back({head, known});
    CHECK(*lineage::present(*repository, many) == std::set{known});
  }
}
