#include "sys/real/git_index.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "fakes/git_sandbox.h"

namespace sys = llmops::sys;
using llmops::fakes::GitSandbox;
using llmops::fakes::read_file;
using llmops::fakes::write_file;

namespace {

std::vector<std::string> paths(const sys::Index& index) {
  std::vector<std::string> out;
  for (const auto& entry : index) out.push_back(entry.path);
  return out;
}

const sys::IndexEntry* find(const sys::Index& index, const std::string& path) {
  for (const auto& entry : index) {
    if (entry.path == path) return &entry;
  }
  return nullptr;
}

/// Paths, ids and stats: what both ways of reading must agree on.
void check_same(const sys::Index& read, const sys::Index& told) {
  REQUIRE(read.size() == told.size());
  for (std::size_t at = 0; at < read.size(); ++at) {
    CHECK(read[at].path == told[at].path);
    CHECK(read[at].id == told[at].id);
    CHECK(read[at].mode == told[at].mode);
    CHECK(read[at].stat == told[at].stat);
    CHECK(read[at].assume_valid == told[at].assume_valid);
    CHECK(read[at].skip_worktree == told[at].skip_worktree);
    CHECK(read[at].intent_to_add == told[at].intent_to_add);
    CHECK(read[at].unmerged == told[at].unmerged);
  }
}

}  // namespace

TEST_SUITE("sys/git/index") {
  TEST_CASE("versions 2, 3 and 4 are read like git reads them, without starting it") {
    for (const auto* version : {"2", "3", "4"}) {
      GitSandbox box;
      box.make_repository();
      write_file(box.repo / "data" / "ü.txt", "x");
      write_file(box.repo / "datas" / "deep" / "er" / "f", "x");
      box.sh("echo run > tool.sh && chmod +x tool.sh && ln -s a.txt link && git add -A && echo n > intent");
      box.sh(std::string("git update-index --index-version ") + version +
             " && git update-index --assume-unchanged a.txt");
      if (*version != '2') box.sh("git add -N intent && git update-index --skip-worktree data/b.txt");
      const auto told = sys::parse_ls_files_debug(box.sh("git ls-files --stage --debug -z") + "\n");
      box.hide_git();

      const auto read = box.open()->index();

      REQUIRE(read);
      REQUIRE(told);
      check_same(**read, *told);
      CHECK(find(**read, "a.txt")->assume_valid);
      CHECK(find(**read, "a.txt")->id == sys::git_blob_id("alpha\n"));
      CHECK(find(**read, "tool.sh")->mode == 0100755);
      CHECK(find(**read, "link")->mode == 0120000);
      if (*version != '2') CHECK(find(**read, "intent")->intent_to_add);
      if (*version != '2') CHECK(find(**read, "data/b.txt")->skip_worktree);
    }
  }

  TEST_CASE("an entry's stat is the file's") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();

    const auto* entry = find(**repository->index(), "a.txt");
    const auto stat = box.files.stat(box.repo / "a.txt");

    REQUIRE(entry != nullptr);
    CHECK(entry->stat.mtime_ns == stat->mtime_ns);
    CHECK(entry->stat.ctime_ns == stat->ctime_ns);
    CHECK(entry->stat.inode == (stat->inode & 0xFFFFFFFFu));
    CHECK(entry->stat.device == (stat->device & 0xFFFFFFFFu));
    CHECK(entry->size == 6);
  }

  TEST_CASE("a split index is read through git") {
    GitSandbox box;
    box.make_repository();
    box.sh("git update-index --split-index && echo c > c.txt && git add c.txt");
    REQUIRE_FALSE(sys::parse_index(read_file(box.repo / ".git" / "index"), sys::ObjectFormat::sha1));

    const auto index = box.open()->index();

    REQUIRE(index);
    CHECK(paths(**index) == std::vector<std::string>{"a.txt", "c.txt", "data/b.txt"});
    CHECK(find(**index, "c.txt")->stat.mtime_ns == box.files.stat(box.repo / "c.txt")->mtime_ns);
  }

  TEST_CASE("a sparse index is read through git, with the paths that are not checked out") {
    GitSandbox box;
    box.make_repository();
    box.sh("git sparse-checkout init --cone --sparse-index && git sparse-checkout reapply");
    REQUIRE_FALSE(std::filesystem::exists(box.repo / "data"));
    REQUIRE_FALSE(sys::parse_index(read_file(box.repo / ".git" / "index"), sys::ObjectFormat::sha1));

    const auto index = box.open()->index();

    REQUIRE(index);
    CHECK(paths(**index) == std::vector<std::string>{"a.txt", "data/b.txt"});
    CHECK(find(**index, "data/b.txt")->skip_worktree);
  }

  TEST_CASE("a path in conflict is one entry that says so") {
    GitSandbox box;
    box.make_repository();
    box.sh(
        "git checkout -q -b other && echo theirs > a.txt && git commit -q -am theirs && git checkout -q main && "
        "echo ours > a.txt && git commit -q -am ours && git merge other");

    const auto index = box.open()->index();

    REQUIRE(index);
    CHECK(paths(**index) == std::vector<std::string>{"a.txt", "data/b.txt"});
    CHECK((*index)->at(0).unmerged);
    CHECK_FALSE((*index)->at(1).unmerged);
  }

  TEST_CASE("the index is read again when it has changed, and only then") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();
    const auto first = repository->index();
    const auto second = repository->index();

    box.sh("echo c > c.txt && git add c.txt");
    const auto third = repository->index();

    CHECK(*first == *second);
    CHECK((*third)->size() == 3);
  }

  TEST_CASE("bytes that are no index, or a part of one, are nothing") {
    GitSandbox box;
    box.make_repository();
    const auto whole = read_file(box.repo / ".git" / "index");

    CHECK_FALSE(sys::parse_index("", sys::ObjectFormat::sha1));
    CHECK_FALSE(sys::parse_index("DIRC", sys::ObjectFormat::sha1));
    CHECK_FALSE(sys::parse_index(std::string("DIRC\0\0\0\2\xff\xff\xff\xff", 12), sys::ObjectFormat::sha1));
    CHECK_FALSE(sys::parse_index(whole.substr(0, 90), sys::ObjectFormat::sha1));
    CHECK(sys::parse_index(whole, sys::ObjectFormat::sha1));
  }
}
