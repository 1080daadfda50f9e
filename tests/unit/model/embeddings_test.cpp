#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "model/batching.h"
#include "model/embedding.h"
#include "unit/model/asker_run.h"

namespace llmops::model {
namespace {

AskedModel embedder() {
  auto out = api();
  out.config.api = "embeddings";
  out.config.price = {1000, std::nullopt, std::nullopt};
  return out;
}

std::vector<std::string> texts_of(const sys::HttpRequest& request) {
  std::vector<std::string> out;
  const auto body = *doc::parse_json_data(request.body);
  for (const auto& text : body.find("input")->items()) out.push_back(text.text());
  return out;
}

/// The vector [length of the text, 1], of each text in the reverse order; a token a byte.
sys::HttpResult lengths(const sys::HttpRequest& request) {
  auto data = doc::Node::list();
  const auto texts = texts_of(request);
  std::int64_t tokens = 0;
  for (std::size_t i = texts.size(); i-- > 0;) {
    auto numbers = doc::Node::list();
    numbers.push_back(static_cast<std::int64_t>(texts[i].size()));
    numbers.push_back(1);
    data.push_back(doc::Node::map({{"index", static_cast<std::int64_t>(i)}, {"embedding", numbers}}));
    tokens += static_cast<std::int64_t>(texts[i].size());
  }
  return http_answer(
      200,
      doc::to_json(doc::Node::map({{"data", data},
                                   {"model", "e-1"},
                                   {"usage", doc::Node::map({{"prompt_tokens", tokens}, {"total_tokens", tokens}})}})));
}

struct EmbeddingRun : Run {
  EmbeddingRun() { outside.http.on_request = lengths; }
  Result<AskTotals> embed(const AskedModel& model, const std::vector<std::string>& texts) {
    auto totals = ask_all(texts.size(), [&](std::size_t i) { return Ask{i, &model, embed_query(texts[i])}; });
    std::sort(answers.begin(), answers.end(), [](const Asked& a, const Asked& b) { return a.tag < b.tag; });
    return totals;
  }
  /// The first text's error, when the server answers so.
  Error failure(const std::string& body, std::optional<std::int64_t> dimensions = std::nullopt) {
    outside.http.on_request = [body](const sys::HttpRequest&) { return http_answer(200, body); };
    auto model = embedder();
    model.config.retry.times = 0;
    model.config.dimensions = dimensions;
    REQUIRE(embed(model, {"a"}));
    REQUIRE(answers.front().error);
    return *answers.front().error;
  }
};

std::string data(const std::string& items) { return R"({"data":[)" + items + "]}"; }

}  // namespace

TEST_SUITE("model/embeddings") {
  TEST_CASE("texts are sent as the API wants them, and each gets its own vector, of length 1") {
    EmbeddingRun run;
    auto model = embedder();
    model.config.dimensions = 2;
    model.config.parameters.extra = doc::Node::map({{"user", "ann"}});

    const auto totals = run.embed(model, {"abc", "é\"x"});

    REQUIRE(totals);
    const auto request = run.outside.http.requests().front();
    CHECK(request.url == "http://cloud.test/v1/embeddings");
    CHECK(request.body == R"({"model":"cloud","input":["abc","é\"x"],"dimensions":2,"user":"ann"})");
    REQUIRE(run.answers.at(0).answer);
    const auto& answer = *run.answers[0].answer;
    REQUIRE(answer.vectors.size() == 1);
    CHECK(answer.vectors[0] ==
          std::vector<float>{static_cast<float>(3 / std::sqrt(10.0)), static_cast<float>(1 / std::sqrt(10.0))});
    CHECK(run.answers[1].answer->vectors[0][0] == doctest::Approx(4 / std::sqrt(17.0)));
    CHECK(answer.reported_model == "e-1");
    CHECK(answer.usage == Usage{3, 0});
    CHECK(totals->usage == Usage{7, 0});
    CHECK(totals->cost->value == doctest::Approx(0.007));
  }

  TEST_CASE("many texts go in few requests of 32 at most, kept vectors in none") {
    EmbeddingRun run;
    const auto model = embedder();
    const auto texts = numbered(1000);
    run.outside.http.on_request = [&](const sys::HttpRequest& request) {
      // None is answered before as many are on their way as the model takes.
      if (run.outside.http.count() <= 4) run.outside.http.wait_in_flight(4);
      return lengths(request);
    };

    REQUIRE(run.embed(model, texts));

    const auto requests = run.outside.http.requests();
    REQUIRE(requests.size() >= 32);
    for (std::size_t i = 0; i < 4; ++i) CHECK(texts_of(requests[i]).size() == 32);
    for (const auto& request : requests) CHECK(texts_of(request).size() <= 32);
    CHECK(run.outside.http.most_in_flight() <= 4);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      REQUIRE(run.answers[i].answer);
      const auto length = static_cast<double>(texts[i].size());
      CHECK(run.answers[i].answer->vectors.at(0).at(0) == doctest::Approx(length / std::hypot(length, 1)));
    }
    const auto first = run.answers[7].answer->vectors;

    const auto again = run.embed(model, texts);

    REQUIRE(again);
    CHECK(again->cached == 1000);
    CHECK(again->asked == 0);
    CHECK(run.outside.http.count() == requests.size());
    CHECK(run.answers[7].answer->vectors == first);
  }

  TEST_CASE("a request holds no more than 256 KiB of text, unless one text alone does") {
    EmbeddingRun run;
    const std::vector<std::string> texts = {std::string(200'000, 'a'), std::string(100'000, 'b'),
                                            std::string(300'000, 'c'), "d"};

    REQUIRE(run.embed(embedder(), texts));

    std::multiset<std::size_t> sizes;  // of requests
    for (const auto& request : run.outside.http.requests()) {
      std::size_t size = 0;
      for (const auto& text : texts_of(request)) size += text.size();
      sizes.insert(size);
    }
    CHECK(sizes == std::multiset<std::size_t>{1, 100'000, 200'000, 300'000});
    for (const auto& asked : run.answers) CHECK(asked.answer);
  }

  TEST_CASE("a text that the server refuses spoils no other") {
    EmbeddingRun run;
    run.outside.http.on_request = [](const sys::HttpRequest& request) -> sys::HttpResult {
      for (const auto& text : texts_of(request)) {
        if (text == "q13") return http_answer(400, R"({"error":{"message":"too long"}})");
      }
      return lengths(request);
    };

    const auto totals = run.embed(embedder(), numbered(64));

    REQUIRE(totals);
    CHECK(totals->errors == 1);
    CHECK(totals->asked == 64);
    for (std::size_t i = 0; i < 64; ++i) CHECK(run.answers[i].answer.has_value() == (i != 13));
    CHECK(run.answers[13].error->message.find("server said: too long") != std::string::npos);
    CHECK(totals->usage.input_tokens == 10 * 2 + 54 * 3 - 3);
  }

  TEST_CASE("what may pass is asked again until it does") {
    EmbeddingRun run;
    int left = 2;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) -> sys::HttpResult {
      if (left-- > 0) return http_answer(503, "{}");
      return lengths(request);
    };

    const auto totals = run.embed(embedder(), {"a", "b"});

    REQUIRE(totals);
    CHECK(totals->errors == 0);
    CHECK(totals->asked == 2);
    CHECK(totals->retries > 0);
  }

  TEST_CASE("a body without a good vector for each text is no answer, and says what is wrong") {
    EmbeddingRun run;
    const auto says = [&](const std::string& body, const std::string& words) {
      CAPTURE(body);
      const auto error = run.failure(body);
      CHECK(error.message.find(words) != std::string::npos);
      CHECK(error.kind == ErrorKind::environment);
    };
    says("{}", "`data` is missing");
    says(data(""), "it has 0 vectors for 1 text;");
    says(data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":[1]})"), "it has 2 vectors for 1 text");
    says(data(R"({"embedding":[1]})"), "a vector has no `index` from 0 to 0");
    says(data(R"({"index":1,"embedding":[1]})"), "a vector has no `index` from 0 to 0");
    says(data(R"({"index":0,"embedding":"AAAA"})"), "a vector has no list of numbers as `embedding`");
    says(data(R"({"index":0,"embedding":[]})"), "a text's vector has no numbers");
    says(data(R"({"index":0,"embedding":[1,null]})"), "number 2 of a text's vector is nothing");
    says(data(R"({"index":0,"embedding":[1,1e999]})"), "is beyond a double");
    says(data(R"({"index":0,"embedding":[0,0]})"), "a text's vector has only zeros");
    CHECK(run.failure(data(R"({"index":0,"embedding":[1,2]})"), 3)
              .message.find("a vector has 2 numbers, expected the 3 of `dimensions`") != std::string::npos);
  }

  TEST_CASE("vectors that differ in length among themselves, or stand at one place, are no answer") {
    EmbeddingRun run;
    auto model = embedder();
    model.config.retry.times = 0;
    const auto said = [&](const std::string& body) {
      run.outside.http.on_request = [body](const sys::HttpRequest& request) -> sys::HttpResult {
        return texts_of(request).size() == 2 ? sys::HttpResult(http_answer(200, body)) : lengths(request);
      };
      run.mode = CacheMode::refresh;
      REQUIRE(run.embed(model, {"a", "b"}));
      return run.answers.back().error ? run.answers.back().error->message : std::string();
    };
    CHECK(said(data(R"({"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]})"))
              .find("its vectors have different lengths, 1 and 2") != std::string::npos);
    CHECK(said(data(R"({"index":0,"embedding":[1]},{"index":0,"embedding":[1]})"))
              .find("two vectors have the `index` 0") != std::string::npos);
  }

  TEST_CASE("a model that answers gives no vectors, one that embeds no answers, and an empty text has none") {
    Outside<> outside;
    auto context = outside.context();
    auto config = embedder().config;
    const auto vectors = *open_openai(config, context);
    CHECK(ask_and_wait(*vectors, question("hi")).error().error.message ==
          "this model gives vectors of texts, and answers nothing");
    CHECK(ask_and_wait(*vectors, embed_query("")).error().error.message == "an empty text has no vector");
    for (const auto* name : {"chat", "responses"}) {
      config.api = name;
      const auto answers = *open_openai(config, context);
      CHECK(ask_and_wait(*answers, embed_query("hi")).error().error.message ==
            "this model answers, and gives no vectors of texts");
    }
    CHECK(outside.http.count() == 0);
  }

  TEST_CASE("a text that is not UTF-8 is not sent, and spoils no other") {
    EmbeddingRun run;
    const auto totals = run.embed(embedder(), {"a", "caf\xC3", "b"});

    REQUIRE(totals);
    CHECK(totals->errors == 1);
    CHECK(run.answers[1].error->message ==
          "the text to embed holds bytes that are not UTF-8, and the API takes only text");
  }

  TEST_CASE("a text's vector and an answer to it are different questions, as are other dimensions") {
    const auto model = sys::sha256("m");
    CHECK(query_key(model, embed_query("a")) != query_key(model, embed_query("b")));
    CHECK(query_key(model, embed_query("a")) != query_key(model, Query{}));
    auto config = embedder().config;
    const auto whole = identity_digest(config, {});
    config.dimensions = 8;
    CHECK(identity_digest(config, {}) != whole);
  }

  TEST_CASE("vectors come back from their bytes as they were") {
    Answer answer;
    answer.finish_reason = "length";
    answer.vectors = {{0.25F, -0.5F, 1e-30F}, {}, {1.0F}};

    const auto back = answer_from_bytes(to_bytes(answer));

    REQUIRE(back);
    CHECK(back->vectors == answer.vectors);
    CHECK(back->finish_reason == "length");
  }

  TEST_CASE("a direction has length 1, however large or small its numbers are") {
    CHECK(*direction_of(std::vector<double>{3, 4}) == std::vector<float>{0.6F, 0.8F});
    CHECK(*direction_of(std::vector<double>{3e300, 4e300}) == std::vector<float>{0.6F, 0.8F});
    CHECK(*direction_of(std::vector<double>{3e-300, 4e-300}) == std::vector<float>{0.6F, 0.8F});
    CHECK(direction_of(std::vector<double>{1, std::nan("")}).error().message ==
          "number 2 of a text's vector is not finite");
  }
}

}  // namespace llmops::model
