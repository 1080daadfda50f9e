#include <doctest/doctest.h>

#include "doc/json.h"
#include "model/api/reading.h"
#include "model/openai/chat.h"
#include "unit/model/outside.h"

namespace llmops::model {
namespace {

ModelConfig config_of(std::string api_key = "sk-secret-1") {
  ModelConfig out;
  out.provider = "openai";
  out.model = "m";
  out.base_url = "http://api.test/v1/";
  out.api_key = std::move(api_key);
  out.headers = {{"x-team", "team-secret-2"}};
  out.price = {2, 8, std::nullopt};
  return out;
}

std::string body_of(const std::string& model, const Query& query) {
  return openai::chat()->call(model, query, api::Delivery::whole)->body;
}

/// What comes of one query when the server answers so.
Result<Answer, QueryFailure> outcome(sys::HttpResponse response, Query query = question("hi")) {
  Outside<> outside;
  outside.http.on_request = [&](const sys::HttpRequest&) { return response; };
  auto context = outside.context();
  auto model = open_openai(config_of(), context);
  REQUIRE(model);
  return ask_and_wait(**model, std::move(query));
}

QueryFailure failure(sys::HttpResponse response, Query query = question("hi")) {
  auto out = outcome(std::move(response), std::move(query));
  REQUIRE_FALSE(out);
  return std::move(out).error();
}

}  // namespace

TEST_SUITE("model/openai") {
  TEST_CASE("a query is sent as the API wants it, with key and headers") {
    Outside<> outside;
    outside.http.on_request = [](const sys::HttpRequest&) { return chat_answer(R"("yes")"); };
    auto context = outside.context();
    const auto model = *open_openai(config_of(), context);
    auto query = question("say \"hi\"\n\x01é");
    query.messages[0].content.push_back({"<|im_end|>", templating::Origin::data});
    query.parameters.temperature = 0.5;
    query.parameters.top_p = 0.9;
    query.parameters.max_tokens = 5;
    query.parameters.seed = 40;
    query.parameters.stop = {"\n"};
    query.parameters.extra = doc::Node::map({{"top_k", 3}, {"temperature", 1}});
    query.repeat = 2;

    REQUIRE(ask_and_wait(*model, query));

    const auto request = outside.http.requests().front();
    CHECK(request.method == "POST");
    CHECK(request.url == "http://api.test/v1/chat/completions");
    CHECK(request.body ==
          R"({"model":"m","messages":[{"role":"user","content":"say \"hi\"\n\u0001é<|im_end|>"}],"top_p":0.9,)"
          R"("max_tokens":5,"seed":42,"stop":["\n"],"top_k":3,"temperature":1})");
    std::map<std::string, std::string> headers;
    for (const auto& header : request.headers) headers[header.name] = header.value.reveal();
    CHECK(headers == std::map<std::string, std::string>{{"accept", "application/json"},
                                                        {"authorization", "Bearer sk-secret-1"},
                                                        {"content-type", "application/json"},
                                                        {"x-team", "team-secret-2"}});
  }

  TEST_CASE("a raw prompt goes to the completions endpoint as one text") {
    Outside<> outside;
    outside.http.on_request = [](const sys::HttpRequest&) {
      return http_answer(200, R"({"choices":[{"text":" yes","finish_reason":"length"}]})");
    };
    auto context = outside.context();
    const auto model = *open_openai(config_of(), context);
    auto query = question("Q: hi\nA:");
    query.raw = true;

    const auto answer = ask_and_wait(*model, query);

    REQUIRE(answer);
    CHECK(answer->text == " yes");
    CHECK(answer->finish_reason == "length");
    CHECK(answer->cost == std::nullopt);
    CHECK(outside.http.requests().front().url == "http://api.test/v1/completions");
    CHECK(outside.http.requests().front().body == R"({"model":"m","prompt":"Q: hi\nA:"})");
  }

  TEST_CASE("OpenAI's reasoning models are given the newer name of the token limit") {
    auto query = question("hi");
    query.parameters.max_tokens = 5;

    CHECK(body_of("gpt-5-mini", query).ends_with(R"("max_completion_tokens":5})"));
    CHECK(body_of("o3", query).ends_with(R"("max_completion_tokens":5})"));
    CHECK(body_of("olmo", query).ends_with(R"("max_tokens":5})"));
  }

  TEST_CASE("an answer tells its text, tokens, time and what the server says it is") {
    const auto answer = outcome(chat_answer(R"("Gr\u00fc\u00dfe")"));

    REQUIRE(answer);
    CHECK(answer->text == "Grüße");
    CHECK(answer->finish_reason == "stop");
    CHECK(answer->usage == Usage{100, 20});
    CHECK_FALSE(answer->cost);
    CHECK(answer->latency == Duration{7});
    CHECK(answer->reported_model == "m-1 (fp_9)");
  }

  TEST_CASE("contents that are no plain text are understood") {
    CHECK(outcome(chat_answer("null"))->text == "");
    CHECK(outcome(chat_answer(R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])"))->text == "ab");
    const auto refusal = outcome(
        http_answer(200, R"({"choices":[{"message":{"content":null,"refusal":"I won't"},"finish_reason":"stop"}]})"));
    REQUIRE(refusal);
    CHECK(refusal->text == "I won't");
    CHECK(refusal->finish_reason == "refusal");
  }

  TEST_CASE("choices are asked for as a schema, and the answer is one of them") {
    auto query = question("hi");
    query.choices = {"bug", "how-to"};

    CHECK(
        body_of("m", query)
            .ends_with(
                R"("response_format":{"type":"json_schema","json_schema":{"name":"choice","strict":true,"schema":{"type":"object",)"
                R"("properties":{"choice":{"type":"string","enum":["bug","how-to"]}},"required":["choice"],"additionalProperties":false}}}})"));
    const auto answer = outcome(chat_answer(R"("{\"choice\": \"how-to\"}")"), query);
    REQUIRE(answer);
    CHECK(answer->text == "how-to");
    CHECK(answer->finish_reason == "choice");
    CHECK(outcome(chat_answer(R"(" bug\n")"), query)->text == "bug");
  }

  TEST_CASE("an answer that is none of the choices is a failure that says what to do") {
    auto query = question("hi");
    query.choices = {"bug", "how-to"};

    const auto other = failure(chat_answer(R"("a bug")"), query);
    CHECK(other.error.message ==
          "`http://api.test/v1/chat/completions` answered `a bug`, expected one of the 2 choices");
    CHECK_FALSE(other.retryable);
    const auto refused =
        failure(http_answer(400, R"({"error":{"message":"response_format is not supported"}})"), query);
    CHECK(refused.error.hint == "this model can't be held to `choices`: leave them out, and score the text instead");
    CHECK_FALSE(refused.retryable);
    query.raw = true;
    CHECK_FALSE(openai::chat()->call("m", query, api::Delivery::whole));
  }

  TEST_CASE("statuses tell whether to ask again, and whether every query fails alike") {
    struct Expected {
      int status;
      bool retryable;
      Extent extent;
    };
    for (const auto& [status, retryable, extent] : std::vector<Expected>{{429, true, Extent::one},
                                                                         {408, true, Extent::one},
                                                                         {409, true, Extent::one},
                                                                         {500, true, Extent::one},
                                                                         {503, true, Extent::one},
                                                                         {401, false, Extent::unanswered},
                                                                         {403, false, Extent::unanswered},
                                                                         {402, false, Extent::all},
                                                                         {404, false, Extent::unanswered},
                                                                         {302, false, Extent::unanswered},
                                                                         {400, false, Extent::one},
                                                                         {413, false, Extent::one},
                                                                         {422, false, Extent::one}}) {
      CAPTURE(status);
      const auto out = failure(http_answer(status, ""));
      CHECK(out.retryable == retryable);
      CHECK(out.extent == extent);
      CHECK(out.error.message ==
            "`http://api.test/v1/chat/completions` answered " + std::to_string(status) + " for model `m`");
    }
  }

  TEST_CASE("a quota that is used up does not come back by asking again") {
    const auto out =
        failure(http_answer(429, R"({"error":{"message":"You exceeded your quota","code":"insufficient_quota"}})"));

    CHECK_FALSE(out.retryable);
    CHECK(out.extent == Extent::all);
    CHECK(out.error.hint == "the account's quota is used up: see its plan and billing");
  }

  TEST_CASE("the server's words are marked, cut short, made safe, and hold no secrets") {
    const auto said = [](const std::string& body) {
      const auto message = failure(http_answer(400, body)).error.message;
      return message.substr(message.find("server said: "));
    };

    CHECK(said(R"({"error":{"message":"too long"}})") == "server said: too long");
    CHECK(said(R"({"error":"no such thing"})") == "server said: no such thing");
    CHECK(said(R"({"detail":[{"loc":"x"}]})") == R"(server said: [{"loc":"x"}])");
    CHECK(said("<html>\x1b[2J busy") == "server said: <html>\\x1b[2J busy");
    CHECK(said(R"({"error":{"message":"bad key sk-secret-1 of team-secret-2"}})") == "server said: bad key *** of ***");
    CHECK(said(std::string(5000, 'x')).size() == 13 + 299 + 3);
  }

  TEST_CASE("a body that can't be read is worth another try, and the error says what is wrong") {
    const auto message = [](sys::HttpResponse response) {
      const auto out = failure(std::move(response));
      CHECK(out.retryable);
      CHECK(out.extent == Extent::one);
      return out.error.message;
    };

    CHECK(message(http_answer(200, "<html>hello")).find("it starts with `<html>hello`") != std::string::npos);
    CHECK(message(http_answer(200, R"({"choices":[{"mess)")).find("can't be read") != std::string::npos);
    CHECK(message(http_answer(200, "")).find("can't be read") != std::string::npos);
    CHECK(message(http_answer(200, "[1,2]")).find("`choices[0].message.content` is missing") != std::string::npos);
    CHECK(message(http_answer(200, R"({"choices":[]})")).find("is missing") != std::string::npos);
    CHECK(message(http_answer(200, R"({"choices":[{"message":{"content":7}}]})")).find("is missing") !=
          std::string::npos);
    CHECK(message(http_answer(200, R"({"choices":[{"text":"for the other endpoint"}]})")).find("is missing") !=
          std::string::npos);
    CHECK(message(chat_answer("\"\xff\"")).find("is not UTF-8") != std::string::npos);
  }

  TEST_CASE("Retry-After is read in seconds, milliseconds and as a date") {
    fakes::FakeClock clock;
    const auto wait = [&](std::pair<std::string, std::string> header) {
      auto response = http_answer(429, "");
      response.headers = {std::move(header)};
      return api::retry_after(response, clock.now());
    };

    CHECK(wait({"retry-after", "2"}) == Duration{2000});
    CHECK(wait({"retry-after", " 0.25 "}) == Duration{250});
    CHECK(wait({"retry-after-ms", "120"}) == Duration{120});
    CHECK(wait({"retry-after", "Fri, 02 Jan 2026 03:04:15 GMT"}) == Duration{10'000});
    CHECK(wait({"retry-after", "Fri, 02 Jan 2026 03:04:00 GMT"}) == Duration{0});
    CHECK(wait({"retry-after", "Fri, 02 Jan 9999 03:04:00 GMT"}) > Duration{1'000'000'000});
    CHECK(wait({"retry-after", "soon"}) == std::nullopt);
    CHECK(wait({"retry-after", "-3"}) == std::nullopt);
    CHECK(wait({"retry-after", "nan"}) == std::nullopt);
    CHECK(wait({"retry-after", "Fri, 32 Jan 2026 03:04:00 GMT"}) == std::nullopt);
  }

  TEST_CASE("a failure of the connection is worth another try, and tells whether the server was reached") {
    using Of = sys::HttpFailure::Of;
    for (const auto& [of, extent] : {std::pair{Of::server, Extent::unanswered}, {Of::request, Extent::one}}) {
      Outside<> outside;
      outside.http.on_request = [of = of](const sys::HttpRequest&) -> sys::HttpResult {
        return sys::HttpFailure{environment_error("no answer of `api.test`"), of};
      };
      auto context = outside.context();
      const auto model = *open_openai(config_of(), context);

      const auto out = ask_and_wait(*model, question("hi"));

      REQUIRE_FALSE(out);
      CHECK(out.error().retryable);
      CHECK(out.error().extent == extent);
      CHECK(out.error().error.trail == std::vector<std::string>{"asking model `m`"});
    }
  }

  TEST_CASE("a stopped query is interrupted, and not asked again") {
    Outside<> outside;
    outside.http.hold();
    auto context = outside.context();
    const auto model = *open_openai(config_of(), context);
    StopSource stop;
    stop.request_stop();

    const auto out = ask_and_wait(*model, question("hi"), stop.get_token());

    REQUIRE_FALSE(out);
    CHECK(out.error().error.kind == ErrorKind::interrupted);
    CHECK_FALSE(out.error().retryable);
  }

  TEST_CASE("a prompt that is not UTF-8 is never sent") {
    Outside<> outside;
    auto context = outside.context();
    const auto model = *open_openai(config_of(), context);

    const auto out = ask_and_wait(*model, question("\xff"));

    REQUIRE_FALSE(out);
    CHECK_FALSE(out.error().retryable);
    CHECK(outside.http.count() == 0);
  }

  TEST_CASE("sixteen at once unless the recipe says otherwise") {
    Outside<> outside;
    auto context = outside.context();
    auto config = config_of();

    CHECK((*open_openai(config, context))->concurrency() == 16);
    config.concurrency = 3;
    CHECK((*open_openai(config, context))->concurrency() == 3);
  }
}

}  // namespace llmops::model
