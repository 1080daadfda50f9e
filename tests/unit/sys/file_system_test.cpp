#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "fakes/git_sandbox.h"
#include "sys/hash.h"
#include "sys/real/real_file_system.h"

namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::fakes::read_file;
using llmops::fakes::TempFolder;
using llmops::fakes::write_file;

TEST_SUITE("sys/file_system") {
  TEST_CASE("a stat tells what is there, and that nothing is there") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "file", "12345");
    fs::create_symlink("nowhere", folder.path() / "link");

    CHECK(files.stat(folder.path() / "file")->kind == sys::FileKind::regular);
    CHECK(files.stat(folder.path() / "file")->size == 5);
    CHECK(files.stat(folder.path())->kind == sys::FileKind::folder);
    CHECK(files.stat(folder.path() / "link")->kind == sys::FileKind::symlink);
    CHECK(files.stat(folder.path() / "none")->kind == sys::FileKind::none);
    CHECK(files.stat(folder.path() / "file" / "below")->kind == sys::FileKind::none);
  }

  TEST_CASE("a file that is rewritten has another stat") {
    const TempFolder folder;
    sys::RealFileSystem files;
    REQUIRE(files.write_atomically(folder.path() / "f", "one"));
    const auto before = files.stat(folder.path() / "f");

    REQUIRE(files.write_atomically(folder.path() / "f", "two"));

    CHECK_FALSE(*files.stat(folder.path() / "f") == *before);
  }

  TEST_CASE("reading gives all bytes, and refuses more than the limit") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const std::string big(300'000, 'x');
    write_file(folder.path() / "big", big);

    CHECK(*files.read(folder.path() / "big") == big);
    CHECK(*files.read(folder.path() / "big", {300'000}) == big);
    const auto refused = files.read(folder.path() / "big", {299'999});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("is larger than the 293.0 KiB that may be read here") != std::string::npos);
  }

  TEST_CASE("a file whose size the system doesn't tell is read to its end") {
    sys::RealFileSystem files;

    const auto text = files.read("/proc/self/status");

    REQUIRE(text);
    CHECK(text->find("Pid:") != std::string::npos);
  }

  TEST_CASE("reading what isn't there names it and what the system said") {
    sys::RealFileSystem files;

    const auto text = files.read("/nonexistent/x");

    REQUIRE_FALSE(text);
    CHECK(text.error().kind == llmops::ErrorKind::environment);
    CHECK(text.error().message == "can't read `/nonexistent/x`: no such file or directory");
  }

  TEST_CASE("chunks come in order and end when the reader has enough") {
    const TempFolder folder;
    sys::RealFileSystem files;
    std::string big;
    for (int i = 0; i < 400'000; ++i) big += std::to_string(i);
    write_file(folder.path() / "big", big);
    std::string seen;
    int calls = 0;

    REQUIRE(files.read_chunks(folder.path() / "big", [&](std::string_view bytes) {
      seen += bytes;
      return true;
    }));
    REQUIRE(files.read_chunks(folder.path() / "big", [&](std::string_view) { return ++calls < 2; }));

    CHECK(seen == big);
    CHECK(calls == 2);
  }

  TEST_CASE("an atomic write makes the folders and leaves nothing beside") {
    const TempFolder folder;
    sys::RealFileSystem files;

    REQUIRE(files.write_atomically(folder.path() / "a" / "b" / "f", "text"));

    CHECK(read_file(folder.path() / "a" / "b" / "f") == "text");
    CHECK(*files.list(folder.path() / "a" / "b") == std::vector<std::string>{"f"});
  }

  TEST_CASE("an atomic write that fails leaves the old file and nothing beside") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "target" / "inside", "kept");

    const auto written = files.write_atomically(folder.path() / "target", "text");

    REQUIRE_FALSE(written);
    CHECK(*files.list(folder.path()) == std::vector<std::string>{"target"});
    CHECK(read_file(folder.path() / "target" / "inside") == "kept");
  }

  TEST_CASE("an append file grows") {
    const TempFolder folder;
    sys::RealFileSystem files;
    {
      auto first = files.append_to(folder.path() / "new" / "journal");
      REQUIRE(first);
      REQUIRE((*first)->append("one\n"));
    }
    auto second = files.append_to(folder.path() / "new" / "journal");
    REQUIRE(second);

    REQUIRE((*second)->append("two\n"));

    CHECK(read_file(folder.path() / "new" / "journal") == "one\ntwo\n");
  }

  TEST_CASE("what could not be appended whole is not there at all") {
    const TempFolder folder;
    const auto path = folder.path() / "journal";
    write_file(path, "a line\n");
    const pid_t child = ::fork();
    if (child == 0) {
      sys::RealFileSystem files;
      const auto file = files.append_to(path);
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{12, 12};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      const auto appended = (*file)->append("a longer line\n");
      ::_exit(!appended && appended.error().message.find("can't write `" + path.native()) == 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);

    CHECK(status == 0);
    CHECK(read_file(path) == "a line\n");
  }

  TEST_CASE("removing a folder removes links in it, and not what they point to") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "outside" / "kept", "x");
    write_file(folder.path() / "doomed" / "deep" / "f", "x");
    fs::create_directory_symlink(folder.path() / "outside", folder.path() / "doomed" / "link");

    REQUIRE(files.remove(folder.path() / "doomed"));
    REQUIRE(files.remove(folder.path() / "never-there"));

    CHECK(*files.list(folder.path()) == std::vector<std::string>{"outside"});
    CHECK(read_file(folder.path() / "outside" / "kept") == "x");
  }

  TEST_CASE("removing below a folder follows no link, neither on the way nor in what is removed") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto root = folder.path() / "root";
    write_file(folder.path() / "outside" / "kept", "x");
    write_file(root / "a" / "doomed" / "deep" / "f", "x");
    fs::create_directory_symlink(folder.path() / "outside", root / "a" / "doomed" / "link");
    fs::create_directory_symlink(folder.path() / "outside", root / "way");

    REQUIRE(files.remove_below(root, "a/doomed"));
    REQUIRE(files.remove_below(root, "a/never-there"));
    REQUIRE(files.remove_below(root, "never/there"));
    const auto refused = files.remove_below(root, "way/kept");

    CHECK(files.list(root / "a")->empty());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("`" + (root / "way").native() + "` is a symbolic link") != std::string::npos);
    CHECK(read_file(folder.path() / "outside" / "kept") == "x");
    REQUIRE(files.remove_below(root, "way"));
    CHECK(files.stat(root / "way")->kind == sys::FileKind::none);
    CHECK(read_file(folder.path() / "outside" / "kept") == "x");
  }

  TEST_CASE("a copy has the bytes and the executable bit, and is a file of its own") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "from", std::string(3'000'000, 'y'));
    fs::permissions(folder.path() / "from", fs::perms::owner_all);
    write_file(folder.path() / "to", "old");

    REQUIRE(files.copy(folder.path() / "from", folder.path() / "to"));

    CHECK(read_file(folder.path() / "to") == std::string(3'000'000, 'y'));
    CHECK(files.stat(folder.path() / "to")->inode != files.stat(folder.path() / "from")->inode);
    CHECK(::access((folder.path() / "to").c_str(), X_OK) == 0);
  }

  TEST_CASE("a read-only file has no permission to write left") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "f", "x");

    REQUIRE(files.make_read_only(folder.path() / "f"));

    CHECK((files.stat(folder.path() / "f")->mode & 0222) == 0);
  }

  TEST_CASE("a link tells its target") {
    const TempFolder folder;
    sys::RealFileSystem files;
    fs::create_symlink("some/where", folder.path() / "link");

    CHECK(*files.read_link(folder.path() / "link") == "some/where");
    CHECK_FALSE(files.read_link(folder.path()));
  }

  TEST_CASE("a lock is held by one, and free when that one is gone") {
    const TempFolder folder;
    sys::RealFileSystem files;
    auto first = files.lock(folder.path() / "deep" / "lock", sys::FileSystem::Wait::no);
    REQUIRE(first);
    REQUIRE(*first != nullptr);

    const auto second = files.lock(folder.path() / "deep" / "lock", sys::FileSystem::Wait::no);
    first->reset();
    const auto third = files.lock(folder.path() / "deep" / "lock", sys::FileSystem::Wait::no);

    CHECK(*second == nullptr);
    CHECK(*third != nullptr);
  }

  TEST_CASE("whoever waited for a lock whose file is removed holds the one of the new file") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto path = folder.path() / "lock";
    auto first = *files.lock(path, sys::FileSystem::Wait::no);
    std::unique_ptr<sys::FileLock> second;
    std::jthread waiter([&] { second = *files.lock(path, sys::FileSystem::Wait::yes); });

    REQUIRE(files.remove(path));
    first.reset();
    waiter.join();

    CHECK(second != nullptr);
    CHECK(files.stat(path)->kind == sys::FileKind::regular);
    CHECK(*files.lock(path, sys::FileSystem::Wait::no) == nullptr);
  }

  TEST_CASE("the parts of a file are locked one by one, and free when their holder is gone") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto path = folder.path() / "deep" / "locks";
    const auto take = [&](std::string_view part) { return *files.lock_part(path, part, sys::FileSystem::Wait::no); };
    auto first = take("a");
    REQUIRE(first != nullptr);

    CHECK(take("a") == nullptr);
    CHECK(take("b") != nullptr);
    std::unique_ptr<sys::FileLock> other_thread;
    std::thread([&] { other_thread = take("a"); }).join();
    CHECK(other_thread == nullptr);
    first.reset();
    CHECK(take("a") != nullptr);
  }

  TEST_CASE("a file's digest is that of its bytes") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const std::string big(5'000'000, 'z');
    write_file(folder.path() / "big", big);

    CHECK(*files.sha256(folder.path() / "big") == sys::sha256(big));
  }

  TEST_CASE("names are listed sorted, in whatever script") {
    const TempFolder folder;
    sys::RealFileSystem files;
    for (const auto* name : {"b", "a", "ü", "日本"}) write_file(folder.path() / name, "");

    CHECK(*files.list(folder.path()) == std::vector<std::string>{"a", "b", "ü", "日本"});
    CHECK_FALSE(files.list(folder.path() / "none"));
  }
}
