#include <doctest/doctest.h>

#include "unit/model/outside.h"

namespace llmops::model {
namespace {

Result<Answer, QueryFailure> asked(Query query) {
  Outside<> outside;
  auto context = outside.context();
  ModelConfig config;
  config.provider = "echo";
  auto model = open_model(config, context);
  REQUIRE(model);
  return ask_and_wait(**model, std::move(query));
}

}  // namespace

TEST_SUITE("model/echo") {
  TEST_CASE("an echo answers with its prompt, for nothing") {
    const auto answer = asked(question("hi you"));
    REQUIRE(answer);
    CHECK(answer->text == "hi you");
    CHECK(answer->cost->value == 0);
    CHECK(answer->finish_reason == "stop");
  }

  TEST_CASE("several messages are told as JSON") {
    auto query = question("hi");
    query.messages.insert(query.messages.begin(), {"system", {{"be kind", templating::Origin::author}}});
    const auto answer = asked(std::move(query));
    REQUIRE(answer);
    CHECK(answer->text == R"([{"role":"system","content":"be kind"},{"role":"user","content":"hi"}])");
  }

  TEST_CASE("an echo can't choose, unless the prompt is a choice") {
    auto query = question("yes");
    query.choices = {"yes", "no"};
    CHECK(asked(query)->text == "yes");
    query.choices = {"no"};
    const auto failed = asked(query);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().error.message == "the prompt `yes` is none of the choices, which an echo can't pick from");
  }
}

}  // namespace llmops::model
