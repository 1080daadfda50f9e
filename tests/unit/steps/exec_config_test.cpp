#include "steps/exec/exec_config.h"

#include <doctest/doctest.h>

#include "steps/exec/exec.h"

using namespace llmops;
using steps::exec::ExecConfig;
using steps::exec::outputs_of;

namespace {

Result<std::vector<steps::exec::NamedPath>, Errors> outputs_written(doc::Node node) {
  ExecConfig config;
  config.outputs = std::move(node);
  return outputs_of(config);
}

}  // namespace

TEST_CASE("outputs are named by their key in a map, and by their path in a list") {
  const auto map = outputs_written(doc::Node::map({{"model", "out/m.bin"}}));
  REQUIRE(map.has_value());
  CHECK(map->front().name == "model");
  CHECK(map->front().path == "out/m.bin");
  const auto list = outputs_written(doc::Node::strings({"a", "b/c"}));
  REQUIRE(list.has_value());
  CHECK(list->at(1).name == "b/c");
  CHECK(list->at(1).path == "b/c");
}

TEST_CASE("an output can't reach out of the repository, be all of it, or be what git and llmops keep") {
  for (const auto* path : {"", ".", "./", "/tmp/x", "..", "../x", "a/../../x", "a/..", ".git", ".git/config", "./.git",
                           "a/.git/x", ".llmops", ".llmops/journal", ".//", "./.", "././", "a/./.."}) {
    CAPTURE(path);
    const auto outputs = outputs_written(doc::Node::strings({path}));
    REQUIRE_FALSE(outputs.has_value());
    CHECK(outputs.error().front().message == "`" + std::string(path) + "` can't be an output");
  }
}

TEST_CASE("names that only look like those are outputs") {
  for (const auto* path : {"..x", "a..b", ".github/x", ".llmops2", "./out", "a/.b/c"}) {
    CAPTURE(path);
    CHECK(outputs_written(doc::Node::strings({path})).has_value());
  }
}

TEST_CASE("every output that can't be one is told") {
  const auto outputs = outputs_written(doc::Node::map({{"a", "../a"}, {"b", doc::Node::list()}, {"c", "ok"}}));
  REQUIRE_FALSE(outputs.has_value());
  CHECK(outputs.error().size() == 2);
}

TEST_CASE("a program is given by its words or as a shell line, not both and not neither") {
  const auto& kind = steps::exec::kind();
  CHECK_FALSE(kind.declare(doc::Node::map()).has_value());
  CHECK_FALSE(kind.declare(doc::Node::map({{"command", doc::Node::strings({"a"})}, {"shell", "a"}})).has_value());
  const auto declared = kind.declare(doc::Node::map({{"shell", "python3 train.py"}}));
  REQUIRE(declared.has_value());
  CHECK(declared->always_runs);
  CHECK(declared->reads.maybe.back().value == "train.py");
}
