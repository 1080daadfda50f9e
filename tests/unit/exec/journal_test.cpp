#include "exec/journal.h"

#include <doctest/doctest.h>

#include "unit/exec/outside.h"

using namespace llmops;
using exec::Journal;

namespace {

const sys::Path kFolder = "/repo/.llmops";

step::Outcome with_output(const std::string& bytes) {
  step::Outcome outcome;
  outcome.outputs.push_back({.name = "o", .path = "o", .digest = sys::sha256(bytes), .value = "o"});
  return outcome;
}

/// A run that did one step and was then killed: its lock is gone, its journal ends there.
void killed_run(sys::FileSystem& files, const std::string& run) {
  Journal journal(files, kFolder);
  REQUIRE(journal.begin(run, "work", "dev").has_value());
  REQUIRE(journal.step_done("a", "key-a", with_output("x")).has_value());
}

std::optional<exec::Unfinished> unfinished(sys::FileSystem& files, const std::string& environment = "dev") {
  auto found = Journal(files, kFolder).unfinished("work", environment);
  REQUIRE(found.has_value());
  return *std::move(found);
}

}  // namespace

TEST_CASE("without a journal nothing is unfinished") {
  fakes::MemoryFileSystem files;
  CHECK_FALSE(unfinished(files).has_value());
}

TEST_CASE("a killed run is unfinished, with the steps it had done") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  const auto left = unfinished(files);
  REQUIRE(left.has_value());
  CHECK(left->run == "R1");
  REQUIRE(left->done.contains("a"));
  CHECK(left->done.at("a").key == "key-a");
  CHECK(left->done.at("a").outcome.outputs == with_output("x").outputs);
  CHECK_FALSE(unfinished(files, "prod").has_value());
}

TEST_CASE("what another run noted of a step is found by its key") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  Journal mine(files, kFolder);

  CHECK((*mine.done("a", "key-a"))->outputs == with_output("x").outputs);
  CHECK_FALSE(mine.done("a", "another key")->has_value());
  CHECK_FALSE(mine.done("b", "key-a")->has_value());
}

TEST_CASE("a torn last line is ignored") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  files.put(kFolder / "journal", files.at(kFolder / "journal") + R"({"event":"step","run":"R1","step":"b","ke)");
  const auto left = unfinished(files);
  REQUIRE(left.has_value());
  CHECK(left->done.size() == 1);
}

TEST_CASE("a run that was begun after a torn line is read whole") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  files.put(kFolder / "journal", files.at(kFolder / "journal") + R"({"event":"step","run":"R1","st)");
  killed_run(files, "R2");
  const auto left = unfinished(files);
  REQUIRE(left.has_value());
  CHECK(left->run == "R2");
  CHECK(left->done.contains("a"));
}

TEST_CASE("a line that another run wrote behind a torn one is read") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  const auto torn =
      files.at(kFolder / "journal") + R"({"event":"step","run":"R1","step":"b","outcome":{"reason":"not )";
  files.put(kFolder / "journal", torn + R"({"event":"finish","run":"R1","status":"passed"})" + "\n");

  CHECK_FALSE(unfinished(files).has_value());
}

TEST_CASE("what a run had done is left to the next but one, where the next was cut off before it came to it") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  REQUIRE(Journal(files, kFolder).begin("R2", "work", "dev").has_value());

  const auto left = unfinished(files);

  REQUIRE(left.has_value());
  CHECK(left->run == "R2");
  REQUIRE(left->done.contains("a"));
  CHECK(left->done.at("a").run == "R1");
  CHECK_FALSE(unfinished(files, "prod").has_value());
}

TEST_CASE("of what several runs had done, the newest counts") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  killed_run(files, "R2");

  CHECK(unfinished(files)->done.at("a").run == "R2");
}

TEST_CASE("a run that finishes has taken up those before it") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  {
    Journal journal(files, kFolder);
    REQUIRE(journal.begin("R2", "work", "dev").has_value());
    REQUIRE(journal.finish("passed").has_value());
  }
  CHECK_FALSE(unfinished(files).has_value());
  REQUIRE(Journal(files, kFolder).begin("R3", "work", "dev").has_value());
  CHECK(unfinished(files)->done.empty());
}

TEST_CASE("a finished run is not unfinished") {
  fakes::MemoryFileSystem files;
  {
    Journal journal(files, kFolder);
    REQUIRE(journal.begin("R1", "work", "dev").has_value());
    REQUIRE(journal.finish("passed").has_value());
    CHECK_FALSE(files.has(kFolder / "runs/R1/lock"));
  }
  CHECK_FALSE(unfinished(files).has_value());
}

TEST_CASE("a run that still goes on is not unfinished") {
  fakes::MemoryFileSystem files;
  files.put(kFolder / "runs/R1/lock", "");
  Journal journal(files, kFolder);
  REQUIRE(journal.begin("R1", "work", "dev").has_value());
  CHECK_FALSE(unfinished(files).has_value());
}

TEST_CASE("the state folder keeps itself out of git") {
  fakes::MemoryFileSystem files;
  killed_run(files, "R1");
  CHECK(files.at(kFolder / ".gitignore") == "*\n");
}
