/// \file  The `exec` provider with a real program.
#include "real/online_machine.h"

namespace llmops::model {
namespace {

AskedModel program() {
  AskedModel out;
  out.name = "chain";
  out.config.provider = "exec";
  out.config.command = {"python3", "tests/fakes/echo_program.py"};
  out.config.retry = {1, Duration{1}};
  out.identity = sys::sha256("echo");
  return out;
}

}  // namespace

TEST_SUITE("real/exec") {
  TEST_CASE("a program answers many queries") {
    OnlineMachine machine;
    const auto model = program();
    std::vector<std::string> texts;
    for (int i = 0; i < 500; ++i) texts.push_back("say w" + std::to_string(i));

    const auto totals = machine.ask(model, texts);

    REQUIRE(totals);
    CHECK(totals->errors == 0);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      REQUIRE(machine.answers[i].answer);
      CHECK(machine.answers[i].answer->text == "w" + std::to_string(i));
    }
    CHECK(machine.answers[0].answer->reported_model == "echo 1");
  }

  TEST_CASE("a program that dies is told of with its last words") {
    OnlineMachine machine;
    const auto model = program();

    CHECK(machine.one(model, "now die") ==
          "!the program `python3 tests/fakes/echo_program.py` ended with status 7 while 1 query waited for an answer");
    CHECK(machine.answers.front().error->hint == "its last words: I was told to die");
    CHECK(machine.answers.front().retries == 1);
  }

  TEST_CASE("a program's errors and junk are told apart") {
    OnlineMachine machine;
    const auto model = program();

    CHECK(machine.one(model, "please fail") == "!the program `python3 tests/fakes/echo_program.py` said: told to fail");
    CHECK(machine.one(model, "some junk").find("wrote line 2, `this is no answer`, and it is no JSON") !=
          std::string::npos);
  }

  TEST_CASE("a program that says nothing is not waited for longer than the timeout") {
    OnlineMachine machine;
    auto model = program();
    model.config.timeout = Duration{300};

    CHECK(machine.one(model, "just sleep").ends_with("gave no answer within 300ms"));
  }

  TEST_CASE("stopping does not wait for the program") {
    OnlineMachine machine;
    const auto model = program();
    StopSource stop;
    std::jthread later([&] {
      std::this_thread::sleep_for(Duration{300});
      stop.request_stop();
    });

    const auto totals = machine.ask(model, {"just sleep"}, stop.get_token());

    REQUIRE_FALSE(totals);
    CHECK(totals.error().kind == ErrorKind::interrupted);
  }

  TEST_CASE("a program that is not there is named") {
    OnlineMachine machine;
    auto model = program();
    model.config.command = {"./no/such/program"};

    CHECK(machine.one(model, "hi").find("no/such/program") != std::string::npos);
  }
}

}  // namespace llmops::model
