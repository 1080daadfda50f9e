/// \file  What all APIs have in common, over the real network stack: each against a server of ours that speaks as the
/// real one does, and can fail in every way we know.
#include "real/online_machine.h"

namespace llmops::model {
namespace {

struct Spoken {
  std::string provider, api;
  bool streamed = false;
};

std::vector<Spoken> all_spoken() {
  std::vector<Spoken> out;
  for (const bool streamed : {false, true}) {
    out.push_back({"openai", "chat", streamed});
    out.push_back({"openai", "responses", streamed});
    out.push_back({"anthropic", "chat", streamed});
    out.push_back({"ollama", "chat", streamed});
  }
  return out;
}

AskedModel model_of(const ApiServer& server, const Spoken& spoken) {
  auto out = server.model();
  out.config.api = spoken.api;
  out.config.stream = spoken.streamed;
  return out;
}

std::string name(const Spoken& spoken) {
  return spoken.provider + " " + spoken.api + (spoken.streamed ? ", streamed" : "");
}

}  // namespace

TEST_SUITE("real/api") {
  TEST_CASE("many queries are answered, with tokens, cost and what the server says it is") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider, {"--api-key", "sk-test-secret"});
      std::vector<std::string> texts;
      for (int i = 0; i < 100; ++i) texts.push_back("say w" + std::to_string(i));

      const auto totals = machine.ask(model_of(server, spoken), texts);

      REQUIRE(totals);
      CHECK(totals->errors == 0);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        REQUIRE(machine.answers[i].answer);
        CHECK(machine.answers[i].answer->text == "w" + std::to_string(i));
      }
      const auto& answer = *machine.answers.front().answer;
      CHECK(answer.finish_reason == "stop");
      CHECK(answer.usage.input_tokens == (spoken.provider == "anthropic" ? 10 : 2));
      CHECK(answer.usage.output_tokens == 1);
      CHECK(answer.cost.has_value());
      CHECK(answer.reported_model.starts_with("fake-1"));
      CHECK(answer.time_to_first_token.has_value() == spoken.streamed);
    }
  }

  TEST_CASE("what may pass is asked again until it does, a server's Retry-After heeded") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      const auto model = model_of(server, spoken);

      for (const std::string status : {"429", "500", "503", "529", "408"}) {
        CHECK(machine.one(model, "[" + status + ":2] fine") == "fine");
        CHECK(machine.answers.front().retries == 2);
      }
      CHECK(
          machine.one(model, "[500] never").find("answered 500 for model `fake-1`; server said: told to answer 500") !=
          std::string::npos);
    }
  }

  TEST_CASE("answers that can't be read are told for what they are, and are never short answers") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      const auto model = model_of(server, spoken);

      for (const std::string word : {"garbage", "shape", "empty", "utf8", "cut", "drop", "huge"}) {
        CAPTURE(word);
        const auto said = machine.one(model, "one two three four five [" + word + "]");
        CHECK(said.starts_with("!"));
        CHECK(machine.answers.front().retries == 2);
        CHECK(machine.answers.front().error->kind == ErrorKind::environment);
      }
      CHECK(machine.one(model, "still there") == "there");
    }
  }

  TEST_CASE("a stream that ends early, breaks or tells of an error is asked again") {
    for (const auto& spoken : all_spoken()) {
      if (!spoken.streamed) continue;
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      const auto model = model_of(server, spoken);

      CHECK(machine.one(model, "[short-stream] one two").find("it ended before the answer did") != std::string::npos);
      CHECK(machine.answers.front().retries == 2);
      CHECK(machine.one(model, "[piece] one two").find("a piece of it is broken") != std::string::npos);
      CHECK(machine.one(model, "[midway] one two").find("answered with an error") != std::string::npos);
      CHECK(machine.answers.front().retries == 2);
      CHECK(machine.one(model, "[whole] one two") == "two");
    }
  }

  TEST_CASE("a stream without end is ended by its timeout or by its size, and nothing else is held up") {
    for (const auto& spoken : all_spoken()) {
      if (!spoken.streamed) continue;
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      auto model = model_of(server, spoken);
      model.config.timeout = Duration{3000};
      model.config.retry.times = 0;

      const auto totals = machine.ask(model, {"[endless] one two", "say three"});

      REQUIRE(totals);
      CHECK(totals->errors == 1);
      REQUIRE(machine.answers.front().error);
      CHECK(machine.answers.front().error->kind == ErrorKind::environment);
      REQUIRE(machine.answers.back().answer);
      CHECK(machine.answers.back().answer->text == "three");
    }
  }

  TEST_CASE("the time to the first token is that of the first piece of the answer, not of the last") {
    for (const auto& spoken : all_spoken()) {
      if (!spoken.streamed) continue;
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider, {"--labels", "one two three four"});
      const auto model = model_of(server, spoken);

      REQUIRE(machine.one(model, "[pause:1500] x") == "one two three four");

      const auto& answer = *machine.answers.front().answer;
      REQUIRE(answer.time_to_first_token);
      CHECK(answer.latency >= Duration{1500});
      CHECK(*answer.time_to_first_token + Duration{500} <= answer.latency);
    }
  }

  TEST_CASE("a wrong key ends the asking after a few queries, and is not shown") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider, {"--api-key", "another"});

      const auto totals = machine.ask(model_of(server, spoken), std::vector<std::string>(100, "hi"));

      REQUIRE(totals);
      CHECK(totals->errors == 100);
      CHECK(server.stats().get("requests", 0) <= 32);
      const auto message = render(*machine.answers.front().error);
      CHECK(message.find("answered 401 for model `fake-1`") != std::string::npos);
      CHECK(message.find("check `api_key`") != std::string::npos);
      CHECK(message.find("sk-test-secret") == std::string::npos);
    }
  }

  TEST_CASE("a model that the server does not have is told with what to do") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider, {"--models", "another"});

      CHECK(machine.one(model_of(server, spoken), "hi").find("answered 404") != std::string::npos);

      CHECK(machine.answers.front().error->hint ==
            (spoken.provider == "ollama"
                 ? "`ollama pull fake-1` brings a model to that server; `ollama list` tells which it has"
                 : "check `model` and `base_url`"));
    }
  }

  TEST_CASE("answers cut off by the limit of tokens are answers, and refusals are told apart") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      const auto model = model_of(server, spoken);

      CHECK(machine.one(model, "[short] word") == "word");
      CHECK(machine.answers.front().answer->finish_reason == "length");
      if (spoken.provider == "ollama") continue;  // its models refuse in plain words
      REQUIRE_FALSE(machine.one(model, "[refuse] word").starts_with("!"));
      CHECK(machine.answers.front().answer->finish_reason == "refusal");
    }
  }

  TEST_CASE("answers are held to a schema, in the words of each API") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      auto model = model_of(server, spoken);
      const auto schema = doc::parse_json_data(
          R"({"type":"object","additionalProperties":false,"required":["city","n"],"properties":{"city":{"type":"string"},"n":{"type":"integer"}}})");
      model.config.parameters.format = doc::Node::map({{"schema", *schema}});

      CHECK(machine.one(model, "weather in Paris") == R"({"city": "Paris", "n": 3})");
    }
  }

  TEST_CASE("tools that the model wants called come back by name and arguments, the same for every API") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider);
      auto model = model_of(server, spoken);
      model.config.parameters.tools = *doc::parse_json_data(
          R"([{"type":"function","function":{"name":"get_weather","description":"now","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}}}},)"
          R"({"name":"get_time"},{"name":"never"}])");

      REQUIRE_FALSE(machine.one(model, "get_weather and get_time in Paris").starts_with("!!"));

      REQUIRE(machine.answers.front().answer);
      const auto& answer = *machine.answers.front().answer;
      CHECK(answer.finish_reason == "tool_calls");
      REQUIRE(answer.tool_calls.size() == 2);
      CHECK(answer.tool_calls[0] == ToolCall{"get_weather", doc::Node::map({{"city", "Paris"}, {"days", 5}})});
      CHECK(answer.tool_calls[1] == ToolCall{"get_time", doc::Node::map()});
      CHECK(machine.one(model, "get_weather and get_time in Paris").find("!") == std::string::npos);
      REQUIRE(machine.answers.front().cached);
      CHECK(machine.answers.front().answer->tool_calls == answer.tool_calls);
      CHECK(machine.one(model, "nothing of it") == "it");
      CHECK(machine.answers.front().answer->tool_calls.empty());
    }
  }

  TEST_CASE("log-probabilities are told where the API has them") {
    for (const auto& spoken : all_spoken()) {
      CAPTURE(name(spoken));
      OnlineMachine machine;
      ApiServer server(machine, spoken.provider, {"--labels", "one two three"});
      auto model = model_of(server, spoken);
      model.config.parameters.logprobs = true;

      REQUIRE(machine.one(model, "hi") == "one two three");

      const auto mean = machine.answers.front().answer->mean_log_probability;
      CHECK(mean.has_value() == (spoken.provider != "anthropic"));
      CHECK(mean.value_or(-0.5) == doctest::Approx(-0.5));
    }
  }

  TEST_CASE("stopping ends streams on their way at once") {
    OnlineMachine machine;
    ApiServer server(machine, "anthropic");
    const auto model = model_of(server, {"anthropic", "chat", true});
    StopSource stop;
    std::jthread later([&] {
      while (server.stats().get("requests", 0) < 2) std::this_thread::sleep_for(Duration{5});
      stop.request_stop();
    });

    const auto totals = machine.ask(model, {"[endless] a", "[pause:60000] a b c d"}, stop.get_token());

    REQUIRE_FALSE(totals);
    CHECK(totals.error().kind == ErrorKind::interrupted);
  }
}

}  // namespace llmops::model
