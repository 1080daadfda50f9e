#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "fakes/git_sandbox.h"
#include "fakes/memory_file_system.h"
#include "store/cache.h"
#include "store/file_content_store.h"
#include "sys/hash.h"

namespace store = llmops::store;
namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::fakes::read_file;
using llmops::fakes::TempFolder;
using llmops::fakes::write_file;

TEST_SUITE("store/content") {
  TEST_CASE("bytes are kept by their digest, once, as a read-only file") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path(), files);

    const auto first = content.put("text");
    const auto second = content.put("text");

    REQUIRE(first);
    CHECK(*first == sys::sha256("text"));
    CHECK(*second == *first);
    CHECK(content.path(*first) == folder.path() / first->hex().substr(0, 2) / first->hex());
    CHECK((files.stat(content.path(*first))->mode & 0777) == 0444);
    CHECK(*content.get(*first) == "text");
    CHECK(*content.contains(*first));
    CHECK_FALSE(*content.contains(sys::sha256("other")));
  }

  TEST_CASE("a file is stored as it was, and later changes don't reach the store") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path() / "store", files);
    const std::string big(2'500'000, 'm');
    write_file(folder.path() / "model", big);

    const auto stored = content.put_file(folder.path() / "model");
    write_file(folder.path() / "model", "changed");
    const auto again = content.put_file(folder.path() / "model");

    REQUIRE(stored);
    CHECK(stored->digest == sys::sha256(big));
    CHECK(stored->size.value == big.size());
    CHECK(*content.get(stored->digest) == big);
    CHECK(again->digest == sys::sha256("changed"));
    CHECK(files.list(folder.path() / "store")->size() == 2);
  }

  TEST_CASE("a file that is stored already leaves nothing beside") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path() / "store", files);
    write_file(folder.path() / "f", "same");

    REQUIRE(content.put("same"));
    REQUIRE(content.put_file(folder.path() / "f"));

    CHECK(files.list(folder.path() / "store")->size() == 1);
  }

  TEST_CASE("a restored file is a writable copy of its own") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path() / "store", files);
    const auto digest = *content.put("text");
    write_file(folder.path() / "out" / "f", "old");

    REQUIRE(content.restore(digest, folder.path() / "out" / "f"));
    REQUIRE(content.restore(digest, folder.path() / "fresh" / "deep" / "f"));
    write_file(folder.path() / "out" / "f", "edited");

    CHECK(read_file(folder.path() / "out" / "f") == "edited");
    CHECK(read_file(folder.path() / "fresh" / "deep" / "f") == "text");
    CHECK(*content.get(digest) == "text");
    CHECK(files.list(folder.path() / "out")->size() == 1);
  }

  TEST_CASE("damaged bytes are moved aside and never handed out") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path() / "store", files);
    const auto damage = [&](const llmops::Digest& digest) {
      fs::permissions(content.path(digest), fs::perms::owner_all);
      write_file(content.path(digest), "tExt");
    };
    const auto digest = *content.put("text");
    damage(digest);

    const auto got = content.get(digest);

    REQUIRE_FALSE(got);
    CHECK(got.error().message.find("does not have the digest of its name") != std::string::npos);
    CHECK_FALSE(*content.contains(digest));

    REQUIRE(content.put("text"));
    damage(digest);
    CHECK_FALSE(content.restore(digest, folder.path() / "to"));
    CHECK_FALSE(fs::exists(folder.path() / "to"));
    REQUIRE(content.put("text"));
    CHECK(*content.get(digest) == "text");
  }

  TEST_CASE("a stored file that was cut short is written again") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path(), files);
    const auto digest = *content.put("text");
    fs::resize_file(content.path(digest), 2);

    REQUIRE(content.put("text"));

    CHECK(*content.get(digest) == "text");
  }

  TEST_CASE("what isn't there is an error that names the digest") {
    const TempFolder folder;
    sys::RealFileSystem files;
    store::FileContentStore content(folder.path(), files);

    const auto got = content.get(sys::sha256("x"));

    REQUIRE_FALSE(got);
    CHECK(got.error().message.find(sys::sha256("x").to_string()) != std::string::npos);
    CHECK_FALSE(content.restore(sys::sha256("x"), folder.path() / "to"));
    CHECK_FALSE(content.put_file(folder.path() / "none"));
  }

  TEST_CASE("the store works on files in memory") {
    llmops::fakes::MemoryFileSystem files;
    store::FileContentStore content("/cache", files);
    files.put("/f", "text");

    const auto stored = content.put_file("/f");
    REQUIRE(stored);
    REQUIRE(content.restore(stored->digest, "/out/g"));

    CHECK(files.at("/out/g") == "text");
    CHECK(*content.get(stored->digest) == "text");
  }
}
