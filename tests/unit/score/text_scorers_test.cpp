// Scorers that compare an answer with texts.
#include <doctest/doctest.h>

#include "unit/score/scoring.h"

using namespace llmops;
using namespace llmops::score;
using namespace llmops::score::testing;
using doctest::Approx;

TEST_SUITE("score/scorers/texts") {
  TEST_CASE("contains-all wants every text, contains-any one") {
    CHECK(value("{contains-all: [a, b]}", answer("b and a")) == 1);
    CHECK(value("{contains-all: [a, c]}", answer("b and a")) == 0);
    CHECK(value("{contains-all: [a, A]}", answer("a")) == 0);
    CHECK(value("{icontains-all: [A, ÄRGER]}", answer("a, ärger")) == 1);
    CHECK(value("{contains-any: [x, d]}", answer("b and a")) == 1);
    CHECK(value("{contains-any: [x, D]}", answer("b and a")) == 0);
    CHECK(value("{icontains-any: [x, D]}", answer("b and a")) == 1);
    CHECK(value("{contains-any: lone}", answer("a lone text")) == 1);
    CHECK(value("{contains-any: ['']}", answer("")) == 1);
    CHECK(value("{not-contains-any: [sorry, cannot]}", answer("I cannot")) == 0);
  }

  TEST_CASE("a list's reason names what is missing, or what was found") {
    CHECK(reason("{contains-all: [a, x, y]}", answer("a")) == "the answer does not contain `x`, `y`");
    CHECK(reason("{contains-any: [x, y]}", answer("a")) == "the answer contains none of `x`, `y`");
    CHECK(reason("{contains-any: [x]}", answer("a")) == "the answer does not contain `x`");
    CHECK(reason("{not-contains-any: [x, a]}", answer("a")) == "the answer contains `a`");
    CHECK(reason("{not-contains-all: [b, a]}", answer("a b")) == "the answer contains all of them");
    CHECK(reason("{contains-all: [1, 2, 3, 4, 5, 6, 7]}", answer("")) ==
          "the answer does not contain `1`, `2`, `3`, `4`, `5`, …");
  }

  TEST_CASE("a list may be the case's own, hold its fields, or be what is expected") {
    const auto fields = doc::Node::map({{"keywords", doc::Node::strings({"red", "blue"})},
                                        {"json", "[\"x\", \"y\"]"},
                                        {"one", "red"},
                                        {"none", doc::Node::list()}});
    const auto sample = with_case(answer("red", "[\"green\", \"red\"]"), fields);

    CHECK(value("contains-any: ${case.keywords}", sample) == 1);
    CHECK(value("contains-all: ${case.keywords}", sample) == 0);
    CHECK(value("contains-all: ['${case.one}', r]", sample) == 1);
    CHECK(value("contains-any: ['${case.keywords}', green]", sample) == 1);
    CHECK(value("contains-any: ${case.one}", sample) == 1);
    CHECK(value("icontains-any: ${case.json}", with_case(answer("Y"), fields)) == 1);
    CHECK(value("contains-any: ['${case.json}']", with_case(answer("y"), fields)) == 0);
    CHECK(value("contains-any", sample) == 1);
    CHECK(value("contains-all", sample) == 0);
    CHECK(failure("contains-any: ${case.none}", sample) == "the list to compare with is empty in this case");
    CHECK(failure("contains-any: ${case.nothing}", sample) == "the case has no `case.nothing`");
    CHECK(failure("contains-any", answer("x")) == "the case has nothing expected to compare with");
  }

  TEST_CASE("ends-with looks at the end only") {
    CHECK(value("{ends-with: '?'}", answer("Sure?")) == 1);
    CHECK(value("{ends-with: '?'}", answer("Sure? Yes.")) == 0);
    CHECK(value("{ends-with: longer}", answer("r")) == 0);
    CHECK(reason("{ends-with: x}", answer("a")) == "the answer does not end with `x`");
  }

  TEST_CASE("equals compares a list or a map as JSON") {
    CHECK(value("equals: {a: 1, b: [x, null]}", answer(R"({"b": ["x", null], "a": 1.0})")) == 1);
    CHECK(value("equals: {a: 1}", answer(R"({"a": "1"})")) == 0);
    CHECK(value("equals: {a: '1'}", answer(R"({"a": "1"})")) == 1);
    CHECK(value("equals: [1, 2]", answer("[1,2]")) == 1);
    CHECK(value("equals: [1, 2]", answer("[2,1]")) == 0);
    CHECK(reason("equals: [1, 2]", answer("[2,1]")) == "found `[2,1]`, expected `[1,2]`");
    CHECK(reason("equals: {a: 1}", answer("a=1")).starts_with("the answer is not JSON: "));
    CHECK(value("equals: '[1]'", answer("[1]")) == 1);
    CHECK(value("equals: '[1]'", answer("[ 1 ]")) == 0);
  }

  TEST_CASE("equals reads lists and maps from the case, whole or leaf by leaf") {
    const auto fields = doc::Node::map({{"n", 3}, {"tags", doc::Node::strings({"x", "y"})}});
    const auto tags = with_case(answer(R"([ "x", "y" ])"), fields);
    const auto map = with_case(answer(R"({"n": 3, "text": "n is 3", "all": ["x", "y"]})"), fields);

    CHECK(value("equals: ${case.tags}", tags) == 1);
    CHECK(value("equals: {n: '${case.n}', text: 'n is ${case.n}', all: '${case.tags}'}", map) == 1);
    CHECK(value("equals: {n: '${case.n}'}", map) == 0);
    CHECK(value("equals", answer(R"({ "a": [1, 2] })", R"({"a":[1,2]})")) == 1);
    CHECK(value("equals", answer("[see below", "[see below")) == 1);
    CHECK(failure("equals: {n: '${case.m}'}", map) == "the case has no `case.m`");
    CHECK(refused("equals: {n: '${vars.m}'}").find("unknown name `vars.m`") != std::string::npos);
  }

  TEST_CASE("exact-match forgives case, punctuation, articles and blanks") {
    CHECK(value("{exact-match: Eiffel Tower}", answer("The Eiffel  Tower.\n")) == 1);
    CHECK(value("{exact-match: eiffeltower}", answer("Eiffel-Tower")) == 1);
    CHECK(value("{exact-match: Eiffel Tower}", answer("Eiffel towers")) == 0);
    CHECK(value("{exact-match: theatre}", answer("a theatre")) == 1);
    CHECK(value("{exact-match: ÉCOLE}", answer("une école")) == 0);
    CHECK(value("{exact-match: une ÉCOLE}", answer("Une école")) == 1);
    CHECK(value("{exact-match: éa}", answer("é")) == 0);
    CHECK(value("{exact-match: '!'}", answer("the")) == 1);
    CHECK(reason("exact-match", answer("Rome", "Paris")) == "found `Rome`, expected `Paris`");
  }

  TEST_CASE("of several references the best one counts") {
    CHECK(value("{exact-match: [Paris, Paris France]}", answer("paris, france")) == 1);
    CHECK(value("exact-match", answer("1889", R"(["31 March 1889", 1889])")) == 1);
    CHECK(reason("exact-match: [Paris, Lyon]", answer("Rome")) == "found `Rome`, expected one of `Paris`, `Lyon`");
    CHECK(value("{f1: [x y, p q r s]}", answer("p q")) == Approx(2.0 / 3));
    CHECK(made("f1")->metric().scale == Scale::graded);
    CHECK(made("exact-match")->metric().scale == Scale::binary);
  }

  TEST_CASE("f1 counts each shared word as often as both have it") {
    CHECK(value("{f1: the cat sat}", answer("A cat sat down")) == Approx(2 * (2.0 / 3) * 1 / (2.0 / 3 + 1)));
    CHECK(value("{f1: b b b}", answer("b b x")) == Approx(2.0 / 3));
    CHECK(value("{f1: x}", answer("y")) == 0);
    CHECK(value("{f1: x}", answer("")) == 0);
    CHECK(value("{f1: ''}", answer("the")) == 1);
    CHECK(reason("{f1: [x, cat sat], threshold: 0.9}", answer("cat")) ==
          "the answer's words against `cat sat`: 0.6666666666666666, threshold 0.9");
  }

  TEST_CASE("numeric compares the last number of the answer") {
    CHECK(value("{numeric: 42}", answer("First 7, so the answer is 42.")) == 1);
    CHECK(value("{numeric: 42}", answer("42 apples and 3 pears")) == 0);
    CHECK(value("numeric", answer("x = 1,234.50 USD", "$1234.5")) == 1);
    CHECK(value("numeric", answer("about 7", "The sum is 3 + 4 = 7")) == 1);
    CHECK(value("{numeric: 0.125}", answer("12.5%")) == 1);
    CHECK(value("{numeric: 12.5%}", answer("12.5 %")) == 1);
    CHECK(value("{numeric: -5}", answer("it is -$5")) == 1);
    CHECK(value("{numeric: -5}", answer("it is \xE2\x88\x92\xE2\x82\xAC"
                                        "5")) == 1);
    CHECK(value("{numeric: 6.02e23}", answer("6.02E+23 molecules")) == 1);
    CHECK(reason("{numeric: 5}", answer("6 of them")) == "found `6`, expected `5`");
    CHECK(reason("{numeric: 5}", answer("none")) == "found no number in `none`");
  }

  TEST_CASE("numeric within a distance, absolute or relative") {
    CHECK(value("{numeric: {to: 3.14, within: 0.01}}", answer("3.15")) == 1);
    CHECK(value("{numeric: {to: 3.14, within: 0.01}}", answer("3.1511")) == 0);
    CHECK(value("{numeric: {to: 200, within: 1%}}", answer("198")) == 1);
    CHECK(value("{numeric: {to: 200, within: 1%}}", answer("197.9")) == 0);
    CHECK(value("{numeric: {to: -200, within: 1%}}", answer("-202")) == 1);
    CHECK(value("{numeric: {within: 1}}", answer("6", "5")) == 1);
    CHECK(reason("{numeric: {to: 5, within: 10%}}", answer("6")) == "found `6`, expected `5` within 10%");
  }

  TEST_CASE("numeric refuses what is no number, and errs where the case has none") {
    CHECK(refused("{numeric: five}").find("expected a number to compare with, found `five`") != std::string::npos);
    CHECK(refused("{numeric: {to: 5, within: -1}}").find("expected a distance such as") != std::string::npos);
    CHECK(refused("{numeric: {to: 5, within: x}}").starts_with("r.yaml:1:27: "));
    CHECK(failure("numeric", answer("6", "six")) == "expected a number to compare with, found `six`");
    CHECK(failure("numeric", answer("6", "1e999")) == "expected a number to compare with, found `1e999`");
    CHECK(value("numeric", answer("1e999", "6")) == 0);
  }

  TEST_CASE("settings of these scorers are checked at their place") {
    CHECK(refused("{contains-any: []}").starts_with("r.yaml:1:16: "));
    CHECK(refused("{contains-any: {a: b}}").starts_with("r.yaml:1:16: "));
    CHECK(refused("{exact-match: [[a]]}").starts_with("r.yaml:1:16: "));
    CHECK(refused("{f1: ['${vars.x}']}").starts_with("r.yaml:1:"));
    CHECK(needs_expected(*config_of("contains-any")));
    CHECK(needs_expected(*config_of("{numeric: {within: 1}}")));
    CHECK_FALSE(needs_expected(*config_of("{equals: {to: x}}")));
    CHECK_FALSE(needs_expected(*config_of("{f1: [a]}")));
    CHECK_FALSE(needs_expected(*config_of("is-xml")));
  }
}
