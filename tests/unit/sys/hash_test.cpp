#include "sys/hash.h"

#include <doctest/doctest.h>

namespace sys = llmops::sys;

TEST_SUITE("sys/hash") {
  TEST_CASE("sha-256 gives the digests of the standard's examples") {
    CHECK(sys::sha256("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sys::sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sys::sha256(std::string(1'000'000, 'a')).hex() ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }

  TEST_CASE("bytes that come in pieces hash like the whole") {
    sys::Sha256 hash;
    hash.update("a");
    hash.update("");
    auto moved = std::move(hash);
    moved.update("bc");

    CHECK(moved.finish() == sys::sha256("abc"));
  }

  TEST_CASE("a blob's id is the one that git gives") {
    CHECK(sys::git_blob_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    CHECK(sys::git_blob_id("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a");
    CHECK(sys::git_blob_id("hello\n", sys::ObjectFormat::sha256) ==
          "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4");
  }

  TEST_CASE("an object of known size may be hashed in pieces") {
    sys::GitObjectHash hash(sys::ObjectFormat::sha1, "blob", {6});
    hash.update("hel");
    hash.update("lo\n");

    CHECK(hash.finish() == sys::git_blob_id("hello\n"));
  }
}
