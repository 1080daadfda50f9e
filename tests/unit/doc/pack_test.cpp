#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "doc/json.h"
#include "doc/yaml.h"

using llmops::doc::Node;
using llmops::doc::pack;
using llmops::doc::unpack;

namespace {

const std::string kText = "version: 1.10\nlist: [1, -7, true, ~, 0.25]\nmap:\n  é: {deep: 'text'}\n  on time: \"x\"\n";

Node parsed() {
  auto out = llmops::doc::parse_yaml("f.yaml", kText);
  REQUIRE(out);
  return *std::move(out);
}

}  // namespace

TEST_SUITE("doc/pack") {
  TEST_CASE("a document comes back with values, places and writing") {
    const auto before = parsed();

    const auto after = unpack(pack(before), "f.yaml", kText);

    REQUIRE(after);
    CHECK(*after == before);
    CHECK(after->find("version")->text() == "1.10");
    CHECK(after->find("map")->find("é")->find("deep")->at() == before.find("map")->find("é")->find("deep")->at());
    CHECK(after->find("map")->entries()[1].key_at.to_string() == "f.yaml:5:3");
    CHECK(after->find("list")->at().source->line(2) == "list: [1, -7, true, ~, 0.25]");
    CHECK(pack(*after) == pack(before));
  }

  TEST_CASE("values without places come back without places") {
    const auto node =
        Node::map({{"least", std::numeric_limits<std::int64_t>::min()}, {"most", 1.7976931348623157e308}});

    const auto after = unpack(pack(node), "f.yaml", "");

    REQUIRE(after);
    CHECK(*after == node);
    CHECK_FALSE(after->at().known());
  }

  TEST_CASE("bytes that were cut anywhere are refused") {
    const auto bytes = pack(parsed());

    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(unpack(bytes.substr(0, size), "f.yaml", kText));
    }
    CHECK_FALSE(unpack(bytes + "x", "f.yaml", kText));
  }

  TEST_CASE("foreign bytes are refused without making room for what they claim") {
    const std::string huge = "\xff\xff\xff\xff\x7f";

    CHECK_FALSE(unpack("", "f.yaml", ""));
    CHECK_FALSE(unpack("{\"a\": 1}", "f.yaml", ""));
    CHECK_FALSE(unpack(std::string("LND1\x05") + std::string(2, '\0') + huge, "f.yaml", ""));  // a list
    CHECK_FALSE(unpack(std::string("LND1\x04") + std::string(2, '\0') + huge, "f.yaml", ""));  // a string
    CHECK_FALSE(unpack(std::string("LND1\x07") + std::string(2, '\0'), "f.yaml", ""));         // no kind
  }

  TEST_CASE("any changed byte gives a document or an error") {
    const auto bytes = pack(parsed());
    std::size_t refused = 0;

    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        auto changed = bytes;
        changed[at] = static_cast<char>(value);
        const auto after = unpack(changed, "f.yaml", kText);
        if (!after) ++refused;
        if (after && value == bytes[at]) CHECK(pack(*after) == bytes);
      }
    }

    CHECK(refused > bytes.size());
  }

  TEST_CASE("lists inside lists cannot claim the same bytes over and over") {
    std::string bytes = "LND1";
    for (int i = 0; i < 500; ++i) bytes += std::string("\x05\0\0\x20", 4);

    CHECK_FALSE(unpack(bytes, "f.yaml", ""));
  }
}
