#include <doctest/doctest.h>

#include "base/text.h"
#include "score/number_in_text.h"

using namespace llmops;
using namespace llmops::score;

namespace {

/// The value and the text it stands as.
std::string last(std::string_view text) {
  const auto number = last_number(text);
  return number ? text::from_double(number->value) + " " + std::string(number->written) : "none";
}

}  // namespace

TEST_SUITE("score/number_in_text") {
  TEST_CASE("signs, currencies, separators, exponents and percents are read") {
    CHECK(last("7") == "7 7");
    CHECK(last("a 1, b 2.") == "2 2");
    CHECK(last("1,234,567.5") == "1234567.5 1,234,567.5");
    CHECK(last("1'234") == "1234 1'234");
    CHECK(last("1\xC2\xA0"
               "234\xE2\x80\xAF"
               "567") ==
          "1234567 1\xC2\xA0"
          "234\xE2\x80\xAF"
          "567");
    CHECK(last("-.5") == "-0.5 -.5");
    CHECK(last("$-5") == "-5 $-5");
    CHECK(last("+5") == "5 +5");
    CHECK(last("1e3") == "1000 1e3");
    CHECK(last("2.5E-1 kg") == "0.25 2.5E-1");
    CHECK(last("45%") == "0.45 45%");
    CHECK(last("US$20") == "20 $20");
    CHECK(last("007") == "7 007");
  }

  TEST_CASE("what only looks like part of a number is none") {
    CHECK(last("none at all") == "none");
    CHECK(last("") == "none");
    CHECK(last("v2") == "none");
    CHECK(last("\xC3\xA9"
               "2") == "none");
    CHECK(last("5 of v2") == "5 5");
    CHECK(last("1.2.3") == "none");
    CHECK(last("on 12.05.2026") == "none");
    CHECK(last("10-20") == "20 20");
    CHECK(last("2019,2020") == "2020 2020");
    CHECK(last("1,23") == "23 23");
    CHECK(last("12,3456") == "3456 3456");
    CHECK(last("1234,567") == "567 567");
    CHECK(last("5e") == "5 5");
    CHECK(last("so...42") == "42 42");
    CHECK(last("x-5") == "5 5");
    CHECK(last("5.") == "5 5");
  }

  TEST_CASE("numbers beyond a double are infinite or nothing, and long ones are read in one go") {
    CHECK(last("-1e999") == "-inf -1e999");
    CHECK(last("1e-999") == "0 1e-999");
    CHECK(last_number(std::string(1000000, '9'))->value > 1e300);
    CHECK(last_number(std::string("0.") + std::string(1000000, '3'))->value > 0.333);
  }
}
