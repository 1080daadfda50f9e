#include "migrate/promptfoo.h"

#include <doctest/doctest.h>

#include "doc/json.h"
#include "doc/yaml.h"
#include "fakes/memory_file_system.h"
#include "migrate/names.h"
#include "migrate/promptfoo/assertions.h"
#include "migrate/promptfoo/nunjucks.h"
#include "migrate/yaml_text.h"

namespace llmops::migrate {
namespace {

Imported imported(fakes::MemoryFileSystem& files, const std::string& config) {
  files.put("/repo/evals/promptfooconfig.yaml", config);
  auto out = import_promptfoo(files, "/repo/evals/promptfooconfig.yaml", {"evals", "recipes/evals.yaml", "evals"});
  REQUIRE(out.has_value());
  return *std::move(out);
}

std::string text_of(const Imported& all, const std::string& path) {
  for (const auto& file : all.files) {
    if (file.path == path) return file.text;
  }
  return {};
}

std::string compact(const std::string& text) { return doc::to_json(promptfoo::assertion_of(text, {})); }

}  // namespace

TEST_SUITE("migrate/promptfoo") {
  TEST_CASE("a cell of a CSV file means an assertion as promptfoo reads it") {
    CHECK(compact("hello") == R"({"type":"equals","value":"hello"})");
    CHECK(compact("contains: a b") == R"({"type":"contains","value":"a b"})");
    CHECK(compact("not-contains:x") == R"({"type":"not-contains","value":"x"})");
    CHECK(compact("icontains-any: a, \"b\"") == R"({"type":"icontains-any","value":["a","b"]})");
    CHECK(compact("similar(0.9): near") == R"({"type":"similar","value":"near","threshold":0.9})");
    CHECK(compact("starts-with: x") == R"({"type":"starts-with","value":"x","threshold":0.75})");
    CHECK(compact("is-json") == R"({"type":"is-json","value":""})");
    CHECK(compact("grade: is kind") == R"({"type":"llm-rubric","value":"is kind"})");
    CHECK(compact("fn: output.length") == R"({"type":"javascript","value":"output.length"})");
    CHECK(compact("containsx: y") == R"({"type":"equals","value":"containsx: y"})");
    CHECK(compact("contains(x): y") == R"({"type":"equals","value":"contains(x): y"})");
  }

  TEST_CASE("simple JavaScript over the output is Jinja, and nothing else is") {
    using promptfoo::transform_of;
    CHECK(transform_of("output.trim()") == "{{ output | trim }}");
    CHECK(transform_of(" return output.trim().toLowerCase(); ") == "{{ (output | trim) | lower }}");
    CHECK(transform_of("output.split('|')[1].trim()") == "{{ output.split(\"|\")[1] | trim }}");
    CHECK(transform_of("output.replaceAll('a', 'b')") == "{{ output.replace(\"a\", \"b\") }}");
    CHECK_FALSE(transform_of("JSON.parse(output).x"));
    CHECK_FALSE(transform_of("output.trim() + 'x'"));
    CHECK_FALSE(transform_of("output.split('\\n')[0]"));
    CHECK_FALSE(transform_of("context.vars.x"));
  }

  TEST_CASE("a value's templates become fields of the case") {
    std::set<std::string> fields;
    CHECK(promptfoo::to_setting("plain $5", fields) == "plain $5");
    CHECK_FALSE(promptfoo::to_setting("${x}", fields));
    CHECK(fields.empty());
    CHECK(promptfoo::to_setting("{{ a }} costs $5 in {{b.c}}", fields) == "${case.a} costs $$5 in ${case.b.c}");
    CHECK(fields == std::set<std::string>{"a", "b"});
    CHECK_FALSE(promptfoo::to_setting("{{ a | upper }}", fields));
    CHECK_FALSE(promptfoo::to_setting("{% if a %}x{% endif %}", fields));
  }

  TEST_CASE("Nunjucks keeps a line break behind a block, and so does what it becomes") {
    Notes notes;
    CHECK(promptfoo::to_jinja("{% if a %}\nx\n{% elseif b %}\n{{ c | dump | safe }}", {}, notes) ==
          "{% if a %}\n\nx\n{% elif b %}\n\n{{ c | tojson  }}");
  }

  TEST_CASE("lists among the variables make a test for each combination, but only lists of texts") {
    fakes::MemoryFileSystem files;
    const auto all = imported(files, R"(
prompts: ["{{ a }} {{ b }}"]
providers: [echo]
tests: [{vars: {a: [x, y], b: [p, q], c: [1, 2]}}]
)");
    CHECK(all.cases == 4);
    CHECK(text_of(all, "data/evals.jsonl") ==
          R"({"id":"test 1","a":"x","b":"p","c":[1,2],"assert":[]}
{"id":"test 2","a":"x","b":"q","c":[1,2],"assert":[]}
{"id":"test 3","a":"y","b":"p","c":[1,2],"assert":[]}
{"id":"test 4","a":"y","b":"q","c":[1,2],"assert":[]}
)");
    CHECK(all.notes.empty());
  }

  TEST_CASE("what a prompt reads and a test lacks is empty, as it renders there") {
    fakes::MemoryFileSystem files;
    const auto all = imported(files, "prompts: ['{{ a }}{{ b }}']\nproviders: [echo]\ntests: [{vars: {a: 1}}]\n");
    CHECK(text_of(all, "data/evals.jsonl") == "{\"id\":\"test 1\",\"a\":1,\"assert\":[],\"b\":\"\"}\n");
  }

  TEST_CASE("variables called as a case's own keys keep their names") {
    fakes::MemoryFileSystem files;
    const auto all = imported(files, "prompts: ['{{ id }}']\nproviders: [echo]\ntests: [{vars: {id: 7, assert: x}}]\n");
    CHECK(text_of(all, "data/evals.jsonl") ==
          "{\"test_id\":\"test 1\",\"id\":7,\"assert\":\"x\",\"test_assert\":[]}\n");
    const auto recipe = doc::parse_yaml("r.yaml", text_of(all, "recipes/evals.yaml"));
    REQUIRE(recipe.has_value());
    CHECK(recipe->find("datasets")->find("tests")->get("assert", "") == "test_assert");
    CHECK(recipe->find("datasets")->find("tests")->get("id", "") == "test_id");
  }

  TEST_CASE("a plain yes or no is a text") {
    fakes::MemoryFileSystem files;
    const auto all =
        imported(files,
                 "prompts: ['{{ a }}']\nproviders: [echo]\ntests:\n  - vars: {a: \"é\", c: Yes, b: no}\n    assert: "
                 "[{type: equals, value: Yes}]\n");
    CHECK(text_of(all, "data/evals.jsonl") ==
          "{\"id\":\"test 1\",\"a\":\"é\",\"c\":\"Yes\",\"b\":\"no\",\"assert\":[{\"equals\":\"Yes\"}]}\n");
  }

  TEST_CASE("a chat with messages from a list that all tests share has those messages") {
    fakes::MemoryFileSystem files;
    files.put("/repo/evals/chat.json", R"([{% for message in before %}{% for role, content in message %}
  {"role": "{{ role }}", "content": {{ content | dump }}},
{% endfor %}{% endfor %}{"role": "user", "content": {{ question | dump }}}])");
    const auto all = imported(files, R"(
prompts: [file://chat.json]
providers: [echo]
defaultTest: {vars: {before: [{user: "Who?"}, {assistant: "Me \"."}]}}
tests: [{vars: {question: "Why?"}}]
)");
    CHECK(text_of(all, "prompts/evals/chat.j2") == R"(---
messages:
  - {role: user, content: "Who?"}
  - {role: assistant, content: "Me \"."}
  - {role: user, content: "{{ question }}"}
---
)");
    CHECK(all.notes.size() == 1);
  }

  TEST_CASE("a name is given once") {
    Names names;
    CHECK(names.fresh("a", "b") == "a");
    CHECK(names.fresh("a", "b") == "a-2");
    CHECK(names.fresh("", "b") == "b");
    CHECK(slug("Say: Hello, World!") == "say-hello-world");
    CHECK(model_slug("GPT-4.1 (mini)") == "GPT-4.1-mini");
  }

  TEST_CASE("YAML that is written reads back as it was") {
    const auto node = doc::Node::map(
        {{"plain", "a b"},
         {"word", "true"},
         {"number", "12"},
         {"no", "no"},
         {"colon", "a: b"},
         {"lines", "one\ntwo\n"},
         {"more", "one\n\n  two"},
         {"odd", " leading\nspace "},
         {"empty", ""},
         {"null", nullptr},
         {"nested", doc::Node::map({{"list", doc::Node(doc::List{1, "x", doc::Node::map({{"k", "v\nw"}})})}})},
         {"expression", "${case.x}"},
         {"long", doc::Node::strings({std::string(60, 'a'), std::string(60, 'b'), "c: d"})},
         {"list of lists", doc::Node(doc::List{doc::Node(doc::List{std::string(120, 'x') + ":"})})},
         {"none", doc::Node::list()}});
    const auto read = doc::parse_yaml("y", yaml_text(node));
    REQUIRE(read.has_value());
    CHECK(doc::to_json(*read) == doc::to_json(node));
  }
}

}  // namespace llmops::migrate
