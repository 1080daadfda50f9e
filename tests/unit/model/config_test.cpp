#include "model/config.h"

#include <doctest/doctest.h>

#include "doc/json.h"
#include "doc/yaml.h"
#include "model/base_url.h"
#include "sys/hash.h"

namespace llmops::model {
namespace {

/// Everything that is wrong with a model written so, rendered, one after the other.
std::string problems(const std::string& yaml) {
  auto node = doc::parse_yaml("r.yaml", yaml);
  REQUIRE(node);
  auto config = record_of(static_cast<ModelConfig*>(nullptr)).bind(*node, schema::Late::allow);
  const auto errors = config ? validate(*config, *node) : config.error();
  std::string out;
  for (const auto& error : errors) out += error.at.to_string() + " " + error.message + "\n";
  return out;
}

ModelConfig bound(const std::string& yaml) {
  auto node = doc::parse_yaml("r.yaml", yaml);
  REQUIRE(node);
  auto config = record_of(static_cast<ModelConfig*>(nullptr)).bind(*node);
  REQUIRE(config);
  return *config;
}

}  // namespace

TEST_SUITE("model/config") {
  TEST_CASE("a complete model of each provider has no problems") {
    CHECK(problems("provider: llama\nmodel: smollm2\n") == "");
    CHECK(problems("provider: llama\nfile: models/a.gguf\nadapter: ${steps.train.outputs.adapter}\n") == "");
    CHECK(problems("provider: openai\nmodel: gpt-4.1\napi_key: ${secret.KEY}\nbase_url: ${env.URL}\n") == "");
    CHECK(problems("provider: exec\ncommand: [python3, a.py]\ninputs: ['chains/**']\nenv: {A: b}\n") == "");
  }

  TEST_CASE("each field is read") {
    const auto config = bound(
        "provider: openai\nmodel: m\nheaders: {x-a: b}\nconcurrency: 3\ntimeout: 5s\nprice: {input: 1, output: 2}\n"
        "retry: {times: 2, backoff: 250ms}\nparameters: {temperature: 0.5, max_tokens: 7, stop: END, extra: {top_k: "
        "1}}\n");

    CHECK(config.headers.at("x-a") == "b");
    CHECK(config.concurrency == 3);
    CHECK(config.timeout == Duration{5000});
    CHECK(config.price == Price{1, 2, std::nullopt});
    CHECK(config.retry == RetryConfig{2, Duration{250}});
    CHECK(config.parameters.stop == std::vector<std::string>{"END"});
    CHECK(config.parameters.extra.get("top_k", 0) == 1);
  }

  TEST_CASE("what a provider needs is asked for at its place") {
    CHECK(problems("provider: llama\n") == "r.yaml:1:11 provider `llama` needs `model` or `file`, found neither\n");
    CHECK(problems("provider: llama\nmodel: a\nfile: b\n") ==
          "r.yaml:3:7 both `model` and `file` are given, expected one of them\n");
    CHECK(problems("provider: openai\n") == "r.yaml:1:11 provider `openai` needs `model`, the server's name for it\n");
    CHECK(problems("provider: exec\n") == "r.yaml:1:11 provider `exec` needs `command`, a program and its arguments\n");
  }

  TEST_CASE("what a provider has no use for is refused at its key") {
    CHECK(problems("provider: llama\nmodel: a\napi_key: k\n") ==
          "r.yaml:3:1 `api_key` means nothing to provider `llama`\n");
    CHECK(problems("provider: openai\nmodel: a\ncommand: [b]\n") ==
          "r.yaml:3:1 `command` means nothing to provider `openai`\n");
    CHECK(problems("provider: exec\ncommand: [b]\nmodel: a\n") ==
          "r.yaml:3:1 `model` means nothing to provider `exec`\n");
  }

  TEST_CASE("values that could never work are refused at their place") {
    CHECK(problems("provider: gpt\nmodel: a\n").starts_with("r.yaml:1:11 "));
    CHECK(problems("provider: openai\nmodel: a\nbase_url: api.example/v1\n") ==
          "r.yaml:3:11 `base_url` is `api.example/v1`, expected `http://…` or `https://…`\n");
    CHECK(problems("provider: openai\nmodel: a\nbase_url: https://ann:pw@api.example/v1\n") ==
          "r.yaml:3:11 `base_url` holds a user name or password, which would be recorded\n");
    CHECK(problems("provider: openai\nmodel: a\nheaders: {'a b': c}\n") ==
          "r.yaml:3:10 `a b` is no header's name, expected letters, digits and dashes\n");
    CHECK(problems("provider: llama\nfile: a\nsha256: abc\n") ==
          "r.yaml:3:9 `sha256` must be a SHA-256 digest of 64 hexadecimal digits, found the string `abc`\n");
    CHECK(problems("provider: openai\nmodel: a\nconcurrency: 0\n").starts_with("r.yaml:3:14 "));
  }

  TEST_CASE("a model that embeds is one that says so, or that is known to") {
    CHECK(embeds(bound("provider: openai\nmodel: m\napi: embeddings\n")));
    CHECK(embeds(bound("provider: llama\nfile: a.gguf\napi: embeddings\n")));
    CHECK(embeds(bound("provider: llama\nmodel: all-minilm-l6-v2\n")));
    CHECK_FALSE(embeds(bound("provider: llama\nmodel: smollm2-135m-instruct\n")));
    CHECK_FALSE(embeds(bound("provider: openai\nmodel: all-minilm-l6-v2\n")));
    CHECK_FALSE(embeds(bound("provider: exec\ncommand: [a]\n")));
  }

  TEST_CASE("what vectors have no use for is refused at its place, and dimensions without vectors") {
    CHECK(problems("provider: openai\nmodel: m\napi: embeddings\ndimensions: 256\n") == "");
    CHECK(problems("provider: openai\nmodel: m\ndimensions: 256\n") ==
          "r.yaml:3:13 `dimensions` are those of vectors, which this model does not give\n");
    CHECK(problems("provider: openai\nmodel: m\napi: embeddings\nstream: true\n") ==
          "r.yaml:4:9 `stream` means nothing to a model that embeds: vectors come whole\n");
    CHECK(problems("provider: llama\nmodel: all-minilm-l6-v2\nadapter: a.gguf\nstream: true\n") ==
          "r.yaml:4:9 `stream` means nothing to a model that embeds: vectors come whole\n"
          "r.yaml:3:10 `adapter` means nothing to a model that embeds\n");
    CHECK(problems("provider: llama\nmodel: m\napi: responses\n") ==
          "r.yaml:3:6 `api: responses` means nothing to provider `llama`\n");
    CHECK(problems("provider: llama\nmodel: m\ndimensions: 256\n") ==
          "r.yaml:3:1 `dimensions` means nothing to provider `llama`\n");
    CHECK(problems("provider: anthropic\nmodel: m\napi: embeddings\n") ==
          "r.yaml:3:1 `api` means nothing to provider `anthropic`\n");
  }

  TEST_CASE("a model's identity holds what makes it the same one, and no key") {
    auto config = bound(
        "provider: openai\nmodel: m\nbase_url: HTTPS://Api.Example:443/v1/\napi_key: sk-123\nheaders: {a: "
        "b}\nconcurrency: 2\n");
    const auto digest = identity_digest(config, {});

    CHECK(doc::to_json(identity(config, {})) ==
          R"({"provider":"openai","base_url":"https://api.example/v1","model":"m"})");
    config.api_key = "other";
    config.headers.clear();
    config.retry.times = 9;
    config.concurrency.reset();
    config.parameters.seed = 3;
    config.base_url = "https://api.example/v1";
    CHECK(identity_digest(config, {}) == digest);
    config.model = "n";
    CHECK(identity_digest(config, {}) != digest);
  }

  TEST_CASE("an API's identity holds its own address, which API it is, and whether it streams") {
    const auto of = [](const std::string& yaml) { return doc::to_json(identity(bound(yaml), {})); };

    CHECK(of("provider: openai\nmodel: m\n") ==
          R"({"provider":"openai","base_url":"https://api.openai.com/v1","model":"m"})");
    CHECK(of("provider: openai\nmodel: m\napi: chat\nstream: false\n") == of("provider: openai\nmodel: m\n"));
    CHECK(of("provider: openai\nmodel: m\napi: responses\n") ==
          R"({"provider":"openai","base_url":"https://api.openai.com/v1","model":"m","api":"responses"})");
    CHECK(of("provider: anthropic\nmodel: m\nstream: true\n") ==
          R"({"provider":"anthropic","base_url":"https://api.anthropic.com","model":"m","stream":true})");
    CHECK(of("provider: ollama\nmodel: m\n") ==
          R"({"provider":"ollama","base_url":"http://127.0.0.1:11434","model":"m"})");
  }

  TEST_CASE("a local model is its files, a program its command, files and plain environment") {
    const auto llama = bound("provider: llama\nmodel: m\n");
    const auto exec = bound("provider: exec\ncommand: [python3, a.py]\n");
    ModelFiles files{sys::sha256("weights"), sys::sha256("adapter"), {}, {}};

    const auto digest = identity_digest(llama, files);
    CHECK(identity(llama, files).get("file", "") == sys::sha256("weights").to_string());
    files.adapter.reset();
    CHECK(identity_digest(llama, files) != digest);
    CHECK(doc::to_json(identity(exec, {{}, {}, {{"a.py", "blob"}}, {{"MODE", "fast"}}})) ==
          R"({"provider":"exec","command":["python3","a.py"],"program":{"a.py":"blob"},"env":{"MODE":"fast"}})");
    CHECK(cacheable(exec, {{}, {}, {{"a.py", "blob"}}, {}}));
    CHECK_FALSE(cacheable(exec, {}));
    CHECK(cacheable(llama, {}));
  }

  TEST_CASE("only local models are greedy, at temperature 0 or among choices") {
    const auto llama = bound("provider: llama\nmodel: m\n");
    const auto openai = bound("provider: openai\nmodel: m\n");
    Query query;

    CHECK(draw_of(llama, query) == Draw::greedy);
    CHECK(draw_of(openai, query) == Draw::sampled);
    query.parameters.temperature = 0.5;
    CHECK(draw_of(llama, query) == Draw::sampled);
    query.choices = {"a", "b"};
    CHECK(draw_of(llama, query) == Draw::greedy);
    query.parameters.temperature = 0;
    CHECK(draw_of(openai, query) == Draw::sampled);
  }

  TEST_CASE("an endpoint's path goes before a query, and what is shown holds no secrets") {
    CHECK(endpoint_url("http://h:80/v1/", "/chat/completions") == "http://h/v1/chat/completions");
    CHECK(endpoint_url("https://h/d?api-version=1", "/chat/completions") ==
          "https://h/d/chat/completions?api-version=1");
    CHECK(shown("https://ann:pw@h/d?key=1") == "https://h/d");
    CHECK(normalised("https://[::1]:8443/V1//") == "https://[::1]:8443/V1");
    CHECK(normalised("no url") == "no url");
  }
}

TEST_CASE("costs are known only where the price and what it counts are") {
  CHECK(cost_of({2, 8, {}}, {1000, 100}, Duration{1}) == Usd{0.0028});
  CHECK(cost_of({2, 8, {}}, {1000, std::nullopt}, Duration{1}) == std::nullopt);
  CHECK(cost_of({{}, {}, 3.6}, {}, Duration{1000}) == Usd{0.001});
  CHECK(cost_of({2, {}, {}}, {1000, 0}, Duration{1}) == Usd{0.002});
  CHECK(cost_of({2, {}, {}}, {1000, 1}, Duration{1}) == std::nullopt);
  CHECK(cost_of({}, {1000, 100}, Duration{1}) == std::nullopt);
}

}  // namespace llmops::model
