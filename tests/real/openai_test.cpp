/// \file  The `openai` provider over the real network stack, against a server that can fail in every way we know.
#include "real/online_machine.h"

namespace llmops::model {

TEST_SUITE("real/openai") {
  TEST_CASE("a thousand queries are answered, sixteen at a time, over kept connections") {
    OnlineMachine machine;
    OpenAiServer server(machine, {"--latency-ms", "5"});
    const auto model = server.model();
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i) texts.push_back("say w" + std::to_string(i));

    const auto totals = machine.ask(model, texts);

    REQUIRE(totals);
    CHECK(totals->asked == 1000);
    CHECK(totals->errors == 0);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      REQUIRE(machine.answers[i].answer);
      CHECK(machine.answers[i].answer->text == "w" + std::to_string(i));
    }
    CHECK(totals->usage == Usage{2000, 1000});
    CHECK(totals->cost->value == doctest::Approx(0.004));
    const auto stats = server.stats();
    CHECK(stats.get("requests", 0) == 1000);
    CHECK(stats.get("authorized", 0) == 1000);
    CHECK(stats.get("most_at_once", 0) <= 16);
    CHECK(stats.get("connections", 0) <= 40);
  }

  TEST_CASE("kept answers need no server") {
    OnlineMachine machine;
    AskedModel model;
    {
      OpenAiServer server(machine);
      model = server.model();
      REQUIRE(machine.one(model, "say yes") == "yes");
    }

    CHECK(machine.one(model, "say yes") == "yes");
    CHECK(machine.answers.front().cached);
    CHECK(machine.one(model, "say no").starts_with("!"));
  }

  TEST_CASE("what may pass is asked again until it does") {
    OnlineMachine machine;
    OpenAiServer server(machine);
    const auto model = server.model();

    CHECK(machine.one(model, "[429:2] fine") == "fine");
    CHECK(machine.answers.front().retries == 2);
    CHECK(machine.one(model, "[503:1] fine") == "fine");
    CHECK(machine.one(model, "[408:1] fine") == "fine");
    CHECK(machine.one(model, "[500:3] fine").find("answered 500 for model `fake-1`; server said: told to answer 500") !=
          std::string::npos);
  }

  TEST_CASE("answers that can't be read are asked for again, and then told for what they are") {
    OnlineMachine machine;
    OpenAiServer server(machine, {"--huge-mib", "65"});
    const auto model = server.model();

    for (const std::string word : {"garbage", "shape", "empty", "utf8"}) {
      CAPTURE(word);
      CHECK(machine.one(model, "[" + word + "] x").find("gave an answer that can't be read") != std::string::npos);
      CHECK(machine.answers.front().retries == 2);
    }
    for (const std::string word : {"cut", "drop", "huge"}) {
      CAPTURE(word);
      CHECK(machine.one(model, "[" + word + "] x").starts_with("!"));
      CHECK(machine.answers.front().error->kind == ErrorKind::environment);
    }
    CHECK(machine.one(model, "still there") == "there");
  }

  TEST_CASE("a wrong key ends the asking after a few queries, and is not shown") {
    OnlineMachine machine;
    OpenAiServer server(machine, {"--api-key", "another"});
    const auto model = server.model();

    const auto totals = machine.ask(model, std::vector<std::string>(200, "hi"));

    REQUIRE(totals);
    CHECK(totals->errors == 200);
    CHECK(server.stats().get("requests", 0) <= 32);
    const auto message = render(*machine.answers.front().error);
    CHECK(message.find("server said: Incorrect API key provided: ***") != std::string::npos);
    CHECK(message.find("sk-test-secret") == std::string::npos);
  }

  TEST_CASE("a slow server is not waited for longer than the timeout") {
    OnlineMachine machine;
    OpenAiServer server(machine);
    auto model = server.model();
    model.config.timeout = Duration{100};
    model.config.retry.times = 0;

    CHECK(machine.one(model, "[slow:30000] x").starts_with("!"));
  }

  TEST_CASE("a prompt that is not answered in time leaves the others theirs") {
    OnlineMachine machine;
    OpenAiServer server(machine);
    auto model = server.model();
    model.config.timeout = Duration{2000};
    model.config.retry.times = 0;
    std::vector<std::string> texts;
    for (int i = 0; i < 20; ++i) texts.push_back("[slow:60000] s" + std::to_string(i));
    for (int i = 0; i < 20; ++i) texts.push_back("say w" + std::to_string(i));

    const auto totals = machine.ask(model, texts);

    REQUIRE(totals);
    CHECK(totals->asked == 40);
    CHECK(totals->errors == 20);
    for (std::size_t i = 0; i < 20; ++i) {
      REQUIRE(machine.answers[i].error);
      CHECK(machine.answers[i].error->message.find("was not answered within") != std::string::npos);
      REQUIRE(machine.answers[i + 20].answer);
      CHECK(machine.answers[i + 20].answer->text == "w" + std::to_string(i));
    }
  }

  TEST_CASE("a server that is busy for ever ends a query after its tries") {
    OnlineMachine machine;
    OpenAiServer server(machine);

    const auto totals = machine.ask(server.model(), {"[429] a", "[429] b", "[429] c", "[429] d", "say e"});

    REQUIRE(totals);
    CHECK(totals->errors == 4);
    CHECK(totals->retries == 8);
    CHECK(server.stats().get("requests", 0) == 13);
    REQUIRE(machine.answers.back().answer);
    CHECK(machine.answers.back().answer->text == "e");
  }

  TEST_CASE("nobody listening is told as such, after which the rest is not asked") {
    OnlineMachine machine;
    AskedModel model;
    {
      OpenAiServer server(machine);
      model = server.model();
    }

    const auto totals = machine.ask(model, std::vector<std::string>(100, "hi"));

    REQUIRE(totals);
    CHECK(totals->errors == 100);
    CHECK(machine.answers.back().error->kind == ErrorKind::environment);
  }

  TEST_CASE("stopping ends queries on their way at once") {
    OnlineMachine machine;
    OpenAiServer server(machine);
    const auto model = server.model();
    StopSource stop;
    std::jthread later([&] {
      while (server.stats().get("requests", 0) < 3) std::this_thread::sleep_for(Duration{5});
      stop.request_stop();
    });

    const auto totals = machine.ask(model, {"[slow:60000] a", "[slow:60000] b", "[slow:60000] c"}, stop.get_token());

    REQUIRE_FALSE(totals);
    CHECK(totals.error().kind == ErrorKind::interrupted);
  }

  TEST_CASE("choices come back as one of them, and raw prompts go to the other endpoint") {
    OnlineMachine machine;
    OpenAiServer server(machine);
    const auto config = server.model().config;
    auto context = machine.context();
    const auto model = *open_openai(config, context);
    const auto ask = [&](Query query) {
      std::mutex mutex;
      std::condition_variable changed;
      std::string out;
      model->ask(std::move(query), {}, [&](Result<Answer, QueryFailure> result) {
        const std::lock_guard lock(mutex);
        out = result ? result->finish_reason + ":" + result->text : "!" + result.error().error.message;
        changed.notify_one();
      });
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !out.empty(); });
      return out;
    };
    Query query;
    query.messages = {{"user", {{"I found a bug", templating::Origin::data}}}};
    query.choices = {"billing", "bug"};

    CHECK(ask(query) == "choice:bug");
    query.choices.clear();
    query.raw = true;
    CHECK(ask(query) == "stop:bug");
  }
}

}  // namespace llmops::model
