#include "score/json_schema/ecma_pattern.h"

#include <doctest/doctest.h>

using namespace llmops;
using score::json_schema::EcmaPattern;

namespace {

bool matches(const std::string& pattern, const std::string& text) {
  CAPTURE(pattern);
  const auto made = EcmaPattern::of(pattern, {});
  if (!made) FAIL(made.error().message);
  return made->matches(text);
}

/// What is behind the pattern in the message.
std::string refused(const std::string& pattern) {
  CAPTURE(pattern);
  const auto made = EcmaPattern::of(pattern, {});
  REQUIRE_FALSE(made);
  const auto start = "expected a regular expression, found `" + pattern + "`: ";
  REQUIRE(made.error().message.starts_with(start));
  return made.error().message.substr(start.size());
}

}  // namespace

TEST_SUITE("score/json_schema/ecma_pattern") {
  TEST_CASE("a pattern is searched for anywhere, and its anchors are the text's ends") {
    CHECK(matches("b+", "abbc"));
    CHECK(matches("^[a-z]{2,3}$", "abc"));
    CHECK_FALSE(matches("^abc$", "abc\n"));
    CHECK_FALSE(matches("^a.c$", "a\rc"));
    CHECK(matches("^.$", "💩"));
  }

  TEST_CASE("escapes mean what they mean in ECMA 262") {
    CHECK(matches(R"(^\u00e9\x41\cI\u{1F4A9}\ud83d\udca9$)", "éA\t💩💩"));
    CHECK(matches(R"(^\s\S[\s][\S]$)", "\u00a0x\u2003y"));
    CHECK_FALSE(matches(R"([\S])", "\ufeff \u3000"));
    CHECK_FALSE(matches(R"(\d|\w)", "٣é"));
    CHECK(matches(R"(^\/\-\$$)", "/-$"));
    CHECK(matches(R"([\b])", "\b"));
    CHECK(matches(R"(^\p{Letter}\p{Lu}\p{Script=Greek}\P{Number}[\p{Decimal_Number}]$)", "éAωx7"));
    CHECK(matches("^(?<year>[0-9]{4})$", "2026"));
  }

  TEST_CASE("classes may be empty, and what RE2 alone reads is not read") {
    CHECK_FALSE(matches("[]", "a"));
    CHECK(matches("^a[^]b$", "a\nb"));
    CHECK(matches("^[[:a]+$", "[a:"));
  }

  TEST_CASE("what RE2 lacks is said, and so is what ECMA 262 lacks") {
    CHECK(refused("a(?!b)") == "it has a look-ahead, which RE2 does not have");
    CHECK(refused("(?<=a)b") == "it has a look-behind, which RE2 does not have");
    CHECK(refused(R"((a)\1)") == "it has a back-reference, which RE2 does not have");
    CHECK(refused("(?i)a") == "`(?` stands before none of `:`, `<`, `=` and `!`");
    CHECK(refused(R"(a\Z)") == R"(`\Z` is no escape of ECMA 262)");
    CHECK(refused(R"(\u12)") == R"(`\u` is no escape of ECMA 262)");
    CHECK(refused("\\") == R"(`\` is no escape of ECMA 262)");
    CHECK(refused("[a") == "`[` is never closed");
    CHECK(refused("(a") == "missing ): (a");
    CHECK(refused("a{1,2000}") == "invalid repetition size: {1,2000}");
    CHECK(refused(R"(\p{Emoji=Yes})") == "RE2 does not know the property `Emoji`");
  }

  TEST_CASE("a pattern that makes others back-track takes linear time") {
    CHECK_FALSE(matches("^(a+)+$", std::string(1'000'000, 'a') + "b"));
  }
}
