#include "exec/outputs.h"

#include <doctest/doctest.h>

#include "unit/exec/outside.h"

using namespace llmops;
using exec::bring_back;
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
  CHECK(presence(outside, output) == Presence::deleted);
  CHECK(bring_back(outside.services, output).value());
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
  CHECK(presence(outside, output) == Presence::deleted);
  CHECK(bring_back(outside.services, output).value());
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
  CHECK(presence(outside, output) == Presence::deleted);
  CHECK(bring_back(outside.services, output).value());
  CHECK(presence(outside, output) == Presence::there);
}

TEST_CASE("a folder that can't be brought back whole is not there at all") {
  Outside outside;
  outside.files.put("/repo/out/a.txt", "a");
  outside.files.put("/repo/out/b.txt", "b");
  const auto output = stored(outside, "out");
  REQUIRE(outside.files.remove("/repo/out").has_value());
  outside.files.fail("write", "/repo/out");

  const auto back = bring_back(outside.services, output);

  REQUIRE_FALSE(back.has_value());
  CHECK(back.error().kind == ErrorKind::environment);
  CHECK(back.error().trail == std::vector<std::string>{"bringing back the output `out`"});
  CHECK(outside.files.list("/repo").value().empty());
}

TEST_CASE("a folder of which the content store has lost a file is lost") {
  Outside outside;
  outside.files.put("/repo/out/a.txt", "a");
  auto output = stored(outside, "out");
  output.digest = outside.cache.content().put(sys::sha256("never stored").hex() + " 644 b.txt\n").value();
  REQUIRE(outside.files.remove("/repo/out").has_value());

  CHECK(presence(outside, output) == Presence::deleted);
  CHECK_FALSE(bring_back(outside.services, output).value());
  CHECK(outside.files.list("/repo").value().empty());
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

TEST_CASE("a link in an output's place is an error that says where it points, in the repository or out of it") {
  const auto error_of = [](const sys::Path& link, const sys::Path& target, const std::string& path) {
    Outside outside;
    outside.files.put("/repo/out/a.txt", "a");
    outside.files.put("/repo/real.bin", "weights");
    outside.files.link(link, target);
    const auto kept = store_path(outside.services, "o", path);
    REQUIRE_FALSE(kept.has_value());
    CHECK(kept.error().kind == ErrorKind::step);
    CHECK(kept.error().hint.find("the file itself") != std::string::npos);
    return kept.error().message;
  };

  CHECK(error_of("/repo/m.bin", "real.bin", "m.bin") == "the output `m.bin` is a symbolic link, to `real.bin`");
  CHECK(error_of("/repo/out/m.bin", "../real.bin", "out/m.bin") ==
        "the output `out/m.bin` is a symbolic link, to `../real.bin`");
  CHECK(error_of("/repo/out/m.bin", "../../m.bin", "out/m.bin") ==
        "the output `out/m.bin` is a symbolic link, to `../../m.bin` outside of the repository");
  CHECK(error_of("/repo/m.bin", "/repo/real.bin", "m.bin") ==
        "the output `m.bin` is a symbolic link, to `/repo/real.bin`");
  CHECK(error_of("/repo/out/link", "/etc/passwd", "out") ==
        "`link` in an output's folder is a symbolic link, to `/etc/passwd` outside of the repository");
  CHECK(error_of("/repo/out/deep/link", "../a.txt", "out") ==
        "`deep/link` in an output's folder is a symbolic link, to `../a.txt`");
}

TEST_CASE("an output with a link in its place has changed, even where the link leads to the same bytes") {
  Outside outside;
  outside.files.put("/repo/m.bin", "weights");
  const auto output = stored(outside, "m.bin");
  REQUIRE(outside.files.remove("/repo/m.bin").has_value());
  outside.files.put("/repo/real.bin", "weights");
  outside.files.link("/repo/m.bin", "real.bin");
  CHECK(presence(outside, output) == Presence::changed);
}

TEST_CASE("an output that was not made is an error of the step") {
  Outside outside;
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
