/// \file  The words of each API: what is sent, and what is made of what comes back.
#include <doctest/doctest.h>

#include "doc/json.h"
#include "model/api/reading.h"
#include "model/price.h"
#include "unit/model/outside.h"

namespace llmops::model {
namespace {

ModelConfig config_of(const std::string& provider, const std::string& api = "chat") {
  ModelConfig out;
  out.provider = provider;
  out.api = api;
  out.model = "m";
  out.base_url = "http://api.test";
  out.api_key = "sk-secret-1";
  out.price = {2, 8, std::nullopt};
  return out;
}

struct Exchange {
  sys::HttpRequest request;
  std::optional<Result<Answer, QueryFailure>> result;
  std::string body() const { return request.body; }
  const Answer& answer() const {
    REQUIRE(result);
    REQUIRE(*result);
    return **result;
  }
  const QueryFailure& failure() const {
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    return result->error();
  }
};

/// One query, answered so; where the model streams, byte by byte.
Exchange converse(const ModelConfig& config, const std::string& reply, Query query = question("hi"), int status = 200) {
  Outside<> outside;
  outside.http.on_request = [&](const sys::HttpRequest& request) {
    auto response = http_answer(status, reply);
    if (request.on_body) {
      for (const char byte : reply) REQUIRE(request.on_body({&byte, 1}));
      response.body.clear();
    }
    return response;
  };
  auto context = outside.context();
  const auto model = *open_model(config, context);
  Exchange out;
  out.result.emplace(ask_and_wait(*model, std::move(query)));
  if (*out.result) {
    (**out.result).busy = (**out.result).latency;
    put_cost(pricing_of(config), **out.result);
  }
  if (outside.http.count() > 0) out.request = outside.http.requests().front();
  return out;
}

ModelConfig streamed(ModelConfig config) {
  config.stream = true;
  return config;
}

std::map<std::string, std::string> headers_of(const Exchange& done) {
  std::map<std::string, std::string> out;
  for (const auto& header : done.request.headers) out[header.name] = header.value.reveal();
  return out;
}

Query instructed(std::string text) {
  auto out = question(std::move(text));
  out.messages.insert(out.messages.begin(), {{"system", {{"Be brief.", templating::Origin::author}}},
                                             {"developer", {{"Be kind.", templating::Origin::author}}}});
  return out;
}

const std::string kMessage =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x",)"
    R"("content":[{"type":"text","text":"yes"}],"stop_reason":"end_turn","usage":)"
    R"({"input_tokens":10,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"output_tokens":4}})";
const std::string kResponse =
    R"({"id":"resp_1","status":"completed","model":"gpt-x","output":[{"type":"reasoning","summary":[]},{"type":"message",)"
    R"("content":[{"type":"output_text","text":"ye"},{"type":"output_text","text":"s"}]}],)"
    R"("usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":5},"output_tokens":3}})";
const std::string kOllama = R"({"model":"llama3","message":{"role":"assistant","content":"yes"},"done":true,)"
                            R"("done_reason":"stop","prompt_eval_count":7,"eval_count":2})";

}  // namespace

TEST_SUITE("model/apis") {
  TEST_CASE("Anthropic is sent the system apart, a limit of tokens, its version and its key") {
    auto query = instructed("hi");
    query.parameters.temperature = 0.5;
    query.parameters.seed = 3;
    query.parameters.stop = {"\n"};
    query.parameters.extra = doc::Node::map({{"top_k", 3}});

    const auto out = converse(config_of("anthropic"), kMessage, query);

    CHECK(out.request.url == "http://api.test/v1/messages");
    CHECK(
        out.body() ==
        R"({"model":"m","max_tokens":4096,"system":"Be brief.\n\nBe kind.","messages":[{"role":"user","content":"hi"}],)"
        R"("temperature":0.5,"stop_sequences":["\n"],"top_k":3})");
    CHECK(headers_of(out) == std::map<std::string, std::string>{{"accept", "application/json"},
                                                                {"anthropic-version", "2023-06-01"},
                                                                {"content-type", "application/json"},
                                                                {"x-api-key", "sk-secret-1"}});
  }

  TEST_CASE("a recipe's own header wins over the API's") {
    auto config = config_of("anthropic");
    config.headers = {{"Anthropic-Version", "2099-01-01"}};

    const auto headers = headers_of(converse(config, kMessage));

    CHECK(headers.at("Anthropic-Version") == "2099-01-01");
    CHECK_FALSE(headers.contains("anthropic-version"));
  }

  TEST_CASE("Anthropic's tokens are those of the whole prompt, with what its cache gave and took") {
    const auto answer = converse(config_of("anthropic"), kMessage).answer();

    CHECK(answer.text == "yes");
    CHECK(answer.finish_reason == "stop");
    CHECK(answer.usage == Usage{1110, 4, 1000, 100});
    CHECK(answer.cost->value == doctest::Approx((1110 * 2 + 4 * 8) / 1e6));
    CHECK(answer.reported_model == "claude-x");
  }

  TEST_CASE("reasons to stop are told in the same words for every API") {
    const auto reason = [](const std::string& word) {
      return converse(config_of("anthropic"), R"({"content":[],"stop_reason":")" + word + R"("})")
          .answer()
          .finish_reason;
    };

    CHECK(reason("end_turn") == "stop");
    CHECK(reason("stop_sequence") == "stop");
    CHECK(reason("max_tokens") == "length");
    CHECK(reason("model_context_window_exceeded") == "length");
    CHECK(reason("tool_use") == "tool_calls");
    CHECK(reason("refusal") == "refusal");
    CHECK(reason("pause_turn") == "pause_turn");
  }

  TEST_CASE("what Anthropic can't be asked is an error before anything is sent") {
    auto late = instructed("hi");
    std::swap(late.messages.front(), late.messages.back());
    const auto out = converse(config_of("anthropic"), kMessage, late);
    CHECK(out.failure().error.message ==
          "a system message stands behind others, and Anthropic's API takes it in front only");
    CHECK(out.request.url.empty());

    auto raw = question("hi");
    raw.raw = true;
    CHECK(converse(config_of("anthropic"), kMessage, raw).failure().error.message ==
          "a raw prompt can't be asked of Anthropic's API");
  }

  TEST_CASE("Anthropic's errors say whether to ask again") {
    const auto error = [](int status, const std::string& type, const std::string& words = "no") {
      return converse(config_of("anthropic"),
                      R"({"type":"error","error":{"type":")" + type + R"(","message":")" + words + R"("}})",
                      question("hi"), status)
          .failure();
    };

    CHECK(error(529, "overloaded_error", "Overloaded").retryable);
    CHECK(error(529, "overloaded_error", "Overloaded").error.message ==
          "`http://api.test/v1/messages` answered 529 for model `m`; server said: Overloaded");
    CHECK(error(429, "rate_limit_error").retryable);
    CHECK(error(401, "authentication_error", "invalid x-api-key").extent == Extent::unanswered);
    const auto broke = error(400, "invalid_request_error", "Your credit balance is too low to access the API");
    CHECK(broke.extent == Extent::all);
    CHECK(broke.error.hint == "the account's quota is used up: see its plan and billing");
    CHECK_FALSE(error(413, "request_too_large").retryable);
  }

  TEST_CASE("Responses are asked with instructions and input, and nothing is stored there") {
    auto query = instructed("hi");
    query.parameters.max_tokens = 20;
    query.parameters.seed = 3;

    const auto out = converse(config_of("openai", "responses"), kResponse, query);

    CHECK(out.request.url == "http://api.test/responses");
    CHECK(out.body() ==
          R"({"model":"m","instructions":"Be brief.\n\nBe kind.","input":[{"role":"user","content":"hi"}],)"
          R"("max_output_tokens":20,"store":false})");
    CHECK(out.answer().text == "yes");
    CHECK(out.answer().usage == Usage{9, 3, 5, std::nullopt});
    query.parameters.extra = doc::Node::map({{"store", true}});
    CHECK(converse(config_of("openai", "responses"), kResponse, query).body().ends_with(R"("store":true})"));
  }

  TEST_CASE("a response that is incomplete, failed or refused says so") {
    const auto config = config_of("openai", "responses");
    CHECK(converse(config, R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})")
              .answer()
              .finish_reason == "length");
    CHECK(converse(config, R"({"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]})")
              .answer()
              .finish_reason == "content_filter");
    const auto refusal = converse(
        config,
        R"({"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]})");
    CHECK(refusal.answer().finish_reason == "refusal");
    CHECK(refusal.answer().text == "no");

    const auto failed =
        converse(config, R"({"status":"failed","error":{"code":"server_error","message":"it broke"},"output":[]})");
    CHECK(failed.failure().retryable);
    CHECK(failed.failure().error.message ==
          "`http://api.test/responses` answered with an error (`server_error`) for model `m`; server said: it broke");
    CHECK_FALSE(converse(config, R"({"status":"failed","error":{"code":"invalid_prompt","message":"no"},"output":[]})")
                    .failure()
                    .retryable);
  }

  TEST_CASE("what Responses lack is an error, not left out") {
    const auto config = config_of("openai", "responses");
    auto query = question("hi");
    query.parameters.stop = {"\n"};
    CHECK(converse(config, kResponse, query).failure().error.message ==
          "`stop` can't be asked of the Responses API, which has no stop texts");
    query = question("hi");
    query.raw = true;
    CHECK(converse(config, kResponse, query).failure().error.message ==
          "a raw prompt can't be asked of the Responses API");
  }

  TEST_CASE("Ollama is asked by its own API, with its own options") {
    auto query = instructed("hi");
    query.parameters.temperature = 0;
    query.parameters.max_tokens = 5;
    query.parameters.seed = 40;
    query.parameters.context = 8192;
    query.parameters.stop = {"\n"};
    query.parameters.extra =
        doc::Node::map({{"keep_alive", "5m"}, {"options", doc::Node::map({{"seed", 1}, {"top_k", 2}})}});
    query.repeat = 2;

    const auto out = converse(config_of("ollama"), kOllama, query);

    CHECK(out.request.url == "http://api.test/api/chat");
    CHECK(
        out.body() ==
        R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":"Be kind."},)"
        R"({"role":"user","content":"hi"}],"options":{"temperature":0.0,"num_predict":5,"seed":1,"num_ctx":8192,"stop":["\n"],"top_k":2},)"
        R"("stream":false,"keep_alive":"5m"})");
    CHECK(out.answer().text == "yes");
    CHECK(out.answer().usage == Usage{7, 2});
    CHECK(out.answer().reported_model == "llama3");
  }

  TEST_CASE("a raw prompt goes to Ollama's other endpoint") {
    auto query = question("Q: hi\nA:");
    query.raw = true;

    const auto out =
        converse(config_of("ollama"), R"({"model":"m","response":" yes","done":true,"done_reason":"length"})", query);

    CHECK(out.request.url == "http://api.test/api/generate");
    CHECK(out.body() == R"({"model":"m","prompt":"Q: hi\nA:","raw":true,"stream":false})");
    CHECK(out.answer().text == " yes");
    CHECK(out.answer().finish_reason == "length");
  }

  TEST_CASE("an Ollama on this machine costs nothing that is known, unless the machine has a price") {
    auto config = config_of("ollama");
    config.price = {};
    CHECK(converse(config, kOllama).answer().cost == std::nullopt);
    config.price.usd_per_hour = 3600;
    CHECK(converse(config, kOllama).answer().cost->value == doctest::Approx(0.007));
  }

  TEST_CASE("a model that Ollama lacks is told with the command that brings it") {
    const auto out = converse(config_of("ollama"), R"({"error":"model 'm' not found"})", question("hi"), 404).failure();

    CHECK(out.error.message ==
          "`http://api.test/api/chat` answered 404 for model `m`; server said: model 'm' not found");
    CHECK(out.error.hint == "`ollama pull m` brings a model to that server; `ollama list` tells which it has");
  }

  TEST_CASE("choices are asked for as a schema in the words of each API") {
    auto query = question("hi");
    query.choices = {"bug", "how-to"};
    const std::string schema =
        R"({"type":"object","properties":{"choice":{"type":"string","enum":["bug","how-to"]}},"required":["choice"],"additionalProperties":false})";
    const std::string chosen = R"("{\"choice\": \"how-to\"}")";

    auto out = converse(config_of("anthropic"), R"({"content":[{"type":"text","text":)" + chosen + "}]}", query);
    CHECK(out.body().ends_with(R"("output_config":{"format":{"type":"json_schema","schema":)" + schema + "}}}"));
    CHECK(out.answer().text == "how-to");
    CHECK(out.answer().finish_reason == "choice");
    out =
        converse(config_of("openai", "responses"),
                 R"({"output":[{"type":"message","content":[{"type":"output_text","text":)" + chosen + "}]}]}", query);
    CHECK(out.body().find(R"("text":{"format":{"type":"json_schema","name":"choice","strict":true,"schema":)" + schema +
                          "}}") != std::string::npos);
    CHECK(out.answer().text == "how-to");
    out = converse(config_of("ollama"), R"({"message":{"content":)" + chosen + R"(},"done":true})", query);
    CHECK(out.body().find(R"("format":)" + schema) != std::string::npos);
    CHECK(out.answer().text == "how-to");
  }

  TEST_CASE("a chat that is streamed is put together, with its tokens and its refusals") {
    auto config = streamed(config_of("openai"));
    const auto out = converse(
        config,
        ": open\r\n\r\nevent: x\r\ndata: "
        "{\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n"
        "data:{\"choices\":[{\"index\":0,\r\ndata: \"delta\":{\"content\":\"Gr\xc3\xbc\"}}]}\r\n\r\n"
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"another\"}}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"n\"},\"finish_reason\":null}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
        "data: "
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_"
        "tokens\":1}}}\n\n"
        "data: [DONE]\n\n");

    CHECK(out.body().ends_with(R"("stream":true,"stream_options":{"include_usage":true}})"));
    CHECK(out.answer().text == "Grün");
    CHECK(out.answer().finish_reason == "length");
    CHECK(out.answer().usage == Usage{3, 2, 1, std::nullopt});
    CHECK(out.answer().reported_model == "m-1");
    CHECK(out.answer().time_to_first_token);
    const auto refusal =
        converse(config,
                 "data: {\"choices\":[{\"delta\":{\"refusal\":\"I wo\"}}]}\n\n"
                 "data: {\"choices\":[{\"delta\":{\"refusal\":\"n't\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]");
    CHECK(refusal.answer().text == "I won't");
    CHECK(refusal.answer().finish_reason == "refusal");
  }

  TEST_CASE("a message that is streamed is put together, thoughts left out") {
    const auto out = converse(
        streamed(config_of("anthropic")),
        "event: message_start\ndata: "
        "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\",\"content\":[],\"stop_reason\":null,"
        "\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\n"
        "data: "
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n"
        "data: "
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
        "data: {\"type\":\"ping\"}\n\n"
        "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"ye\"}}\n\n"
        "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"s\"}}\n\n"
        "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
        "data: "
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":9}}\n\n"
        "data: {\"type\":\"message_stop\"}\n\n");

    CHECK(out.answer().text == "yes");
    CHECK(out.answer().finish_reason == "length");
    CHECK(out.answer().usage == Usage{15, 9, 5, std::nullopt});
  }

  TEST_CASE("a stream that ends early, breaks or tells of an error is worth another try") {
    const std::string begun = "data: {\"choices\":[{\"delta\":{\"content\":\"half an\"}}]}\n\n";
    const auto failed = [&](const std::string& rest) {
      const auto out = converse(streamed(config_of("openai")), begun + rest).failure();
      CHECK(out.retryable);
      return out.error.message;
    };

    CHECK(failed("").find("it ended before the answer did") != std::string::npos);
    CHECK(failed("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n").find("ended before") !=
          std::string::npos);
    CHECK(failed("data: [DONE]\n\n").find("ended before") != std::string::npos);
    CHECK(failed("data: {\"choi").find("a piece of it is broken") != std::string::npos);
    CHECK(failed("data: \xff\n\ndata: [DONE]\n\n").find("a piece of it is broken") != std::string::npos);
    CHECK(failed("data: {\"error\":{\"message\":\"it broke\",\"code\":\"server_error\"}}\n\n")
              .find("server said: it broke") != std::string::npos);
  }

  TEST_CASE("a server that refuses, or answers whole, is read as if nothing had been streamed") {
    for (const auto& config : {streamed(config_of("anthropic")), streamed(config_of("ollama"))}) {
      CAPTURE(config.provider);
      const auto refused = converse(config, "{\n  \"error\": \"slow\n down\"\n}\n", question("hi"), 429).failure();
      CHECK(refused.retryable);
      CHECK(refused.error.message.find("answered 429 for model `m`; server said: ") != std::string::npos);
      const auto whole = converse(config, config.provider == "ollama" ? kOllama : kMessage);
      CHECK(whole.answer().text == "yes");
    }
  }

  TEST_CASE("hostile streams do no harm") {
    for (const auto& provider : {"openai", "anthropic", "ollama"}) {
      for (const auto& piece : std::vector<std::string>{
               "[]", "7", "{\"type\":7}",
               "{\"type\":\"content_block_delta\",\"index\":99999999999,\"delta\":{\"type\":\"text_delta\"}}",
               "{\"choices\":7}", "{\"choices\":[7]}", "{\"done\":\"x\"}", "{\"type\":\"message_start\",\"message\":7}",
               "{\"type\":\"message_delta\",\"delta\":7,\"usage\":7}"}) {
        CAPTURE(piece);
        const auto text = provider == std::string("ollama") ? piece + "\n" : "data: " + piece + "\n\n";
        const auto out = converse(streamed(config_of(provider)), text + text);
        CHECK_FALSE(*out.result);
      }
    }
  }
}

}  // namespace llmops::model
