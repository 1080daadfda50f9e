#include "sys/git.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "fakes/git_sandbox.h"

namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::ErrorKind;
using llmops::fakes::GitSandbox;
using llmops::fakes::read_file;
using llmops::fakes::write_file;

TEST_SUITE("sys/git") {
  TEST_CASE("head names the branch and its commit, without starting git") {
    GitSandbox box;
    box.make_repository();
    const auto commit = box.sh("git rev-parse HEAD");
    box.hide_git();

    const auto head = box.open()->head();

    REQUIRE(head);
    CHECK(head->branch == "main");
    CHECK(head->commit == commit);
  }

  TEST_CASE("a detached head has no branch") {
    GitSandbox box;
    box.make_repository();
    const auto commit = box.sh("git checkout -q --detach && git rev-parse HEAD");
    box.hide_git();

    const auto head = box.open()->head();

    CHECK(head->branch.empty());
    CHECK(head->commit == commit);
  }

  TEST_CASE("a repository without commits has a branch and nothing else") {
    GitSandbox box;
    box.sh("git init -q repo");
    const auto repository = box.open();

    CHECK(repository->head()->branch == "main");
    CHECK(repository->head()->commit.empty());
    CHECK_FALSE(repository->root_commit()->has_value());
    CHECK((*repository->index())->empty());
    CHECK(repository->changed_paths()->empty());
    CHECK(repository->resolve("HEAD").error().kind == ErrorKind::usage);
  }

  TEST_CASE("packed refs are read, and a loose one wins") {
    GitSandbox box;
    box.make_repository();
    const auto first = box.sh("git tag one && git branch feature/x && git pack-refs --all && git rev-parse HEAD");
    const auto second = box.sh("echo more >> a.txt && git commit -q -am second && git rev-parse HEAD");
    REQUIRE_FALSE(fs::exists(box.repo / ".git/refs/heads/feature/x"));
    box.hide_git();
    const auto repository = box.open();

    CHECK(*repository->ref("refs/heads/feature/x") == first);
    CHECK(*repository->ref("refs/tags/one") == first);
    CHECK(*repository->ref("refs/heads/main") == second);
    CHECK_FALSE(repository->ref("refs/heads/feature")->has_value());
    CHECK_FALSE(repository->ref("refs/heads/x")->has_value());
  }

  TEST_CASE("a symbolic ref is followed") {
    GitSandbox box;
    box.make_repository();
    const auto commit = box.sh("git symbolic-ref refs/llmops/alias refs/heads/main && git rev-parse HEAD");
    box.hide_git();

    CHECK(*box.open()->ref("refs/llmops/alias") == commit);
  }

  TEST_CASE("the root commit is found once and then remembered") {
    GitSandbox box;
    box.make_repository();
    const auto first = box.sh("git rev-parse HEAD");
    box.sh("echo more >> a.txt && git commit -q -am second");
    REQUIRE(**box.open()->root_commit() == first);
    box.hide_git();

    CHECK(**box.open()->root_commit() == first);
  }

  TEST_CASE("of merged histories the root is that of the first parents") {
    GitSandbox box;
    box.make_repository();
    const auto first = box.sh("git rev-parse HEAD");
    box.sh(
        "git checkout -q --orphan other && git commit -q -m orphan && git checkout -q main && "
        "git merge -q --allow-unrelated-histories -m merge other");

    CHECK(**box.open()->root_commit() == first);
  }

  TEST_CASE("all shallow clones of one address agree on an id in place of the root, which is not remembered") {
    GitSandbox box;
    box.make_repository();
    box.sh("echo more >> a.txt && git commit -q -am second");
    const auto second = box.sh("git rev-parse HEAD");
    const auto first = box.sh("git rev-parse HEAD^");
    box.sh("git clone -q --depth 1 file://$PWD ../thin");
    const auto thin = box.folder.path() / "thin";

    CHECK(*box.open(thin)->shallow());
    const auto stand_in = **box.open(thin)->root_commit();
    CHECK(stand_in.size() == 40);
    CHECK(stand_in != second);
    box.sh("git commit -q --allow-empty -m third && git clone -q --depth 1 file://$PWD ../thinner");
    CHECK(**box.open(box.folder.path() / "thinner")->root_commit() == stand_in);
    box.sh("git -C ../thinner remote set-url origin https://ann:secret@example.test/a/b.git");
    const auto named = **box.open(box.folder.path() / "thinner")->root_commit();
    box.sh("git -C ../thinner remote set-url origin https://example.test/a/b");
    CHECK(**box.open(box.folder.path() / "thinner")->root_commit() == named);
    box.sh("git -C ../thinner remote remove origin");
    CHECK(**box.open(box.folder.path() / "thinner")->root_commit() == box.sh("git rev-parse HEAD"));
    box.sh("git -C ../thin fetch -q --unshallow");
    CHECK_FALSE(*box.open(thin)->shallow());
    CHECK(**box.open(thin)->root_commit() == first);
  }

  TEST_CASE("a revision is resolved, a tag to its commit") {
    GitSandbox box;
    box.make_repository();
    const auto commit = box.sh("git tag -a -m note v1 && git rev-parse HEAD");
    const auto tree = box.sh("git rev-parse HEAD:");
    const auto repository = box.open();

    CHECK(*repository->resolve("HEAD") == commit);
    CHECK(*repository->resolve("v1") == commit);
    CHECK(*repository->resolve(commit.substr(0, 8)) == commit);
    CHECK(*repository->resolve("main^{tree}") == tree);
  }

  TEST_CASE("what names nothing is a mistake of usage") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();

    for (const auto* revision : {"nope", "--all", "", "a\nb", "HEAD~7"}) {
      const auto resolved = repository->resolve(revision);
      REQUIRE_FALSE(resolved);
      CHECK(resolved.error().kind == ErrorKind::usage);
    }
    CHECK(repository->history("nope", 3).error().kind == ErrorKind::usage);
    CHECK(repository->tree("nope").error().kind == ErrorKind::usage);
    CHECK(repository->commit(std::string(40, '1')).error().kind == ErrorKind::usage);
  }

  TEST_CASE("a commit is told with all its parts") {
    GitSandbox box;
    box.make_repository();
    const auto first = box.sh("git rev-parse HEAD");
    box.sh("git commit -q --allow-empty -m \"second line one\" -m \"body ü\"");
    const auto second = box.sh("git rev-parse HEAD");

    const auto commit = box.open()->commit(second);

    REQUIRE(commit);
    CHECK(commit->id == second);
    CHECK(commit->tree == box.sh("git rev-parse HEAD:"));
    CHECK(commit->parents == std::vector<std::string>{first});
    CHECK(commit->author == "Ada");
    CHECK(commit->author_email == "ada@example.org");
    CHECK(commit->message == "second line one\n\nbody ü");
    CHECK(commit->time_s == 1'700'000'000);
  }

  TEST_CASE("a git that finds no space, or does not say why it can't write, is no damaged repository") {
    GitSandbox box;
    box.make_repository();
    const auto tools = box.folder.path() / "bin";
    const auto git_says = [&](const std::string& text) {
      write_file(tools / "git", "#!/bin/sh\ncat >&2 <<'END'\n" + text + "\nEND\nexit 128\n");
      fs::permissions(tools / "git", fs::perms::owner_all);
      box.env.set("PATH", tools.native() + ":/usr/bin:/bin");
      const auto changed = box.open()->changed_paths();
      REQUIRE_FALSE(changed);
      CHECK(changed.error().kind == llmops::ErrorKind::environment);
      return std::pair(changed.error().message, changed.error().hint);
    };
    const auto in = "`git status` failed in `" + box.repo.native() + "`, git said: ";

    CHECK(git_says("error: unable to create temporary file: No space left on device\nfatal: adding files failed") ==
          std::pair(in + "unable to create temporary file: No space left on device",
                    std::string("free some space on this disk")));
    CHECK(git_says("fatal: prepare: cannot update ref 'refs/x': couldn't write '/r/.git/refs/x.lock'") ==
          std::pair(in + "prepare: cannot update ref 'refs/x': couldn't write '/r/.git/refs/x.lock'",
                    std::string("free some space if this disk is full, and check who may write there")));
    CHECK(git_says("fatal: bad object HEAD") ==
          std::pair(std::string("`git status` failed, git said: bad object HEAD"),
                    std::string("run `git fsck` if the repository may be damaged")));
  }

  TEST_CASE("history comes newest first and ends at the limit") {
    GitSandbox box;
    box.make_repository();
    box.sh("for i in 1 2 3; do git commit -q --allow-empty -m c$i; done");
    const auto repository = box.open();

    const auto two = repository->history("HEAD", 2);
    const auto all = repository->history("main", 100);

    REQUIRE(two->size() == 2);
    CHECK((*two)[0].message == "c3");
    CHECK((*two)[1].message == "c2");
    CHECK(all->size() == 4);
    CHECK(all->back().parents.empty());
  }

  TEST_CASE("a tree lists its files with modes, names as they are") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "data" / "ü \"q\"\t.txt", "x");
    write_file(box.repo / "database.txt", "x");
    box.sh("echo run > tool.sh && chmod +x tool.sh && ln -s a.txt link && git add -A && git commit -q -m more");
    const auto repository = box.open();

    const auto all = repository->tree("HEAD");
    const auto below = repository->tree("HEAD", "data");

    REQUIRE(all->size() == 6);
    CHECK((*all)[0].path == "a.txt");
    CHECK((*all)[0].id == sys::git_blob_id("alpha\n"));
    CHECK((*all)[4].path == "link");
    CHECK((*all)[4].mode == 0120000);
    CHECK((*all)[5].mode == 0100755);
    REQUIRE(below->size() == 2);
    CHECK((*below)[0].path == "data/b.txt");
    CHECK((*below)[1].path == "data/ü \"q\"\t.txt");
  }

  TEST_CASE("blobs come in order, whatever bytes they have") {
    GitSandbox box;
    box.make_repository();
    const std::string odd = std::string("line\n\0\xff missing\n", 16);
    const std::string big(3'000'000, 'q');
    write_file(box.repo / "odd", odd);
    write_file(box.repo / "big", big);
    write_file(box.repo / "empty", "");
    box.sh("git add -A");
    std::vector<std::string> seen;

    const auto read =
        box.open()->blobs({sys::git_blob_id(odd), sys::git_blob_id(""), sys::git_blob_id(big), sys::git_blob_id(odd)},
                          [&](std::size_t at, std::string_view bytes) {
                            CHECK(at == seen.size());
                            seen.emplace_back(bytes);
                          });

    REQUIRE(read);
    CHECK(seen == std::vector<std::string>{odd, "", big, odd});
  }

  TEST_CASE("a blob that isn't there is an error that names it") {
    GitSandbox box;
    box.make_repository();
    const std::string none(40, '1');

    const auto blob = box.open()->blob(none);

    REQUIRE_FALSE(blob);
    CHECK(blob.error().message == "the repository has no blob `" + none + "`");
    CHECK(box.open()->blob("HEAD").error().kind == ErrorKind::usage);
  }

  TEST_CASE("changed paths are staged, unstaged and untracked ones, without `.llmops`") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / ".gitignore", "*.log\n");
    write_file(box.repo / "x.log", "ignored");
    write_file(box.repo / "neu ü/f.txt", "new");
    write_file(box.repo / ".llmops" / "state", "x");
    write_file(box.repo / "a.txt", "changed\n");
    box.sh("git rm -q --cached data/b.txt && rm data/b.txt");

    const auto changed = box.open()->changed_paths();

    REQUIRE(changed);
    CHECK(*changed == std::vector<std::string>{".gitignore", "a.txt", "data/b.txt", "neu ü/f.txt"});
  }

  TEST_CASE("without git the error says that it is missing") {
    GitSandbox box;
    box.make_repository();
    box.hide_git();

    const auto changed = box.open()->changed_paths();

    REQUIRE_FALSE(changed);
    CHECK(changed.error().kind == ErrorKind::environment);
    CHECK(changed.error().message == "`git` was not found in `PATH`");
  }

  TEST_CASE("a hook's variables don't lead to another repository") {
    GitSandbox box;
    box.make_repository();
    box.env.set("GIT_DIR", "/nonexistent");
    box.env.set("GIT_INDEX_FILE", "/nonexistent/index");
    box.env.set("GIT_WORK_TREE", "/");

    CHECK(box.open()->changed_paths()->empty());
  }

  TEST_CASE("everything works in a repository of SHA-256") {
    GitSandbox box;
    box.make_repository("--object-format=sha256");
    const auto repository = box.open();

    CHECK(repository->object_format() == sys::ObjectFormat::sha256);
    CHECK(repository->head()->commit.size() == 64);
    CHECK((*repository->index())->at(0).id == sys::git_blob_id("alpha\n", sys::ObjectFormat::sha256));
    CHECK(*repository->blob((*repository->index())->at(0).id) == "alpha\n");
    const auto committed = repository->commit_files({{"refs/llmops/records", "run", {{"ab/x.json", "{}"}}}});
    REQUIRE(committed);
    CHECK(box.sh("git show refs/llmops/records:ab/x.json") == "{}");
    CHECK(box.sh("git fsck --strict --no-dangling") == "");
  }

  TEST_CASE("a snapshot has the work tree as it is, and leaves the index alone") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "new.txt", "new\n");
    write_file(box.repo / "a.txt", "changed\n");
    write_file(box.repo / ".llmops" / "state", "x");
    write_file(box.repo / ".gitignore", "*.log\n");
    write_file(box.repo / "x.log", "ignored");
    const auto index_before = read_file(box.repo / ".git" / "index");
    const auto head = box.sh("git rev-parse HEAD");
    const auto repository = box.open(box.repo / "data");

    const auto dirty = repository->snapshot_work_tree();

    REQUIRE(dirty);
    CHECK(dirty->changed == std::vector<std::string>{".gitignore", "a.txt", "new.txt"});
    CHECK(box.sh("git ls-tree -r --name-only " + dirty->tree) == ".gitignore\na.txt\ndata/b.txt\nnew.txt");
    CHECK(box.sh("git for-each-ref refs/llmops").empty());
    REQUIRE(repository->keep("refs/llmops/dirty/1", head));
    REQUIRE(repository->keep("refs/llmops/dirty/1", dirty->commit));
    CHECK(box.sh("git show refs/llmops/dirty/1:a.txt") == "changed");
    CHECK(box.sh("git rev-parse refs/llmops/dirty/1^") == head);
    CHECK(read_file(box.repo / ".git" / "index") == index_before);
    CHECK(fs::is_empty(box.repo / ".git" / "llmops"));
    REQUIRE(repository->snapshot_work_tree());
  }

  TEST_CASE("a snapshot sees a change of the same size right after the index was written") {
    GitSandbox box;
    box.make_repository();
    for (int i = 0; i < 20; ++i) {
      write_file(box.repo / "a.txt", "first\n");
      box.sh("git add a.txt");
      write_file(box.repo / "a.txt", "secnd\n");

      const auto dirty = box.open()->snapshot_work_tree();

      REQUIRE(dirty);
      CHECK(box.sh("git show " + dirty->tree + ":a.txt") == "secnd");
    }
  }

  TEST_CASE("a snapshot works without commits and with a split index") {
    GitSandbox box;
    box.sh("git init -q repo && cd repo && git config core.splitIndex true");
    write_file(box.repo / "a.txt", "one\n");
    box.sh("git add -A");

    const auto dirty = box.open()->snapshot_work_tree();

    REQUIRE(dirty);
    CHECK(dirty->changed == std::vector<std::string>{"a.txt"});
    CHECK(box.sh("git show " + dirty->tree + ":a.txt") == "one");
  }
}
