#include "lineage/graph.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "fakes/git_sandbox.h"
#include "lineage/document_schema.h"
#include "lineage/record.h"
#include "sample.h"
#include "schema/type.h"

using namespace llmops;
namespace lineage = llmops::lineage;
namespace sample = llmops::lineage::sample;
using fakes::GitSandbox;
using lineage::Direction;

namespace {

constexpr int kFar = 100;

/// A run, and a later one that reuses its steps.
struct Story {
  Story() {
    box.make_repository();
    head = box.sh("git rev-parse HEAD");
    repository = box.open();
    first = sample::run("01AAAAAA", head);
    keep(first);
    second = sample::later_run("01BBBBBB", first);
    keep(second);
  }
  void keep(lineage::Run& run) { REQUIRE(record(*repository, run)); }
  Result<lineage::Graph> ask(const std::string& object, Direction direction, int depth = kFar) {
    const auto records = lineage::Records::read(*repository);
    REQUIRE(records);
    return lineage_of(*repository, *records, object, direction, depth);
  }
  std::string tree(const std::string& object, Direction direction) {
    const auto graph = ask(object, direction);
    REQUIRE(graph);
    return to_text(*graph);
  }

  GitSandbox box;
  std::string head;
  std::unique_ptr<sys::GitRepository> repository;
  lineage::Run first, second;
};

bool has(const lineage::Graph& graph, const std::string& id) {
  return std::any_of(graph.vertices.begin(), graph.vertices.end(), [&](const auto& vertex) { return vertex.id == id; });
}

std::string brief(const std::string& digits) { return digits.substr(0, 12); }

}  // namespace

TEST_SUITE("lineage/graph") {
  TEST_CASE("a dataset's tree shows the steps that used it, their runs and metrics, and what came of them") {
    Story story;
    const auto commit = "commit " + brief(story.head) + " (main)";
    const auto run = [&](const std::string& id) {
      return "part of run " + id + " support-triage@dev passed: accuracy small/guided 0.667 [0.60, 0.73] n=240, " +
             commit;
    };
    const std::string metrics =
        "accuracy small/terse 0.567 [0.50, 0.63] n=240; accuracy small/guided 0.667 [0.60, 0.73] n=240";

    CHECK(story.tree("data/golden.jsonl", Direction::down) ==
          "dataset golden data/golden.jsonl@" + brief(sample::kDatasetBlob) +
              "\n"
              "└─ used by step compare (eval) ran: " +
              metrics +
              "\n"
              "   ├─ " +
              run("01AAAAAA") +
              "\n"
              "   ├─ made output results@" +
              brief(sys::sha256(story.first.steps[1].results).hex()) +
              "\n"
              "   │  ├─ used by step gate ran: pass, small/guided\n"
              "   │  │  └─ " +
              run("01BBBBBB") +
              "\n"
              "   │  └─ used by step gate ran: pass, small/guided\n"
              "   │     └─ " +
              run("01AAAAAA") +
              "\n"
              "   └─ reused by step compare (eval) cached: " +
              metrics +
              "\n"
              "      └─ " +
              run("01BBBBBB") + "\n");
  }

  TEST_CASE("an output's tree goes up to its files and its commit") {
    Story story;

    CHECK(story.tree("models/adapter.bin", Direction::up) ==
          "output adapter models/adapter.bin@" + brief(sys::sha256("adapter").hex()) +
              "\n"
              "└─ made by step train (exec) ran\n"
              "   ├─ part of run 01AAAAAA support-triage@dev passed: accuracy small/guided 0.667 [0.60, 0.73] n=240\n"
              "   │  └─ at commit " +
              brief(story.head) +
              " (main)\n"
              "   ├─ used recipe triage.yaml@" +
              brief(sample::kRecipeBlob) +
              "\n"
              "   └─ used file train.py@" +
              brief(sample::kScriptBlob) + "\n");
  }

  TEST_CASE("a run's tree opens each thing once, its own steps at their own place") {
    Story story;
    const std::string metrics =
        "accuracy small/terse 0.567 [0.50, 0.63] n=240; accuracy small/guided 0.667 [0.60, 0.73] n=240";
    const auto adapter = "output adapter models/adapter.bin@" + brief(sys::sha256("adapter").hex());
    const auto results = "output results@" + brief(sys::sha256(story.first.steps[1].results).hex());
    const auto recipe = "used recipe triage.yaml@" + brief(sample::kRecipeBlob);

    CHECK(story.tree("01AAAA", Direction::up) ==
          "run 01AAAAAA support-triage@dev passed: accuracy small/guided 0.667 [0.60, 0.73] n=240\n"
          "├─ at commit " +
              brief(story.head) +
              " (main)\n"
              "├─ step train (exec) ran\n"
              "│  ├─ " +
              recipe +
              "\n"
              "│  ├─ used file train.py@" +
              brief(sample::kScriptBlob) +
              "\n"
              "│  └─ made " +
              adapter +
              "\n"
              "│     └─ used by step compare (eval) ran: " +
              metrics +
              " (below)\n"
              "├─ step compare (eval) ran: " +
              metrics +
              "\n"
              "│  ├─ " +
              recipe +
              "\n"
              "│  ├─ used prompt guided prompts/guided.j2@" +
              brief(sample::kPromptBlob) +
              "\n"
              "│  ├─ used dataset golden data/golden.jsonl@" +
              brief(sample::kDatasetBlob) +
              "\n"
              "│  ├─ used model small llama:smollm2@" +
              brief(sys::sha256("weights").hex()) +
              "\n"
              "│  ├─ used " +
              adapter +
              " (above)\n"
              "│  └─ made " +
              results +
              "\n"
              "│     └─ used by step gate ran: pass, small/guided (below)\n"
              "└─ step gate ran: pass, small/guided\n"
              "   ├─ " +
              recipe +
              "\n"
              "   └─ used " +
              results + " (above)\n");
  }

  TEST_CASE("a run that only reused steps still shows what came of it") {
    Story story;

    const auto graph = story.ask("01BBBB", Direction::down);

    REQUIRE(graph);
    CHECK(has(*graph, "output " + sys::sha256("adapter").to_string()));
    CHECK_FALSE(has(*story.ask("models/adapter.bin", Direction::up), "run 01BBBBBB"));
  }

  TEST_CASE("what a step made is the same thing where another step used it") {
    Story story;

    const auto graph = story.ask("train.py", Direction::down);

    REQUIRE(graph);
    CHECK(has(*graph, "output " + sys::sha256("adapter").to_string()));
    CHECK(has(*graph, "step 01AAAAAA/compare"));
    CHECK(has(*graph, "step 01AAAAAA/gate"));
    CHECK(has(*graph, "run 01AAAAAA"));
    CHECK_FALSE(has(*graph, "file prompts/guided.j2@" + sample::kPromptBlob));
  }

  TEST_CASE("depth ends the search, and each direction keeps to itself") {
    Story story;

    const auto near = story.ask("train.py", Direction::down, 1), whole = story.ask("01BBBB", Direction::both);
    const auto up = story.ask("step 01BBBBBB/compare", Direction::up);

    REQUIRE(near);
    CHECK(near->vertices.size() == 4);
    REQUIRE(whole);
    CHECK(has(*whole, "model " + sys::sha256("weights").to_string()));
    REQUIRE(up);
    CHECK(has(*up, "file data/golden.jsonl@" + sample::kDatasetBlob));
    CHECK_FALSE(has(*up, "step 01BBBBBB/gate"));
  }

  TEST_CASE("a file has a vertex for each of its versions") {
    Story story;
    auto changed = sample::run("01CCCCCC", story.head);
    changed.steps = {sample::compare()};
    changed.steps[0].dependencies[1].git_blob = std::string(40, '7');
    story.keep(changed);

    const auto graph = story.ask("./prompts/guided.j2", Direction::down);

    REQUIRE(graph);
    CHECK(graph->roots.size() == 2);
    CHECK(has(*graph, "file prompts/guided.j2@" + std::string(40, '7')));
    CHECK(has(*graph, "file prompts/guided.j2@" + sample::kPromptBlob));
  }

  TEST_CASE("an object may be named in many ways") {
    Story story;
    const auto roots = [&](const std::string& object) {
      const auto graph = story.ask(object, Direction::up, 0);
      REQUIRE_MESSAGE(graph, object);
      std::string out;
      for (const auto root : graph->roots) out += graph->vertices[root].id + ";";
      return out;
    };

    CHECK(roots("HEAD") == "commit " + story.head + ";");
    CHECK(roots("main") == "commit " + story.head + ";");
    CHECK(roots(story.head.substr(0, 8)) == "commit " + story.head + ";");
    CHECK(roots("01bbbb") == "run 01BBBBBB;");
    CHECK(roots("01AAAAAA/train") == "step 01AAAAAA/train;");
    CHECK(roots("dataset golden") == "file data/golden.jsonl@" + sample::kDatasetBlob + ";");
    CHECK(roots(sys::sha256("weights").to_string()) == "model " + sys::sha256("weights").to_string() + ";");
    CHECK(roots(sys::sha256("adapter").brief()) == "output " + sys::sha256("adapter").to_string() + ";");
    CHECK(roots(sample::kDatasetBlob.substr(0, 10)) == "file data/golden.jsonl@" + sample::kDatasetBlob + ";");
  }

  TEST_CASE("what is not known is a usage error that says what was tried") {
    Story story;
    story.box.sh("git commit -q --allow-empty -m second");

    const auto nothing = story.ask("no-such\x1b[0m", Direction::both), unrecorded = story.ask("HEAD", Direction::both);
    const auto empty = story.ask("", Direction::both);

    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().kind == ErrorKind::usage);
    CHECK(nothing.error().message ==
          "`no-such\\x1b[0m` is no commit, and no run, file, dataset, prompt, model or digest that a record names");
    REQUIRE_FALSE(unrecorded);
    CHECK(unrecorded.error().message ==
          "nothing is recorded of `HEAD`, which is the commit " + brief(story.box.sh("git rev-parse HEAD")));
    CHECK_FALSE(empty);
  }

  TEST_CASE("a hostile name breaks neither the terminal nor DOT") {
    Story story;
    story.box.sh("git commit -q --allow-empty -m second");
    auto run = sample::run("01EVIL00", story.box.sh("git rev-parse HEAD"));
    run.branch = "x\"];\nv0 -> v1";
    run.steps = {sample::train()};
    run.steps[0].id = "a\x1b]0;owned\x07\"b\\";
    run.steps[0].dependencies[1].path = "dir/\x1b[31m\"; evil\nline.py";
    story.keep(run);

    const auto graph = story.ask("01EVIL00", Direction::both);
    REQUIRE(graph);
    const auto text = to_text(*graph), dot = to_dot(*graph);

    CHECK(text.find_first_of("\x1b\x07") == std::string::npos);
    CHECK(text.find("file dir/\\x1b[31m\"; evil line.py@") != std::string::npos);
    CHECK(dot.find_first_of("\x1b\x07") == std::string::npos);
    CHECK(dot.find("[label=\"file dir/\\\\x1b[31m\\\"; evil line.py@" + brief(sample::kScriptBlob) +
                   "\", shape=note]") != std::string::npos);
    CHECK(dot.find("(x\\\"]; v0 -> v1)\", shape=ellipse]") != std::string::npos);
    const auto lines = std::count(dot.begin(), dot.end(), '\n');
    CHECK(lines == static_cast<long>(4 + graph->vertices.size() + graph->edges.size()));
  }

  TEST_CASE("the JSON form names edges by id and has the declared shape") {
    Story story;
    const auto graph = story.ask("HEAD", Direction::both);
    REQUIRE(graph);

    const auto node = to_node(*graph);

    std::string problems;
    for (const auto& error : check(lineage::graph_document_type(), node, schema::Late::refuse))
      problems += render(error);
    CHECK(problems == "");
    CHECK(node.get("object", "") == "HEAD");
    CHECK(node.find("roots")->items().at(0).as_string() == "commit " + story.head);
    CHECK(node.find("vertices")->size() == graph->vertices.size());
    const auto& edges = node.find("edges")->items();
    const auto at = doc::Node::map({{"from", "commit " + story.head}, {"to", "run 01BBBBBB"}, {"label", "at"}});
    CHECK(std::count(edges.begin(), edges.end(), at) == 1);
  }
}
