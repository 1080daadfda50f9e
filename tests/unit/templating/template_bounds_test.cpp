#include <doctest/doctest.h>

#include "base/error.h"
#include "templating/template.h"

using namespace llmops;
using namespace llmops::templating;
using doc::Node;

namespace {

/// The message of a hostile template, in whichever mode; empty when it renders.
std::string failure(const std::string& text, const Node& context = Node::map()) {
  const auto result = Template::parse(text, {Undefined::lenient, {}, 0});
  if (!result) return result.error().message;
  const auto out = result->render(context);
  return out ? "" : out.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

constexpr auto kTooLong = "the template runs too long (limit: 2 million steps)";
constexpr auto kTooMuch = "the template builds too much text (limit: 256 MiB in all)";
constexpr auto kTooDeep = "nested too deeply (limit: 200)";

}  // namespace

TEST_SUITE("templating/template/bounds") {
  TEST_CASE("nesting in the source is bounded") {
    CHECK(failure("{{ " + repeated("(", 50'000) + "1" + repeated(")", 50'000) + " }}") == kTooDeep);
    CHECK(failure("{{ " + repeated("[", 50'000)) == kTooDeep);
    CHECK(failure("{{ " + repeated("{'a':", 50'000)) == kTooDeep);
    CHECK(failure("{{ " + repeated("not ", 50'000) + "1 }}") == kTooDeep);
    CHECK(failure("{{ " + repeated("- ", 50'000) + "1 }}") == kTooDeep);
    CHECK(failure(repeated("{% if 1 %}", 50'000)) == kTooDeep);
    CHECK(failure("{% if 1 %}" + repeated("{% elif 1 %}", 50'000) + "{% endif %}") == kTooDeep);
    CHECK(failure("{{ 1" + repeated(" if 1 else 1", 50'000) + " }}") == kTooDeep);
    CHECK(failure("{{ f" + repeated("()", 50'000) + " }}") == kTooDeep);
    CHECK(failure(repeated("{% for x in y %}", 50'000)) == kTooDeep);
    CHECK(failure("{{ " + repeated("(", 150) + "1" + repeated(")", 150) + " }}").empty());
  }

  TEST_CASE("long chains are bounded") {
    constexpr auto kTooMany = "too many operations in one expression (limit: 500)";
    CHECK(failure("{{ 1" + repeated(" + 1", 50'000) + " }}") == kTooMany);
    CHECK(failure("{{ a" + repeated(".b", 50'000) + " }}") == kTooMany);
    CHECK(failure("{{ a" + repeated("|trim", 50'000) + " }}") == kTooMany);
    CHECK(failure("{{ 1" + repeated(" and 1", 400) + " }}").empty());
  }

  TEST_CASE("a macro that calls itself ends in an error") {
    CHECK(failure("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}") == "calls are nested too deeply (limit: 1000)");
    CHECK(failure("{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(20) }}").empty());
    CHECK(failure("{% macro a() %}{% call a() %}{{ caller() }}{% endcall %}{% endmacro %}{{ a() }}") ==
          "calls are nested too deeply (limit: 1000)");
  }

  TEST_CASE("loops and lists without end are bounded") {
    CHECK(failure("{{ range(10000000000) | length }}") == kTooMuch);
    CHECK(failure("{% for i in range(10000000000) %}{% endfor %}") == kTooMuch);
    CHECK(failure("{% for i in range(3000) %}{% for j in range(3000) %}{% endfor %}{% endfor %}") == kTooLong);
    CHECK(failure("{{ range(9223372036854775800, 9223372036854775807, 5) | join(' ') }}").empty());
    CHECK(failure("{{ range(1, 5, 0) }}") == "range() step argument must not be zero");
  }

  TEST_CASE("texts that grow without end are bounded") {
    CHECK(failure("{{ 'x' * 10000000000 }}") == kTooLong);
    CHECK(failure("{{ ('x' * 1000) * 1000000 }}") == kTooMuch);
    CHECK(failure("{% set n = namespace(s='xxxx') %}{% for i in range(64) %}{% set n.s = n.s ~ n.s %}{% endfor %}") ==
          kTooMuch);
    CHECK(
        failure("{% set n = namespace(s='xxxx') %}{% for i in range(64) %}{% set n.s = n.s | replace('x', 'xxxxxxxx') "
                "%}{% endfor %}") == kTooMuch);
    CHECK(
        failure("{% set b = 'x' * 1000000 %}{% for i in range(100000) %}{% if b | length %}{% endif %}{% endfor %}") ==
        kTooMuch);
    CHECK(failure("{{ 'x' | indent(10000000000, true) }}").empty());
    CHECK(failure("{{ [1] | tojson(indent=1000000000) }}").empty());
    CHECK(failure("{% set b = 'x' * 1000000 %}" + repeated("{{ b }}", 20)) ==
          "the template's output is too long (limit: 16 MiB)");
  }

  TEST_CASE("values that hold themselves or nest without end are bounded") {
    CHECK(failure("{% set n = namespace() %}{% set n.n = n %}{{ n }}") == "a value cannot contain itself");
    CHECK(failure("{% set a = [] %}{% set b = [a] %}{{ a.append(b) }}") == "a value cannot contain itself");
    CHECK(failure(
              "{% set n = namespace(x=[]) %}{% for i in range(200000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}") ==
          "a value is nested too deeply (limit: 300)");
    CHECK(
        failure("{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | "
                "tojson }}") == kTooLong);
    CHECK(failure("{% set n = namespace(x=(1, 2)) %}{% for i in range(40) %}{% set n.x = (n.x, n.x) %}{% endfor %}{{ "
                  "{n.x: 1} }}") == kTooLong);
    CHECK(failure("{% macro f() %}{% set n = namespace() %}{% set n.c = caller %}{% endmacro %}{% call f() %}{% "
                  "endcall %}") == "`caller` cannot be kept in a value");
  }

  TEST_CASE("a long chain of values is let go without a stack") {
    CHECK(failure("{% set x = [] %}{% for i in range(20000) %}{% set x = [x] %}{% endfor %}ok").empty());
    CHECK(failure("{% set x = {} %}{% for i in range(20000) %}{% set x = {'a': x} %}{% endfor %}ok").empty());
  }

  TEST_CASE("numbers at their limits are errors or values, never accidents") {
    CHECK(failure("{{ 9223372036854775807 + 1 }}") == "a number is out of range");
    CHECK(failure("{{ 5 % 0 }}") == "a number is out of range");
    CHECK(failure("{{ -9223372036854775808 | abs }}") == "a number is out of range");
    CHECK(failure("{{ 'abc'[-9223372036854775808:9223372036854775807:-9223372036854775808] }}").empty());
    CHECK(failure("{{ [1,2,3][0:9223372036854775807:9223372036854775807] }}").empty());
    CHECK(failure("{{ [true, false] | sort }}") == "unsupported comparison operator for bool type");
    CHECK(failure("{{ [3, 'a', [], 2, {}, none, 1.5] | sort }}").empty());
    CHECK(failure("{{ 5 is divisibleby(-1) }}").empty());
  }

  TEST_CASE("odd arguments are errors") {
    for (const auto* text : {"{{ 'a' | replace }}",
                             "{{ 'a'.split('') }}",
                             "{{ [1].pop(5) }}",
                             "{{ [] | map }}",
                             "{{ {}.get() }}",
                             "{{ raise_exception() }}",
                             "{{ range() }}",
                             "{{ range('a') }}",
                             "{{ strftime_now('') }}",
                             "{{ 1() }}",
                             "{% set 1 = 2 %}",
                             "{% macro 1() %}{% endmacro %}",
                             "{% for 1 in [1] %}{% endfor %}",
                             "{{ 'a' | join }}",
                             "{{ {[]: 1} }}",
                             "{{ 'a' | int(base=99) }}",
                             "{% set a, b = [1] %}",
                             "{% for a, b in [[1]] %}{% endfor %}",
                             "{{ *x }}",
                             "{{ [1 2] }}",
                             "{{ range(1 2) }}",
                             "{{ {'a': 1 'b': 2} }}",
                             "{{ [1][0 1] }}",
                             "{{ [1][:0:0] }}",
                             "{{ [1] | selectattr('a', 'nope', 1) }}",
                             "{{ 'a' is in 5 }}"}) {
      CAPTURE(text);
      CHECK_FALSE(failure(text).empty());
    }
  }
}
