#include "prompt/prompt.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace llmops;
using doc::Node;
using prompt::Prompt;
using templating::Origin;
using templating::Text;

namespace {

Prompt parsed(const std::string& text) {
  auto result = Prompt::parse("p.j2", text);
  if (!result) FAIL(render(result.error().front()));
  return *std::move(result);
}

/// Every error of a prompt that does not parse, rendered.
std::string failures(const std::string& text) {
  const auto result = Prompt::parse("p.j2", text);
  if (result) return "no failure";
  std::string out;
  for (const auto& error : result.error()) out += render(error);
  return out;
}

std::string first_content(const Result<prompt::Rendered>& rendered) {
  return rendered ? templating::plain(rendered->messages.at(0).content) : render(rendered.error());
}

const Node kCase = Node::map({{"text", "charged twice"}, {"label", "billing"}});
const Node kVars = Node::map({{"labels", Node::strings({"billing", "bug"})}});

}  // namespace

TEST_SUITE("prompt") {
  TEST_CASE("without front matter the whole text is the user message") {
    const auto out = parsed("Classify: {{ text }}\n").render(kCase, kVars);

    REQUIRE(out);
    REQUIRE(out->messages.size() == 1);
    CHECK(out->messages[0].role == "user");
    CHECK(out->messages[0].content == Text{{"Classify: ", Origin::author}, {"charged twice", Origin::data}});
    CHECK_FALSE(out->raw);
  }

  TEST_CASE("raw front matter") {
    const auto out = parsed("---\nraw: true\n---\nQ: {{ text }}\nA:").render(kCase, kVars);

    REQUIRE(out);
    CHECK(out->raw);
    CHECK(first_content(out) == "Q: charged twice\nA:");
  }

  TEST_CASE("messages, and the body as the last user message") {
    const auto out =
        parsed(
            "---\r\nmessages:\r\n  - {role: system, content: \"Labels: {{ vars.labels | join(', ') }}\"}\r\n"
            "  - role: user\r\n    content: hi\r\n  - role: assistant\r\n    content: |\r\n      a\r\n      b\r\n"
            "---\r\n{{ case.text }}\r\n")
            .render(kCase, kVars);

    REQUIRE(out);
    REQUIRE(out->messages.size() == 4);
    CHECK(templating::plain(out->messages[0].content) == "Labels: billing, bug");
    CHECK(templating::plain(out->messages[2].content) == "a\nb");
    CHECK(out->messages[3].role == "user");
    CHECK(templating::plain(out->messages[3].content) == "charged twice");
  }

  TEST_CASE("parameters, choices and examples") {
    const auto prompt = parsed(
        "---\nparameters: {temperature: 0.2, stop: [\"\\n\"]}\nchoices: [billing, bug]\n"
        "examples:\n  - {text: it crashed, label: bug}\n---\n"
        "{% for e in examples %}{{ e.text }} -> {{ e.label }}\n{% endfor %}{{ text }} ->");

    CHECK(prompt.parameters() == Node::map({{"temperature", 0.2}, {"stop", Node::strings({"\n"})}}));
    CHECK(prompt.choices() == std::vector<std::string>{"billing", "bug"});
    CHECK(first_content(prompt.render(kCase, kVars)) == "it crashed -> bug\ncharged twice ->");
  }

  TEST_CASE("what a case or a retrieval says is data, what vars and examples say is the author's") {
    const auto prompt =
        parsed("---\nexamples: [{t: <e>}]\n---\n{{ text }}{{ vars.v }}{{ examples[0].t }}{{ context[0].text }}");

    const auto out = prompt.render(Node::map({{"text", "<c>"}, {"vars", "spoof"}, {"examples", "spoof"}}),
                                   Node::map({{"v", "<v>"}}), Node(doc::List{Node::map({{"text", "<r>"}})}));

    REQUIRE(out);
    CHECK(out->messages[0].content == Text{{"<c>", Origin::data}, {"<v><e>", Origin::author}, {"<r>", Origin::data}});
  }

  TEST_CASE("a case's own `context` is seen where nothing was retrieved") {
    const auto prompt = parsed("{{ context }}");
    const auto with_context = Node::map({{"context", "mine"}});

    CHECK(first_content(prompt.render(with_context, Node())) == "mine");
    CHECK(first_content(prompt.render(with_context, Node(), Node("found"))) == "found");
  }

  TEST_CASE("case fields are what the templates need from a case") {
    const auto prompt = parsed(
        "---\nmessages: [{role: system, content: \"{{ tone }} {{ vars.x }}\"}]\n---\n"
        "{{ text }}{{ case.other }}{{ hint | default('') }}{% for c in context %}{{ c.text }}{% endfor %}{{ examples "
        "}}");

    const auto fields = prompt.case_fields();

    REQUIRE(fields.size() == 2);
    CHECK(fields[0].first == "text");
    CHECK(fields[0].second.to_string() == "p.j2:4:4");
    CHECK(fields[1].first == "tone");
    CHECK(fields[1].second.to_string() == "p.j2:2:40");
  }

  TEST_CASE("an unknown key stands at its own line") {
    CHECK(failures("---\nraw: true\nchoises: [a]\n---\nx") ==
          "p.j2:3:1: error: unknown key `choises`\n"
          " 3 | choises: [a]\n"
          "   | ^\n"
          "hint: did you mean `choices`?\n");
  }

  TEST_CASE("a template's error stands at its own line, in the body and in messages") {
    CHECK(failures("---\nraw: true\n---\nHi\n{{ text }\n").find("p.j2:5:9: error: ") == 0);
    CHECK(failures("---\nmessages:\n  - role: user\n    content: |\n      one\n      {{ text + }}\n---\n") ==
          "p.j2:6:17: error: expected an expression, found `}}`\n"
          " 6 |       {{ text + }}\n"
          "   |                 ^\n");
    CHECK(failures("---\nmessages: [{role: user, content: \"{{ a + }}\"}]\n---\n{{ b + }}\n") ==
          "p.j2:2:42: error: expected an expression, found `}}`\n"
          " 2 | messages: [{role: user, content: \"{{ a + }}\"}]\n"
          "   |                                          ^\n"
          "p.j2:4:8: error: expected an expression, found `}}`\n"
          " 4 | {{ b + }}\n"
          "   |        ^\n");
  }

  TEST_CASE("an undefined name in a rendering stands at its place, with the nearest field") {
    CHECK(first_content(parsed("---\nraw: true\n---\nHi {{ txet }}").render(kCase, kVars)) ==
          "p.j2:4:7: error: `txet` is not defined\n"
          " 4 | Hi {{ txet }}\n"
          "   |       ^\n"
          "hint: did you mean `text`?\n");
  }

  TEST_CASE("what makes no prompt is an error") {
    CHECK(failures("") == "p.j2: error: the prompt is empty\nhint: write the user message, or `messages:`\n");
    CHECK(failures("---\nraw: true\n").find("p.j2:1:1: error: the front matter has no closing `---`") == 0);
    CHECK(failures("---\nraw: true\n---\n \n").find("the prompt is empty") != std::string::npos);
    CHECK(failures("---\nraw: true\nmessages: [{role: user, content: x}]\n---\n")
              .find("p.j2:2:6: error: `raw: true` and `messages` exclude each other") == 0);
    CHECK(failures("---\n- a\n---\nx").find("p.j2:2:1: error:") == 0);
    CHECK(failures("---\na: [\n---\nx").find("p.j2:") == 0);
    CHECK(failures("---\nmessages: [{role: '', content: x}]\n---\n").find("p.j2:2:19: error:") == 0);
  }

  TEST_CASE("a byte order mark is no part of the prompt") {
    CHECK(first_content(parsed("\xEF\xBB\xBF---\nraw: true\n---\nx").render(kCase, kVars)) == "x");
    CHECK(first_content(parsed("\xEF\xBB\xBFx").render(kCase, kVars)) == "x");
  }

  TEST_CASE("an empty front matter and one with a blank line are fine") {
    CHECK(first_content(parsed("---\n---\nx").render(kCase, kVars)) == "x");
    CHECK(first_content(parsed("---\n\n---\n\nx").render(kCase, kVars)) == "\nx");
  }

  TEST_CASE("turns of the case stand among the messages, and the model answers between two of the user") {
    const auto prompt =
        parsed("---\nmessages:\n  - {role: system, content: Be kind.}\n  - turns: talk\n---\nAnd {{ text }}?");
    Node talk(
        doc::List{"Hello", Node::map({{"role", "assistant"}, {"content", "Hi!"}}), "What is {{ text }}?", "Why?"});

    const auto rendered = prompt.render(Node::map({{"talk", talk}, {"text", "it"}}), kVars);

    REQUIRE(rendered);
    std::string all;
    for (const auto& message : rendered->messages)
      all += message.role + ": " + templating::plain(message.content) + "\n";
    CHECK(all ==
          "system: Be kind.\nuser: Hello\nassistant: Hi!\nuser: What is {{ text }}?\nuser: Why?\nuser: And it?\n");
    CHECK(rendered->answered_before == std::vector<std::size_t>{4, 5});
    CHECK(rendered->messages[3].content.front().origin == Origin::data);
    REQUIRE(prompt.case_fields().size() == 2);
    CHECK(prompt.case_fields().front().first == "talk");
  }

  TEST_CASE("two messages of the user that are no turns are one question") {
    const auto rendered = parsed("---\nmessages: [{role: user, content: a}]\n---\nb").render(kCase, kVars);
    REQUIRE(rendered);
    CHECK(rendered->messages.size() == 2);
    CHECK(rendered->answered_before.empty());
  }

  TEST_CASE("turns that are no messages are errors of the case, and half a message one of the prompt") {
    const auto prompt = parsed("---\nmessages: [{turns: talk}]\n---\n");
    const auto failure = [&](const Node& talk) {
      const auto rendered = prompt.render(Node::map({{"talk", talk}}), kVars);
      return rendered ? "no failure" : rendered.error().message;
    };
    CHECK(failure(Node("hello")) == "`talk` is no list of messages: it is a string");
    CHECK(failure(Node::list()) == "`talk` is no list of messages: it is empty");
    CHECK(failure(Node(doc::List{Node::map({{"role", "user"}})})).find("one of them has no") != std::string::npos);
    CHECK(prompt.render(kCase, kVars).error().message == "`talk` is no list of messages: the case has no such field");
    CHECK(failures("---\nmessages: [{role: user}]\n---\nx").find("a message needs a `role` and a `content`") !=
          std::string::npos);
    CHECK(failures("---\nmessages: [{turns: talk, role: user}]\n---\nx").find("`turns` stands alone") !=
          std::string::npos);
  }
}
