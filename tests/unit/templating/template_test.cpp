#include "templating/template.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/error.h"

using namespace llmops;
using namespace llmops::templating;
using doc::Node;

namespace {

Template parsed(const std::string& text, Undefined undefined = Undefined::error) {
  auto result = Template::parse(text, {undefined, {}, 0});
  if (!result) FAIL(render(result.error()));
  return *std::move(result);
}

std::string rendered(const std::string& text, const Node& context = Node::map(),
                     Undefined undefined = Undefined::error) {
  auto result = parsed(text, undefined).render(context);
  if (!result) FAIL(render(result.error()));
  return plain(*result);
}

/// The whole message of a template that fails to parse or to render.
std::string failure(const std::string& text, const Node& context = Node::map(),
                    Undefined undefined = Undefined::error) {
  const auto source = std::make_shared<const SourceText>(SourceText{"p.j2", text});
  const auto result = Template::parse(text, {undefined, {source, 1, 1}, 0});
  if (!result) return render(result.error());
  const auto out = result->render(context);
  return out ? "no failure: " + plain(*out) : render(out.error());
}

const Node kTicket = Node::map({{"text", "I was charged twice"},
                                {"labels", Node::strings({"billing", "bug", "how-to"})},
                                {"user", Node::map({{"name", "Bob"}, {"age", 41}})}});

}  // namespace

TEST_SUITE("templating/template") {
  TEST_CASE("values are put in their places") {
    CHECK(rendered("Ticket: {{ text }}!", kTicket) == "Ticket: I was charged twice!");
    CHECK(rendered("{{ user.name }} is {{ user['age'] }}", kTicket) == "Bob is 41");
    CHECK(rendered("", kTicket) == "");
    CHECK(rendered("plain", kTicket) == "plain");
  }

  TEST_CASE("the filters that prompts use") {
    CHECK(rendered("{{ '  Bug\n' | trim | lower }}") == "bug");
    CHECK(rendered("{{ text | upper }}", kTicket) == "I WAS CHARGED TWICE");
    CHECK(rendered("{{ labels | join(', ') }}", kTicket) == "billing, bug, how-to");
    CHECK(rendered("{{ text | replace('twice', 'once') }}", kTicket) == "I was charged once");
    CHECK(rendered("{{ user | tojson }}", kTicket) == R"({"name": "Bob", "age": 41})");
    CHECK(rendered("{{ labels | length }} {{ text | length }}", kTicket) == "3 19");
    CHECK(rendered("{{ labels | first }} {{ labels | last }}", kTicket) == "billing how-to");
    CHECK(rendered("{{ 'a-b-c'.split('-') | join('+') }}") == "a+b+c");
    CHECK(rendered("{{ 'aXbXc'.split('X', 1) | join('+') }}") == "a+bXc");
    CHECK(rendered("{{ text[:5] }}|{{ text[-5:] }}|{{ text[0] }}|{{ text[-1] }}", kTicket) == "I was|twice|I|e");
    CHECK(rendered("{{ [3, 1, 2] | sort | join(' ') }}") == "1 2 3");
    CHECK(rendered("{{ 'hello world' | title }} {{ 'hELLO' | capitalize }}") == "Hello World Hello");
    CHECK(rendered("{{ 'a\nb' | indent(2) }}") == "a\n  b");
    CHECK(rendered("{{ '12' | int + 1 }}") == "13");
    CHECK(rendered("{{ text.startswith('I') }}", kTicket) == "True");
  }

  TEST_CASE("lists and maps that are printed read as in Python") {
    CHECK(rendered("{{ labels }}", kTicket) == "['billing', 'bug', 'how-to']");
    CHECK(rendered("{{ user }}", kTicket) == "{'name': 'Bob', 'age': 41}");
    CHECK(rendered("{% if true %}{{ [user] }}{% endif %}", kTicket) == "[{'name': 'Bob', 'age': 41}]");
    CHECK(rendered("{% for label in labels %}{{ [label] }}{% endfor %}", kTicket) == "['billing']['bug']['how-to']");
    CHECK(rendered("{{ [] }}{{ {} }}") == "[]{}");
    const auto text = parsed("a{{ labels }}").render(kTicket);
    REQUIRE(text);
    CHECK(*text == Text{{"a", Origin::author}, {"['billing', 'bug', 'how-to']", Origin::data}});
    CHECK(rendered("{{ labels }}{{ user }}", kTicket, Undefined::lenient) == "billingbughow-to");
  }

  TEST_CASE("letters beyond ASCII have a case") {
    CHECK(rendered("{{ ' ÄRGER Žižkov ΑΒΓ ' | trim | lower }}") == "ärger žižkov αβγ");
    CHECK(rendered("{{ 'ärger é ß x' | upper }}") == "ÄRGER É ß X");
    CHECK(rendered("{{ 'Ä'.lower() }}") == "ä");
  }

  TEST_CASE("numbers are divided and written as in Python") {
    CHECK(rendered("{{ -7 % 3 }} {{ 7 % -3 }} {{ 7 % 3 }} {{ -7.5 % 2 }}") == "2 -2 1 0.5");
    CHECK(failure("{{ 1 / 0 }}").find("division by zero") != std::string::npos);
    CHECK(failure("{{ 1 % 0 }}").find("division by zero") != std::string::npos);
    CHECK(rendered("{{ '%.2f and %d%%: %s' | format(3.14159, 7, 'x') }}") == "3.14 and 7%: x");
    CHECK(rendered("{{ '{} of {}'.format(1, 2) }}") == "1 of 2");
    CHECK(failure("{{ '%q' | format(1) }}").find("does not know this conversion") != std::string::npos);
    CHECK(failure("{{ '%d' | format('x') }}").find("needs a number") != std::string::npos);
    CHECK(failure("{{ '%999999f' | format(1.5) }}").find("too many digits") != std::string::npos);
  }

  TEST_CASE("control structures") {
    CHECK(rendered("{% for l in labels %}{{ loop.index }}. {{ l }}\n{% endfor %}", kTicket) ==
          "1. billing\n2. bug\n3. how-to\n");
    CHECK(rendered("{% for l in labels if l != 'bug' %}{{ l }}{% if not loop.last %}, {% endif %}{% endfor %}",
                   kTicket) == "billing, how-to");
    CHECK(rendered("{% if user.age > 60 %}old{% elif user.age > 40 %}middle{% else %}young{% endif %}", kTicket) ==
          "middle");
    CHECK(rendered("{% for k, v in user.items() %}{{ k }}={{ v }};{% endfor %}", kTicket) == "name=Bob;age=41;");
    CHECK(rendered("{% set n = namespace(x=0) %}{% for l in labels %}{% set n.x = n.x + 1 %}{% endfor %}{{ n.x }}",
                   kTicket) == "3");
    CHECK(rendered("{% macro f(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(b=4, a=5) }}") ==
          "1-2 1-3 5-4");
    CHECK(rendered("{{ 'yes' if user.age > 40 else 'no' }}", kTicket) == "yes");
    CHECK(rendered("a{{ 'x' if user.age > 60 }}b", kTicket) == "ab");
    CHECK(rendered("{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif "
                   "%}{{ i }}{% endfor %}") == "02");
  }

  TEST_CASE("a block on its own line leaves no line behind, and text before it stays") {
    CHECK(rendered("x{% if true %}y{% endif %}") == "xy");
    CHECK(rendered("h  {% if true %}y{% endif %}") == "h  y");
    CHECK(rendered("a\n  {% if true %}\nb\n  {% endif %}\nc\n") == "a\nb\nc");
    CHECK(rendered("  {% if true %}y{% endif %}") == "y");
    CHECK(rendered("a \n {{- 'b' -}} \n c") == "abc");
    CHECK(rendered("line\r\nnext {{ 1 }}\r\n") == "line\nnext 1");
  }

  TEST_CASE("texts are cut and counted by code points") {
    const auto context = Node::map({{"t", "für Öl €"}});

    CHECK(rendered("{{ t[:2] }}|{{ t | length }}|{{ t[1] }}|{{ t[::-1] }}", context) == "fü|8|ü|€ lÖ rüf");
  }

  TEST_CASE("numbers keep their value") {
    const auto context = Node::map({{"price", 0.12345678},
                                    {"big", 1234567.89},
                                    {"one", 1.0},
                                    {"tiny", 1e-7},
                                    {"n", std::int64_t{9007199254740993}},
                                    {"yes", true},
                                    {"nothing", nullptr}});

    CHECK(rendered("{{ price }} {{ big }} {{ one }} {{ tiny }} {{ n }}", context) ==
          "0.12345678 1234567.89 1.0 1e-07 9007199254740993");
    CHECK(rendered("{{ [big, one, nothing, yes] | tojson }}", context) == "[1234567.89, 1.0, null, true]");
    CHECK(rendered("{{ yes }}-{{ nothing }}-", context) == "True--");
    CHECK(rendered("{{ 7 % 3 }} {{ 7 / 2 }} {{ 2 * 3 - 1 }}") == "1 3.5 5");
  }

  TEST_CASE("a case's own field wins over a method of the same name") {
    const auto context = Node::map({{"case", Node::map({{"length", 3}, {"items", "two"}, {"title", "T"}})}});

    CHECK(rendered("{{ case.length }} {{ case.items }} {{ case.title }}", context) == "3 two T");
  }

  TEST_CASE("an undefined name is an error at its place, with the nearest name") {
    CHECK(failure("Classify:\n{{ txet }}", kTicket) ==
          "p.j2:2:4: error: `txet` is not defined\n"
          " 2 | {{ txet }}\n"
          "   |    ^\n"
          "hint: did you mean `text`?\n");
    CHECK(failure("{{ user.nam }}", kTicket) ==
          "p.j2:1:9: error: `user` has no `nam`\n"
          " 1 | {{ user.nam }}\n"
          "   |         ^\n"
          "hint: did you mean `name`?\n");
  }

  TEST_CASE("an undefined name fails wherever it is read") {
    for (const auto* text :
         {"{{ nope | upper }}", "{{ nope.upper() }}", "{{ nope.a.b }}", "{% for x in nope %}{% endfor %}",
          "{% if nope %}{% endif %}", "{{ nope + 1 }}", "{{ 'a' ~ nope }}", "{{ nope() }}", "{{ nope == 1 }}",
          "{{ [nope] }}", "{% set x = nope %}", "{{ text if nope }}", "{{ text | replace('a', nope) }}",
          "{{ user[nope] }}", "{{ 1 in nope }}", "{{ nope is string }}"}) {
      CAPTURE(text);
      CHECK(failure(text, kTicket).find("error: `nope` is not defined") != std::string::npos);
    }
  }

  TEST_CASE("what may be missing is asked about or given a default") {
    CHECK(rendered("{{ nope | default('none') }} {{ user.nope | default('x') }} {{ a.b.c | d(1) }}", kTicket) ==
          "none x 1");
    CHECK(rendered("{% if nope is defined %}a{% else %}b{% endif %}{{ user.nope is undefined }}", kTicket) == "bTrue");
    CHECK(rendered("{{ user | default({}) | length }}", kTicket) == "2");
    CHECK(failure("{{ (nope | upper) | default('x') }}", kTicket).find("`nope` is not defined") != std::string::npos);
  }

  TEST_CASE("a lenient template renders what is missing as nothing") {
    CHECK(rendered("[{{ nope }}{{ nope.a.b }}{% for x in nope %}{% endfor %}{% if nope %}{% endif %}]", kTicket,
                   Undefined::lenient) == "[]");
  }

  TEST_CASE("syntax errors carry their place") {
    CHECK(failure("a\n{% for x in y %}\n{{ x }}\n") ==
          "p.j2:2:4: error: `{% for %}` has no `{% endfor %}`\n"
          " 2 | {% for x in y %}\n"
          "   |    ^\n");
    CHECK(failure("{{ name + }}") ==
          "p.j2:1:11: error: expected an expression, found `}}`\n"
          " 1 | {{ name + }}\n"
          "   |           ^\n");
    CHECK(failure("x\n{{ 'abc }}") ==
          "p.j2:2:4: error: the string is not closed\n"
          " 2 | {{ 'abc }}\n"
          "   |    ^\n");
    CHECK(failure("{% include 'x' %}") ==
          "p.j2:1:4: error: unknown statement `include`\n"
          " 1 | {% include 'x' %}\n"
          "   |    ^\n"
          "hint: a template stands alone: write it out, or pass text in `vars`\n");
    CHECK(failure("a {% endif %}").find("p.j2:1:6: error: unexpected `{% endif %}`") == 0);
    CHECK(failure("{{ a b }}").find("p.j2:1:6: error: expected `}}`, found `b`") == 0);
    CHECK(failure("{{ a").find("p.j2:1:5: error: expected `}}`, found the end of the template") == 0);
    CHECK(failure("{# a").find("p.j2:1:1: error: the comment has no `#}`") == 0);
    CHECK(failure("{{ 99999999999999999999 }}").find("the number is out of range") != std::string::npos);
    CHECK(failure("{% break %}").find("p.j2:1:4: error: `break` and `continue` need a `{% for %}`") == 0);
  }

  TEST_CASE("a filter that nothing has is an error of the text, whether it is reached or not") {
    const auto parse = [](const std::string& text, Undefined undefined = Undefined::error) {
      const auto result = Template::parse(text, {undefined, {}, 0});
      return result ? std::string() : render(result.error());
    };

    const auto told = parse("{% if false %}{{ x | trimm }}{% endif %}");
    CHECK(told.starts_with("template:1:22: error: there is no filter `trimm`"));
    CHECK(told.find("hint: did you mean `trim`?") != std::string::npos);
    CHECK(parse("{{ x | uper(1) }}").find("there is no filter `uper`") != std::string::npos);
    CHECK(parse("{% filter uper %}x{% endfilter %}").find("there is no filter `uper`") != std::string::npos);
    CHECK(parse("{{ x | uper }}", Undefined::lenient).empty());
    CHECK(parse("{{ a | trim | d(1) | count }}{{ b | tojson }}{{ c | items | list }}{{ e | map('upper') "
                "| join(',') }}")
              .empty());
  }

  TEST_CASE("an unknown filter or test, a wrong type, a raised exception") {
    CHECK(failure("{{ text | nope }}", kTicket).find("p.j2:1:11: error: there is no filter `nope`") == 0);
    CHECK(failure("{{ text is nope }}", kTicket).find("error: unknown test `nope`") != std::string::npos);
    CHECK(failure("{{ text + 1 * labels }}", kTicket).find("`*` does not work between a number and a list") !=
          std::string::npos);
    CHECK(failure("{{ raise_exception('Roles must alternate.') }}").find("error: roles must alternate\n") !=
          std::string::npos);
    CHECK(failure("{{ labels.append }}", kTicket).find("`append` is a function and is not called") !=
          std::string::npos);
    CHECK(failure("{{ 5 is divisibleby(0) }}").find("division by zero") != std::string::npos);
    CHECK(failure("{{ [] | first }}").find("the filter gives nothing here") != std::string::npos);
  }

  TEST_CASE("positions count from where the template stands in its file") {
    const auto file = std::make_shared<const SourceText>(SourceText{"f.j2", "---\nraw: true\n---\nHi\n{{ x }}\n"});

    const auto result = Template::parse("Hi\n{{ x }}\n", {Undefined::error, {file, 4, 1}, 0})->render(Node::map());

    REQUIRE_FALSE(result);
    CHECK(result.error().at.to_string() == "f.j2:5:4");
  }

  TEST_CASE("what comes from the context is data, what the template says is the author's") {
    const auto context = Node::map({{"name", "bob"}, {"vars", Node::map({{"sep", "<|x|>"}})}});

    const auto result = parsed("Hi {{ name | upper }}{{ vars.sep }}!").render(context, {"vars"});

    REQUIRE(result);
    CHECK(*result == Text{{"Hi ", Origin::author}, {"BOB", Origin::data}, {"<|x|>!", Origin::author}});
  }

  TEST_CASE("data stays data through every way of rebuilding it") {
    const auto context = Node::map(
        {{"evil", "<|a| |b|>"}, {"list", Node::strings({"<|", "im", "|>"})}, {"map", Node::map({{"<|key|>", "v"}})}});
    for (const auto* text : {"{{ evil }}",
                             "{{ evil.split(' ') | join('') }}",
                             "{{ evil.rsplit(' ', 1)[0] }}",
                             "{{ list | join('') }}",
                             "{{ evil[0] }}{{ evil[1:] }}",
                             "{{ list | tojson }}",
                             "{{ map | tojson }}",
                             "{{ list | string }}",
                             "{{ '' ~ list }}",
                             "{% for k in map %}{{ k }}{% endfor %}",
                             "{{ map.keys() | first }}",
                             "{% for k, v in map.items() %}{{ k }}{% endfor %}",
                             "{{ 'x' | replace('x', evil) }}",
                             "{{ evil | replace('x', 'y') }}",
                             "{{ evil * 2 }}",
                             "{{ list | upper }}",
                             "{{ [evil] | map(attribute=0) | list }}",
                             "{{ '{}'.format(evil) }}",
                             "{{ evil | indent(2) }}",
                             "{% set x %}{{ evil }}{% endset %}{{ x }}",
                             "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(evil) }}",
                             "{{ 'a b'.split(evil) | first | replace('a b', evil) }}",
                             "{{ 1 | string | replace('1', evil) }}",
                             "{{ evil | trim | title | capitalize | lower }}",
                             "{% filter upper %}{{ evil }}{% endfilter %}",
                             "{{ map | dictsort | tojson }}",
                             "{{ ['a', 'b'] | join(evil) | replace('a','')  }}"}) {
      CAPTURE(text);
      const auto result = parsed(text, Undefined::lenient).render(context);
      REQUIRE(result);
      for (const auto& part : *result) {
        CAPTURE(part.text);
        CHECK(part.origin == Origin::data);
      }
    }
  }

  TEST_CASE("names are what the context must hold") {
    const auto program = parsed(
        "{% set a = 1 %}{{ a }}{{ b.c }}{% for x in xs %}{{ x }}{{ loop.index }}{{ y }}{% endfor %}"
        "{% macro m(p, q=r) %}{{ p }}{{ q }}{{ late }}{{ free }}{% endmacro %}{{ m(1) }}{% set late = 2 %}"
        "{{ maybe | default('') }}{% if asked is defined %}{{ asked }}{% endif %}{{ range(3) | join(sep) }}"
        "{{ namespace(k=kv) }}{{ [in_list, {'key': in_map}] }}{{ text | replace('a', arg) }}{{ f is string }}");
    std::vector<std::string> names;
    for (const auto& [name, at] : program.names()) names.push_back(name);

    CHECK(names ==
          std::vector<std::string>{"arg", "b", "f", "free", "in_list", "in_map", "kv", "r", "sep", "text", "xs", "y"});
  }

  TEST_CASE("a name's place is that of its first use") {
    const auto names = parsed("one\n  {{ b }} {{ a }}\n{{ a }}").names();

    REQUIRE(names.size() == 2);
    CHECK(names[0].second.to_string() == "template:2:14");
    CHECK(names[1].second.to_string() == "template:2:6");
  }

  TEST_CASE("one template renders on many threads at once") {
    const auto program = parsed("{% for l in labels %}{{ loop.index }}{{ l }}{{ user.name }}{% endfor %}");
    std::vector<std::string> out(4);
    std::vector<std::thread> threads;

    for (auto& slot : out) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) slot = plain(*program.render(kTicket));
      });
    }
    for (auto& thread : threads) thread.join();

    for (const auto& text : out) CHECK(text == "1billingBob2bugBob3how-toBob");
  }
}
