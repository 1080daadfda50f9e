#include "templating/expression.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace llmops;
using namespace llmops::templating;
using doc::Node;

namespace {

SourcePos start_of(const std::string& text) {
  return {std::make_shared<const SourceText>(SourceText{"r", text}), 1, 1};
}

/// `vars.*` as below, `env.HOME`, and `steps.*`, which is pending.
Result<Looked> look(const Reference& reference) {
  static const auto vars = Node::map({{"n", 3},
                                      {"s", "abc"},
                                      {"l", Node::strings({"a", "b"})},
                                      {"yes", true},
                                      {"no", false},
                                      {"empty", ""},
                                      {"nil", nullptr},
                                      {"x", 2.5}});
  if (reference.root() == "steps") return Looked(Pending{reference.name(1)});
  if (reference.root() == "env" && reference.name(1) == "HOME") return Looked(Node("/root"));
  const auto* found = reference.root() == "vars" ? vars.find(reference.name(1)) : nullptr;
  if (found == nullptr) return invalid_error("unknown name `" + reference.text + "`", reference.at);
  return Looked(*found);
}

std::string shown(const Result<Looked>& looked) {
  if (!looked) return "error: " + looked.error().message;
  if (const auto* pending = std::get_if<Pending>(&*looked)) return "pending on " + pending->on;
  return std::get<Node>(*looked).text();
}

std::string value(const std::string& text) {
  const auto parsed = Expression::parse(text, start_of(text));
  return parsed ? shown(parsed->evaluate(look)) : "error: " + parsed.error().message;
}

std::string whole(const std::string& text) {
  const auto parsed = Interpolation::parse(text, start_of(text));
  return parsed ? shown(parsed->evaluate(look)) : "error: " + parsed.error().message;
}

std::string failure(const std::string& text) {
  const auto parsed = Expression::parse(text, start_of(text));
  return parsed ? "no failure" : render(parsed.error());
}

}  // namespace

TEST_SUITE("templating/expression") {
  TEST_CASE("literals and names") {
    CHECK(value("'it''") == "error: expected an operator or the end, found `'`");
    CHECK(value(R"('it\'s')") == "it's");
    CHECK(value("42") == "42");
    CHECK(value("-1.5") == "-1.5");
    CHECK(value(" vars.n ") == "3");
    CHECK(value("vars.l == ['a', 'b']") == "true");
    CHECK(value("null == vars.nil") == "true");
  }

  TEST_CASE("a reference's parts") {
    const auto parsed = Expression::parse("steps.my-step.metrics['small/guided'].acc || outputs[0]", start_of(""));

    REQUIRE(parsed);
    REQUIRE(parsed->references().size() == 2);
    const auto& first = parsed->references()[0];
    CHECK(first.root() == "steps");
    CHECK(first.name(1) == "my-step");
    CHECK(first.name(3) == "small/guided");
    CHECK(first.name(9) == "");
    CHECK(first.text == "steps.my-step.metrics['small/guided'].acc");
    CHECK(std::get<std::int64_t>(parsed->references()[1].path[1]) == 0);
    CHECK(parsed->references()[1].name(1) == "");
  }

  TEST_CASE("comparisons") {
    CHECK(value("vars.n == 3") == "true");
    CHECK(value("vars.n == 3.0") == "true");
    CHECK(value("vars.n != 3") == "false");
    CHECK(value("vars.x < vars.n") == "true");
    CHECK(value("vars.s >= 'abd'") == "false");
    CHECK(value("'a' in vars.l") == "true");
    CHECK(value("'c' not in vars.l") == "true");
    CHECK(value("'b' in 'abc'") == "true");
    CHECK(value("vars.s == null") == "false");
    CHECK(value("vars.n == '3'") == "error: `==` does not work between an integer and a string");
    CHECK(value("vars.l < 3") == "error: `<` does not work between a list and an integer");
    CHECK(value("3 in 3") == "error: `in` does not work between an integer and an integer");
  }

  TEST_CASE("logic, by symbol and by word") {
    CHECK(value("vars.yes && vars.no") == "false");
    CHECK(value("vars.yes and not vars.no") == "true");
    CHECK(value("vars.no || vars.nil or vars.n") == "true");
    CHECK(value("!vars.no && !(vars.yes && vars.no)") == "true");
    CHECK(value("vars.no && vars.no || vars.yes") == "true");
    CHECK(value("vars.yes || vars.yes && vars.no") == "true");
    CHECK(value("not vars.n == 3") == "false");
    CHECK(value("vars.notable") == "error: unknown name `vars.notable`");
  }

  TEST_CASE("what is pending stays pending unless the known side decides") {
    CHECK(value("steps.train.ok") == "pending on train");
    CHECK(value("steps.train.x > 3") == "pending on train");
    CHECK(value("!steps.train.ok") == "pending on train");
    CHECK(value("steps.train.ok && vars.no") == "false");
    CHECK(value("vars.no && steps.train.ok") == "false");
    CHECK(value("steps.train.ok || vars.yes") == "true");
    CHECK(value("steps.train.ok && vars.yes") == "pending on train");
    CHECK(value("steps.train.ok || vars.no") == "pending on train");
    CHECK(value("steps.train.ok && vars.wrong") == "error: unknown name `vars.wrong`");
    CHECK(value("'a' in [steps.train.x]") == "pending on train");
  }

  TEST_CASE("a default is everything behind `:-`, as text") {
    CHECK(value("env.HOME:-x") == "/root");
    CHECK(value("env.URL:-https://x/y?a='b") == "https://x/y?a='b");
    CHECK(value("env.URL:-") == "");
    CHECK(value("vars.empty:-other") == "other");
    CHECK(value("vars.nil:-other") == "other");
    CHECK(value("vars.wrong:-other") == "error: unknown name `vars.wrong`");
    CHECK(value("(env.URL:-a)") == "error: `:-` stands alone");
    CHECK(value("1 == env.URL:-a") == "error: `:-` stands alone");
  }

  TEST_CASE("errors stand at their place") {
    CHECK(failure("vars.n = 3") ==
          "r:1:8: error: found `=`, expected `==`\n"
          " 1 | vars.n = 3\n"
          "   |        ^\n");
    CHECK(failure("vars. == 1").find("r:1:6: error: expected a name behind `.`, found ` `") == 0);
    CHECK(failure("vars.n ==").find("r:1:10: error: expected a value, found the end") == 0);
    CHECK(failure("(vars.n").find("r:1:8: error: expected `)`, found the end") == 0);
    CHECK(failure("'abc").find("r:1:1: error: the string is not closed") == 0);
    CHECK(failure("vars.l[x]").find("r:1:8: error: expected a number or a quoted name in `[]`, found `x`") == 0);
    CHECK(failure("1 < 2 < 3").find("r:1:8: error: comparisons do not chain") == 0);
    CHECK(failure("12abc").find("r:1:1: error: `12abc` is not a number") == 0);
    CHECK(failure("  ").find("r:1:1: error: the expression is empty") == 0);
    CHECK(failure("ü").find("expected a value, found `ü`") != std::string::npos);
  }

  TEST_CASE("nesting and length are bounded") {
    CHECK(value(std::string(3000, '(')) == "error: nested too deeply (limit: 100)");
    CHECK(value(std::string(3000, '!') + "1") == "error: nested too deeply (limit: 100)");
    CHECK(value(std::string(3000, '[')) == "error: nested too deeply (limit: 100)");
    CHECK(value(std::string(5000, ' ') + "1") == "error: the expression is longer than 4,096 bytes");
    CHECK(value("env.URL:-" + std::string(5000, 'x')) == std::string(5000, 'x'));
  }

  TEST_CASE("a text where a truth is wanted counts by what it says, and is an error where it says neither") {
    CHECK(value("!'false'") == "true");
    CHECK(value("'true' && vars.yes") == "true");
    CHECK(value("vars.no || 'False'") == "false");
    for (const auto* text : {"!vars.s", "vars.s && vars.yes", "vars.no || vars.s", "vars.yes and vars.s"}) {
      CAPTURE(text);
      CHECK(value(text) == "error: a text is neither true nor false, found `abc`");
    }
    CHECK(value("!vars.empty") == "error: a text is neither true nor false, found ``");
    CHECK(value("vars.no && vars.s") == "false");
  }

  TEST_CASE("truth") {
    for (const auto& node : {Node(), Node(false), Node(0), Node(0.0), Node(""), Node::list(), Node::map()})
      CHECK_FALSE(truthy(node));
    for (const auto& node : {Node(true), Node(-1), Node(0.5), Node("false"), Node::strings({""})}) CHECK(truthy(node));
  }
}

TEST_SUITE("templating/interpolation") {
  TEST_CASE("one whole expression keeps its kind") {
    const auto parsed = Interpolation::parse("${vars.l}", {});

    REQUIRE(parsed);
    const auto looked = parsed->evaluate(look);
    REQUIRE(looked);
    CHECK(std::get<Node>(*looked) == Node::strings({"a", "b"}));
    CHECK_FALSE(parsed->constant());
  }

  TEST_CASE("values are put into text") {
    CHECK(whole("a ${vars.s}-${vars.n}!") == "a abc-3!");
    CHECK(whole("${vars.n}${vars.n}") == "33");
    CHECK(whole("[${vars.nil}]") == "[]");
    CHECK(whole("") == "");
    CHECK(whole("a ${steps.train.x} ${steps.b.x}") == "pending on train");
  }

  TEST_CASE("`$$` is a dollar") {
    CHECK(whole("costs $$5") == "costs $5");
    CHECK(whole("$${vars.n}") == "${vars.n}");
    CHECK(whole("$$${vars.n}") == "$3");
    CHECK(whole("$5 and {x}") == "$5 and {x}");
    CHECK(Interpolation::parse("$${vars.n}", {})->constant());
  }

  TEST_CASE("the brace that closes") {
    CHECK(whole("${'}' in 'a}b'}") == "true");
    CHECK(whole("${env.URL:-{\"a\": {}}}!") == "{\"a\": {}}!");
    CHECK(whole("${env.URL:-it's}") == "it's");
    CHECK(whole("${env.URL:-https://x/y}/v1") == "https://x/y/v1");
  }

  TEST_CASE("an expression that is not closed says so at its place") {
    const auto parsed = Interpolation::parse("ü ${vars.n", start_of("ü ${vars.n"));

    REQUIRE_FALSE(parsed);
    CHECK(render(parsed.error()) ==
          "r:1:3: error: `${` has no `}`\n"
          " 1 | ü ${vars.n\n"
          "   |   ^\n"
          "hint: close it, or write `$$` for a dollar\n");
  }

  TEST_CASE("places step over a scalar's quote and a block's mark") {
    const auto quoted = std::make_shared<const SourceText>(SourceText{"r", "k: \"${vars.}\""});
    const auto block = std::make_shared<const SourceText>(SourceText{"r", "k: |\n  one\n  ${vars.}\n"});

    CHECK(Interpolation::parse("${vars.}", {quoted, 1, 4}).error().at.to_string() == "r:1:12");
    CHECK(Interpolation::parse("one\n${vars.}\n", {block, 1, 4}).error().at.to_string() == "r:3:8");
  }

  TEST_CASE("references of all parts, in order") {
    const auto parsed = Interpolation::parse("${vars.a} ${steps.b.c}", start_of("${vars.a} ${steps.b.c}"));

    REQUIRE(parsed);
    const auto found = parsed->references();
    REQUIRE(found.size() == 2);
    CHECK(found[1].text == "steps.b.c");
    CHECK(found[1].at.column == 13);
  }
}
