#include "sys/real/git_attributes.h"

#include <doctest/doctest.h>

#include "fakes/git_sandbox.h"
#include "sys/real/git_config.h"

namespace sys = llmops::sys;
using llmops::fakes::GitSandbox;
using llmops::fakes::write_file;

TEST_SUITE("sys/git/attributes") {
  TEST_CASE("a line converts when it sets what changes bytes") {
    for (const auto* line : {"*.txt text", "* text=auto", "*.bin filter=lfs diff=lfs -text", "a eol=crlf", "b ident",
                             "c working-tree-encoding=UTF-16", "[attr]mine text", "x crlf=input", "d\ttext\r"}) {
      CHECK(sys::attributes_text_converts(std::string("# first\n") + line + "\n"));
    }
  }

  TEST_CASE("a line that only marks or switches off converts nothing") {
    for (const auto* line : {"*.png binary", "* -text", "* !text", "*.c diff=cpp", "text merge=ours", "# * text",
                             "*.md linguist-documentation", "", "x export-ignore"}) {
      CHECK_FALSE(sys::attributes_text_converts(line));
    }
  }

  TEST_CASE("a plain repository converts nothing, and git isn't asked") {
    GitSandbox box;
    box.make_repository();
    box.hide_git();

    CHECK(*box.open()->attributes_convert("data/b.txt") == false);
  }

  TEST_CASE("attributes of a folder hold for what is below it") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "data" / ".gitattributes", "*.txt text\n");
    const auto repository = box.open();

    CHECK(*repository->attributes_convert("data/b.txt"));
    CHECK(*repository->attributes_convert("data/deep/er"));
    CHECK_FALSE(*repository->attributes_convert("a.txt"));
    CHECK_FALSE(*repository->attributes_convert("database/x"));
  }

  TEST_CASE("attributes that only the index has may hold too") {
    GitSandbox box;
    box.make_repository();
    box.sh("echo \"* text\" > .gitattributes && git add -A && rm .gitattributes");

    CHECK(*box.open()->attributes_convert("a.txt"));
  }

  TEST_CASE("the repository's own attributes and the person's count") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / ".git" / "info" / "attributes", "* ident\n");
    CHECK(*box.open()->attributes_convert("a.txt"));
    write_file(box.repo / ".git" / "info" / "attributes", "");
    CHECK_FALSE(*box.open()->attributes_convert("a.txt"));

    write_file(box.folder.path() / ".config" / "git" / "attributes", "* text=auto\n");

    CHECK(*box.open()->attributes_convert("a.txt"));
  }

  TEST_CASE("automatic line ends convert, wherever they are switched on") {
    GitSandbox box;
    box.make_repository();
    box.sh("git config core.autocrlf false");
    CHECK_FALSE(*box.open()->attributes_convert("a.txt"));
    box.sh("git config core.autocrlf input");
    CHECK(*box.open()->attributes_convert("a.txt"));
    box.sh("git config --unset core.autocrlf");
    CHECK_FALSE(*box.open()->attributes_convert("a.txt"));

    write_file(box.folder.path() / "more", "[core]\n\tautocrlf\n");
    box.sh("git config include.path " + (box.folder.path() / "more").native());

    CHECK(*box.open()->attributes_convert("a.txt"));
  }

  TEST_CASE("a configuration file is read as git reads it") {
    const auto entries = sys::parse_git_config(
        "; comment\n[core]\n\tBare = false # no\n\tflag\n[remote \"Ori\\\"gin\"]\n  url = \"a # b\" c\\n\\\nd ; x\n"
        "[user] name = Ada  Lovelace  \n");

    REQUIRE(entries.size() == 4);
    CHECK(sys::config_value(entries, "core.bare") == "false");
    CHECK(sys::config_true(entries, "core.flag"));
    CHECK(sys::config_value(entries, "remote.Ori\"gin.url") == "a # b c\nd");
    CHECK(sys::config_value(entries, "user.name") == "Ada  Lovelace");
  }
}
