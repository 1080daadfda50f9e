#include <doctest/doctest.h>

#include <filesystem>

#include "fakes/git_sandbox.h"

namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::fakes::GitSandbox;
using llmops::fakes::write_file;

TEST_SUITE("sys/git/layout") {
  TEST_CASE("a repository is found from its top and from a folder below, without starting git") {
    GitSandbox box;
    box.make_repository();
    box.hide_git();

    const auto top = box.open();
    const auto below = box.open(box.repo / "data");

    CHECK(top->root() == box.repo);
    CHECK(top->git_dir() == box.repo / ".git");
    CHECK(below->root() == box.repo);
    CHECK(top->common_dir() == top->git_dir());
    CHECK(top->object_format() == sys::ObjectFormat::sha1);
  }

  TEST_CASE("`core.fileMode` of the repository, and of a linked work tree's own configuration, is heeded") {
    GitSandbox box;
    box.make_repository();
    CHECK(box.open()->modes_count());

    box.sh("git config core.fileMode false && git worktree add -q ../linked");
    CHECK_FALSE(box.open()->modes_count());
    CHECK_FALSE(box.open(box.repo.parent_path() / "linked")->modes_count());

    box.sh("git config extensions.worktreeConfig true && git -C ../linked config --worktree core.fileMode true");
    CHECK_FALSE(box.open()->modes_count());
    CHECK(box.open(box.repo.parent_path() / "linked")->modes_count());
  }

  TEST_CASE("a folder outside of any repository is said to be so") {
    GitSandbox box;

    const auto opened = box.git.open(box.folder.path());

    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == llmops::ErrorKind::environment);
    CHECK(opened.error().message == "`" + box.folder.path().native() + "` is not in a git repository");
    CHECK(opened.error().hint.find("git init") != std::string::npos);
  }

  TEST_CASE("a folder that isn't there is said to be missing") {
    GitSandbox box;

    const auto opened = box.git.open(box.folder.path() / "none");

    REQUIRE_FALSE(opened);
    CHECK(opened.error().message == "there is no folder `" + (box.folder.path() / "none").native() + "`");
  }

  TEST_CASE("a bare repository is refused, with what to do") {
    GitSandbox box;
    box.sh("git init -q --bare bare.git");

    const auto opened = box.git.open(box.folder.path() / "bare.git");

    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("is a bare git repository") != std::string::npos);
    CHECK(opened.error().hint.find("git worktree add") != std::string::npos);
  }

  TEST_CASE("the search ends below a ceiling") {
    GitSandbox box;
    box.make_repository();
    box.env.set("GIT_CEILING_DIRECTORIES", box.repo.native());

    CHECK_FALSE(box.git.open(box.repo / "data"));
    CHECK(box.git.open(box.repo));
  }

  TEST_CASE("a linked work tree has its own head and shares refs") {
    GitSandbox box;
    box.make_repository();
    box.sh("git worktree add -q ../side -b side");
    const auto commit = box.sh("git rev-parse HEAD");
    box.hide_git();

    const auto side = box.open(box.folder.path() / "side");

    CHECK(side->root() == box.folder.path() / "side");
    CHECK(side->git_dir() == box.repo / ".git" / "worktrees" / "side");
    CHECK(side->common_dir() == box.repo / ".git");
    CHECK(side->head()->branch == "side");
    CHECK(side->head()->commit == commit);
    CHECK(*side->ref("refs/heads/main") == commit);
    CHECK((*side->index())->size() == 2);
  }

  TEST_CASE("a linked work tree of a bare repository is a repository") {
    GitSandbox box;
    box.make_repository();
    box.sh("git clone -q --bare . ../bare.git && git -C ../bare.git worktree add -q ../tree main");

    const auto tree = box.open(box.folder.path() / "tree");

    CHECK(tree->root() == box.folder.path() / "tree");
    CHECK(tree->head()->branch == "main");
  }

  TEST_CASE("per-work-tree configuration is followed") {
    GitSandbox box;
    box.make_repository();
    box.sh("git config extensions.worktreeConfig true && git worktree add -q ../side -b side");
    box.hide_git();

    CHECK(box.open()->head()->branch == "main");
    CHECK(box.open(box.folder.path() / "side")->head()->branch == "side");
  }

  TEST_CASE("a submodule is a repository of its own") {
    GitSandbox box;
    box.make_repository();
    box.sh("git clone -q . ../other && git submodule --quiet add ../other sub && git commit -q -m sub");
    REQUIRE(fs::is_regular_file(box.repo / "sub" / ".git"));

    const auto sub = box.open(box.repo / "sub" / "data");
    const auto above = box.open();

    CHECK(sub->root() == box.repo / "sub");
    CHECK(sub->git_dir() == box.repo / ".git" / "modules" / "sub");
    CHECK((*sub->index())->size() == 2);
    CHECK(above->root() == box.repo);
  }

  TEST_CASE("a file `.git` that points nowhere is named") {
    GitSandbox box;
    write_file(box.folder.path() / "broken" / ".git", "gitdir: /nonexistent/x\n");
    write_file(box.folder.path() / "odd" / ".git", "hello\n");

    const auto broken = box.git.open(box.folder.path() / "broken");
    const auto odd = box.git.open(box.folder.path() / "odd");

    REQUIRE_FALSE(broken);
    CHECK(broken.error().message.find("points to `/nonexistent/x`, which is no git folder") != std::string::npos);
    REQUIRE_FALSE(odd);
    CHECK(odd.error().message.find("should begin with `gitdir: `") != std::string::npos);
  }

  TEST_CASE("an extension that git does not know is git's to refuse") {
    GitSandbox box;
    box.make_repository();
    box.sh("git config core.repositoryFormatVersion 1 && git config extensions.tomorrow true");

    const auto opened = box.git.open(box.repo);

    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("tomorrow") != std::string::npos);
  }

  TEST_CASE("a repository of another owner is trusted only when git trusts it") {
    GitSandbox box;
    box.make_repository();
    if (::geteuid() != 0) return;  // Only root can give files away.
    REQUIRE(::chown(box.repo.c_str(), 65534, 65534) == 0);

    const auto refused = box.git.open(box.repo);
    box.sh("git config --global --add safe.directory " + box.repo.native());
    const auto trusted = box.git.open(box.repo);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("belongs to another user") != std::string::npos);
    CHECK(refused.error().hint.find("safe.directory") != std::string::npos);
    CHECK(trusted);
  }
}
