#include "exec/outputs.h"

#include <doctest/doctest.h>

#include "unit/exec/outside.h"

using namespace llmops;
using exec::check_output;
using exec::Outside;
using exec::Presence;
using exec::store_path;

namespace {

Presence presence(Outside& outside, const step::Output& output) {
  const auto found = check_output(outside.services, output);
  REQUIRE(found.has_value());
  return *found;
}

step::Output stored(Outside& outside, const std::string& path) {
  auto output = store_path(outside.services, "o", path);
  REQUIRE(output.has_value());
  return *std::move(output);
}

}  // namespace

TEST_CASE("a file is stored with its digest, and brought back when it was deleted") {
  Outside outside;
  outside.files.put("/repo/out/m.bin", "weights");
  const auto output = stored(outside, "out/m.bin");
  CHECK(output.digest == sys::sha256("weights"));
  CHECK(output.size.value == 7);
  CHECK(output.value.text() == "out/m.bin");
  CHECK(presence(outside, output) == Presence::there);
  REQUIRE(outside.files.remove("/repo/out/m.bin").has_value());
  CHECK(presence(outside, output) == Presence::restored);
  CHECK(outside.files.at("/repo/out/m.bin") == "weights");
}

TEST_CASE("a file that somebody changed is left as it is") {
  Outside outside;
  outside.files.put("/repo/o", "made");
  const auto output = stored(outside, "o");
  outside.files.put("/repo/o", "edited");
  CHECK(presence(outside, output) == Presence::changed);
  CHECK(outside.files.at("/repo/o") == "edited");
}

TEST_CASE("a folder is stored file by file, and brought back whole") {
  Outside outside;
  outside.files.put("/repo/out/b.txt", "bb");
  outside.files.put("/repo/out/deep/a.txt", "a");
  const auto output = stored(outside, "out");
  CHECK(output.folder);
  CHECK(output.size.value == 3);
  CHECK(outside.cache.content().get(*output.digest).value() ==
        sys::sha256("bb").hex() + " 644 b.txt\n" + sys::sha256("a").hex() + " 644 deep/a.txt\n");
  REQUIRE(outside.files.remove("/repo/out").has_value());
  CHECK(presence(outside, output) == Presence::restored);
  CHECK(outside.files.at("/repo/out/b.txt") == "bb");
  CHECK(outside.files.at("/repo/out/deep/a.txt") == "a");
  CHECK(presence(outside, output) == Presence::there);
}

TEST_CASE("a folder with a read-only file is still the same once it was brought back") {
  Outside outside;
  outside.files.put("/repo/out/a.txt", "a");
  REQUIRE(outside.files.make_read_only("/repo/out/a.txt").has_value());
  const auto output = stored(outside, "out");
  REQUIRE(outside.files.remove("/repo/out").has_value());
  CHECK(presence(outside, output) == Presence::restored);
  CHECK(presence(outside, output) == Presence::there);
}

TEST_CASE("a file added to a folder, or taken from it, is a change") {
  Outside outside;
  outside.files.put("/repo/out/a.txt", "a");
  outside.files.put("/repo/out/b.txt", "b");
  const auto output = stored(outside, "out");
  outside.files.put("/repo/out/c.txt", "c");
  CHECK(presence(outside, output) == Presence::changed);
  REQUIRE(outside.files.remove("/repo/out/c.txt").has_value());
  CHECK(presence(outside, output) == Presence::there);
  REQUIRE(outside.files.remove("/repo/out/a.txt").has_value());
  CHECK(presence(outside, output) == Presence::changed);
}

TEST_CASE("a link in a folder, and an output that was not made, are errors of the step") {
  Outside outside;
  outside.files.put("/repo/out/a.txt", "a");
  outside.files.link("/repo/out/link", "/etc/passwd");
  const auto link = store_path(outside.services, "o", "out");
  REQUIRE_FALSE(link.has_value());
  CHECK(link.error().kind == ErrorKind::step);
  const auto missing = store_path(outside.services, "o", "nowhere");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message == "the output `nowhere` was not made");
}

TEST_CASE("bytes that lie only in the content store yield their digest, and can be lost") {
  Outside outside;
  const auto kept = exec::store_bytes(outside.services, "cases", "rows");
  REQUIRE(kept.has_value());
  CHECK(kept->value.text() == sys::sha256("rows").to_string());
  CHECK(presence(outside, *kept) == Presence::there);
  auto lost = *kept;
  lost.digest = sys::sha256("never stored");
  CHECK(presence(outside, lost) == Presence::lost);
  lost.path = "gone.bin";
  CHECK(presence(outside, lost) == Presence::lost);
}
