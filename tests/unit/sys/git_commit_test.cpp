#include <doctest/doctest.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "fakes/git_sandbox.h"
#include "sys/real/git_objects.h"
#include "sys/real/real_clock.h"

namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::fakes::GitSandbox;
using llmops::fakes::read_file;
using llmops::fakes::write_file;

namespace {
const std::string kRecords = "refs/llmops/records", kNotes = "refs/notes/llmops";
}

TEST_SUITE("sys/git/commit_files") {
  TEST_CASE("two refs are made and moved on, each commit on top of the last") {
    GitSandbox box;
    box.make_repository();
    const auto head = box.sh("git rev-parse HEAD");
    const auto repository = box.open();

    const auto first = repository->commit_files(
        {{kRecords, "run one", {{"ab/" + head + "/1.json", "{\"n\":1}"}}}, {kNotes, "note", {{head, "passed"}}}});
    const auto second = repository->commit_files(
        {{kRecords, "run two", {{"ab/" + head + "/2.json", "{\"n\":2}"}, {"cd/3.json", "three"}}},
         {kNotes, "note", {{head, "failed"}}}});

    REQUIRE(first);
    REQUIRE(second);
    CHECK(second->said.empty());
    CHECK(second->commits[0] == box.sh("git rev-parse " + kRecords));
    CHECK(second->commits[1] == box.sh("git rev-parse " + kNotes));
    CHECK(first->commits[0] == box.sh("git rev-parse " + kRecords + "^"));
    CHECK(box.sh("git ls-tree -r --name-only " + kRecords) ==
          "ab/" + head + "/1.json\nab/" + head + "/2.json\ncd/3.json");
    CHECK(box.sh("git show " + kRecords + ":ab/" + head + "/2.json") == "{\"n\":2}");
    CHECK(box.sh("git log -1 --format=%B " + kRecords) == "run two");
    CHECK(box.sh("git notes --ref=llmops show HEAD") == "passed\nfailed");
    CHECK(box.sh("git fsck --strict --no-dangling") == "");
    CHECK(box.sh("git status --porcelain") == "");
  }

  TEST_CASE("a file is replaced, and a file may give way to a folder") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();
    REQUIRE(repository->commit_files({{kRecords, "1", {{"a", "old"}, {"b", "old"}, {"a.x", "dot"}, {"a0", "zero"}}}}));

    REQUIRE(repository->commit_files({{kRecords, "2", {{"a/in", "new"}, {"b", "new"}}}}));

    CHECK(box.sh("git ls-tree -r --name-only " + kRecords) == "a.x\na/in\na0\nb");
    CHECK(box.sh("git show " + kRecords + ":b") == "new");
    CHECK(box.sh("git fsck --strict --no-dangling") == "");
  }

  TEST_CASE("notes that git itself wrote are kept, wherever its fan-out put them") {
    GitSandbox box;
    box.make_repository();
    box.sh(
        "git commit -q --allow-empty -m second && git notes --ref=llmops add -m \"by hand\" HEAD && "
        "git notes --ref=llmops add -m other HEAD^");
    const auto head = box.sh("git rev-parse HEAD");

    REQUIRE(box.open()->commit_files({{kNotes, "note", {{head, "by llmops"}, {head, "twice\n"}}}}));

    CHECK(box.sh("git notes --ref=llmops show HEAD") == "by hand\nby llmops\ntwice");
    CHECK(box.sh("git notes --ref=llmops show HEAD^") == "other");
    CHECK(box.sh("git notes --ref=llmops list | wc -l | tr -d \" \"") == "2");
    box.sh("git notes --ref=llmops append -m \"by hand again\" HEAD");
    REQUIRE(box.open()->commit_files({{kNotes, "note", {{head, "last"}}}}));
    CHECK(box.sh("git notes --ref=llmops show HEAD") == "by hand\nby llmops\ntwice\n\nby hand again\nlast");
  }

  TEST_CASE("commits are by who git is configured for, and by llmops where nobody is") {
    GitSandbox box;
    box.make_repository();
    const auto author = [&] {
      REQUIRE(box.open()->commit_files({{kRecords, "run", {{"x", "1"}}}}));
      return box.sh("git log -1 \"--format=%an <%ae> %at\" " + kRecords);
    };
    CHECK(author() == "Ada <ada@example.org> 1767323045");

    for (const auto* name : {"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"}) {
      box.env.unset(name);
    }
    CHECK(author() == "llmops <llmops@localhost> 1767323045");

    write_file(box.folder.path() / "me", "[user]\n\tname = Included\n\temail = in@example.org\n");
    box.sh("git config include.path " + (box.folder.path() / "me").native());
    CHECK(author() == "Included <in@example.org> 1767323045");

    box.sh("git config --unset include.path && git config user.name Grace && git config user.email g@example.org");
    CHECK(author() == "Grace <g@example.org> 1767323045");
  }

  TEST_CASE("many writers lose nothing") {
    GitSandbox box;
    box.make_repository();
    const auto head = box.sh("git rev-parse HEAD");
    sys::RealClock clock;
    sys::RealGit git(box.files, clock, box.env);
    {
      std::vector<std::jthread> writers;
      for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
          const auto repository = git.open(box.repo);
          for (int run = 0; run < 5; ++run) {
            const auto name = std::to_string(writer) + "-" + std::to_string(run);
            CHECK(
                (*repository)->commit_files({{kRecords, name, {{"r/" + name, name}}}, {kNotes, "n", {{head, name}}}}));
          }
        });
      }
    }

    CHECK(box.sh("git rev-list --count " + kRecords) == "20");
    CHECK(box.sh("git ls-tree -r --name-only " + kRecords + " | wc -l | tr -d \" \"") == "20");
    CHECK(box.sh("git notes --ref=llmops show HEAD | wc -l | tr -d \" \"") == "20");
  }

  TEST_CASE("a lock that a killed git left is removed, with a word") {
    GitSandbox box;
    box.make_repository();
    const auto lock = box.repo / ".git" / (kRecords + ".lock");
    write_file(lock, "");
    llmops::fakes::age(lock, 60);

    const auto committed = box.open()->commit_files({{kRecords, "run", {{"x", "1"}}}});

    REQUIRE(committed);
    CHECK(committed->said == "removed `" + lock.native() + "`, which a killed git left behind");
    CHECK_FALSE(fs::exists(lock));
  }

  TEST_CASE("a lock that somebody holds is waited for and not taken, and no ref moves") {
    GitSandbox box;
    box.make_repository();
    const auto lock = box.repo / ".git" / (kNotes + ".lock");
    write_file(lock, "");
    llmops::fakes::age(lock, 60);
    std::ifstream holder(lock);
    const auto head = box.sh("git rev-parse HEAD");
    box.sh("git config core.filesRefLockTimeout 0");

    const auto committed =
        box.open()->commit_files({{kRecords, "run", {{"x", "1"}}}, {kNotes, "note", {{head, "line"}}}});

    REQUIRE_FALSE(committed);
    CHECK(committed.error().kind == llmops::ErrorKind::environment);
    CHECK(committed.error().message.find("another git process holds a lock") != std::string::npos);
    CHECK(fs::exists(lock));
    CHECK_FALSE(box.open()->ref(kRecords)->has_value());
  }

  TEST_CASE("where git fails after it moved one of two refs, that one is put back") {
    GitSandbox box;
    box.make_repository();
    const auto head = box.sh("git rev-parse HEAD");
    const auto commit = [&](const std::string& name) {
      return box.open()->commit_files({{kRecords, "run", {{name, "1"}}}, {kNotes, "note", {{head, name}}}});
    };
    const auto refuse_the_log_of_notes = [&] {
      fs::remove(box.repo / ".git" / "logs" / kNotes);
      write_file(box.repo / ".git" / "logs" / kNotes / "in the way", "");
    };
    const auto refs = [&] { return box.sh("git for-each-ref refs/llmops refs/notes"); };
    refuse_the_log_of_notes();

    const auto first = commit("one");
    CHECK_FALSE(first);
    CHECK(refs() == "");

    fs::remove_all(box.repo / ".git" / "logs" / kNotes);
    REQUIRE(commit("two"));
    const auto before = refs();
    refuse_the_log_of_notes();

    const auto third = commit("three");
    REQUIRE_FALSE(third);
    CHECK(third.error().hint.find("could not be put back") == std::string::npos);
    CHECK(refs() == before);
  }

  TEST_CASE("names that git can't hold are refused before anything is written") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();

    for (const auto* path : {"", "/a", "a//b", "../x", "a/../b", ".git/config", "a\nb", "x/.GIT/y"}) {
      CHECK_FALSE(repository->commit_files({{kRecords, "run", {{path, "x"}}}}));
    }
    for (const auto* ref : {"main", "refs/a b", "refs/../x", "refs/x\nupdate refs/heads/main"}) {
      CHECK_FALSE(repository->commit_files({{ref, "run", {{"x", "x"}}}}));
    }
    CHECK_FALSE(repository->commit_files({{kNotes, "run", {{"short", "x"}}}}));
    CHECK_FALSE(repository->commit_files({{"refs/llmops/a..b", "run", {{"x", "x"}}}}));
    CHECK(box.sh("git for-each-ref") == box.sh("git for-each-ref refs/heads"));
  }

  TEST_CASE("a writer that is killed at any time leaves refs that hold") {
    GitSandbox box;
    box.make_repository();
    for (int round = 0; round < 25; ++round) {
      const pid_t child = ::fork();
      if (child == 0) {
        for (int run = 0;; ++run) {
          const auto name = std::to_string(round) + "/" + std::to_string(run);
          static_cast<void>(box.open()->commit_files({{kRecords, name, {{name, name}}}}).has_value());
        }
      }
      ::usleep(static_cast<useconds_t>(3'000 + round * 1'700));
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    ::usleep(100'000);  // A git that it started goes on to its end.

    CHECK(box.sh("git fsck --strict --no-dangling") == "");
    CHECK(box.status == 0);
    const auto lock = box.repo / ".git" / (kRecords + ".lock");
    if (fs::exists(lock)) llmops::fakes::age(lock, 60);
    CHECK(box.open()->commit_files({{kRecords, "after", {{"after", "all"}}}}));
    CHECK(box.sh("git show " + kRecords + ":after") == "all");
  }

  TEST_CASE("objects longer than a stored block are read by git") {
    GitSandbox box;
    box.make_repository();
    std::string big;
    for (int i = 0; i < 40'000; ++i) big += std::to_string(i * i);
    const std::string block(65535, 'b');

    REQUIRE(box.open()->commit_files({{kRecords, "run", {{"big", big}, {"block", block}, {"empty", ""}}}}));

    CHECK(box.sh("git show " + kRecords + ":big") == big);
    CHECK(box.sh("git show " + kRecords + ":block") == block);
    CHECK(box.sh("git cat-file -s " + kRecords + ":empty") == "0");
    CHECK(box.sh("git gc -q && git fsck --strict --no-dangling") == "");
    std::string empty;
    REQUIRE(sys::to_zlib_stored("", "", [&](std::string_view piece) {
      empty += piece;
      return llmops::Result<void>();
    }));
    CHECK(empty == std::string("\x78\x01\x01\0\0\xff\xff\0\0\0\1", 11));
  }
}
