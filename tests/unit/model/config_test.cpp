#include "model/config.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "model/base_url.h"
#include "model/price.h"
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

  TEST_CASE("rates and tries are read, the tries alone too, and are no part of the identity") {
    const auto config =
        bound("provider: openai\nmodel: m\nrequests_per_minute: 60\ntokens_per_minute: 1000\nretry: 0\n");
    CHECK(config.requests_per_minute == 60);
    CHECK(config.tokens_per_minute == 1000);
    CHECK(config.retry.times == 0);
    CHECK(config.retry.backoff == RetryConfig{}.backoff);
    CHECK(identity_digest(config, {}) == identity_digest(bound("provider: openai\nmodel: m\n"), {}));
    CHECK(problems("provider: exec\ncommand: [b]\nrequests_per_minute: 5\n").empty());
    CHECK(problems("provider: llama\nmodel: a\ntokens_per_minute: 5\n") ==
          "r.yaml:3:1 `tokens_per_minute` means nothing to provider `llama`\n");
    CHECK(problems("provider: openai\nmodel: m\nrequests_per_minute: 0\n").starts_with("r.yaml:3:22 "));
  }

  TEST_CASE("a price that can't tell what an answer costs is refused") {
    CHECK(problems("provider: openai\nmodel: a\nprice: {input: 1}\n") ==
          "r.yaml:3:8 `price` has `input` and no `output`, so that the cost could not be known\n");
    CHECK(problems("provider: openai\nmodel: a\nprice: {output: \"${vars.p}\"}\n") ==
          "r.yaml:3:8 `price` has `output` and no `input`, so that the cost could not be known\n");
    CHECK(problems("provider: openai\nmodel: a\napi: embeddings\nprice: {input: 1}\n").empty());
    CHECK(problems("provider: openai\nmodel: a\nprice: {cache_read: 1}\n") ==
          "r.yaml:3:8 `price` has prices of the server's cache and none of `input` and `output`\n");
    CHECK(problems("provider: openai\nmodel: a\nprice: {input: 1, output: 2, usd_per_hour: 3}\n") ==
          "r.yaml:3:8 `price` is given per token and per hour, expected one of them\n");
    CHECK(problems("provider: openai\nmodel: a\nprice: {input: 1, output: 2, cache_read: 0.1, cache_write: 2}\n")
              .empty());
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
  const auto priced = [](Price price) { return Pricing{Pricing::Source::recipe, price, std::nullopt, {}}; };
  CHECK(cost_of(priced({2, 8, {}}), {1000, 100}, Duration{1}) == Usd{0.0028});
  CHECK(cost_of(priced({2, 8, {}}), {1000, std::nullopt}, Duration{1}) == std::nullopt);
  CHECK(cost_of(priced({{}, {}, 3.6}), {}, Duration{1000}) == Usd{0.001});
  CHECK(cost_of(priced({2, {}, {}}), {1000, 0}, Duration{1}) == Usd{0.002});
  CHECK(cost_of(priced({2, {}, {}}), {1000, 1}, Duration{1}) == std::nullopt);
  CHECK(cost_of(Pricing{}, {1000, 100}, Duration{1}) == std::nullopt);
}

TEST_CASE("tokens of the server's cache have their own price where it is known, else that of the prompt") {
  Pricing pricing{Pricing::Source::recipe, {2, 8, {}}, std::nullopt, {}};
  const Usage usage{1000, 100, 600, 200};
  CHECK(cost_of(pricing, usage, {}) == Usd{0.0028});
  pricing.price.cache_read = 0.5;
  CHECK(cost_of(pricing, usage, {})->value == doctest::Approx(0.0019));
  pricing.price.cache_write = 3;
  CHECK(cost_of(pricing, usage, {})->value == doctest::Approx(0.0021));
}

TEST_CASE("a prompt beyond the length where a vendor's price changes costs the other price, as a whole") {
  Pricing pricing{Pricing::Source::table, {2, 8, {}}, 200'000, {4, 10, {}}};
  CHECK(cost_of(pricing, {200'000, 100}, {})->value == doctest::Approx(0.4008));
  CHECK(cost_of(pricing, {200'001, 100}, {})->value == doctest::Approx(0.801004));
}

TEST_SUITE("model/price_table") {
  ModelConfig of(std::string provider, std::string base_url, std::string model) {
    ModelConfig out;
    out.provider = std::move(provider);
    out.base_url = std::move(base_url);
    out.model = std::move(model);
    return out;
  }

  TEST_CASE("a price is that of the model at the vendor's own host") {
    const auto found = pricing_of(of("openai", "", "gpt-4.1-mini-2025-04-14"));
    CHECK(found.source == Pricing::Source::table);
    CHECK(found.price == Price{.input = 0.4, .output = 1.6, .usd_per_hour = {}, .cache_read = 0.1, .cache_write = {}});
    CHECK(to_string(found) ==
          "$0.4 in and $1.6 out per million tokens (table of " + std::string(price_table_date()) + ")");
    CHECK(pricing_of(of("openai", "https://API.openai.com:443/v1/", "gpt-4.1-mini-2025-04-14")) == found);
    CHECK(pricing_of(of("anthropic", "", "claude-haiku-4-5-20251001")).price.cache_write == 1.25);
    CHECK(pricing_of(of("openai", "https://api.groq.com/openai/v1", "openai/gpt-oss-20b")).source ==
          Pricing::Source::table);
    CHECK(pricing_of(of("openai", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro"))
              .long_prompt == 200'000);
  }

  TEST_CASE("a server elsewhere, another name and another tier have none") {
    CHECK(pricing_of(of("openai", "http://127.0.0.1:8000/v1", "gpt-4.1-mini-2025-04-14")) == Pricing{});
    CHECK(pricing_of(of("openai", "https://api.openai.com.example/v1", "gpt-4.1-mini-2025-04-14")) == Pricing{});
    CHECK(pricing_of(of("openai", "https://api.openai.com:8443/v1", "gpt-4.1-mini-2025-04-14")) == Pricing{});
    CHECK(pricing_of(of("openai", "", "gpt-4.1-mini-2025-04-1")) == Pricing{});
    CHECK(pricing_of(of("openai", "", "claude-haiku-4-5-20251001")) == Pricing{});
    CHECK(pricing_of(of("openai", "", "gpt-4.1\t2")) == Pricing{});
    CHECK(pricing_of(of("llama", "", "gpt-4.1-mini")) == Pricing{});
    auto flex = of("openai", "", "gpt-4.1-mini-2025-04-14");
    flex.parameters.extra = doc::Node::map({{"service_tier", "flex"}});
    CHECK(pricing_of(flex) == Pricing{});
  }

  TEST_CASE("the recipe's own price wins, as a whole") {
    auto config = of("openai", "", "gpt-4.1-mini-2025-04-14");
    config.price = {.input = 1, .output = 2};
    CHECK(pricing_of(config).source == Pricing::Source::recipe);
    CHECK(pricing_of(config).price.cache_read == std::nullopt);
    CHECK(to_string(pricing_of(config)) == "$1 in and $2 out per million tokens (recipe)");
  }

  TEST_CASE("every row of the table has prices, in order and each model once") {
    const auto table = price_table_text();
    CHECK(price_table_date().size() == 10);
    std::string before;
    std::size_t rows = 0;
    for (std::size_t at = 0; at < table.size();) {
      const auto end = table.find('\n', at);
      const auto line = table.substr(at, end - at);
      at = end + 1;
      if (line.starts_with('#')) continue;
      ++rows;
      const auto vendor_end = line.find('\t'), model_end = line.find('\t', vendor_end + 1);
      REQUIRE(model_end != std::string_view::npos);
      const std::string name(line.substr(0, model_end));
      CHECK(before < name);
      before = name;
      const auto prices = line.substr(model_end + 1);
      const auto input = text::to_double(prices.substr(0, prices.find('\t')));
      REQUIRE(input);
      CHECK(*input > 0);
      CHECK(*input < 1000);
      CHECK(prices.find('\t') != std::string_view::npos);
    }
    CHECK(rows > 250);
  }
}

}  // namespace llmops::model
