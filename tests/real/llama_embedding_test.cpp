#include <doctest/doctest.h>

#include <cmath>

#include "model/embedding.h"
#include "real/llama_machine.h"

namespace llmops::model {
namespace {

using Vector = std::vector<float>;

double cosine(const Vector& a, const Vector& b) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return out;
}

struct Embedder {
  Machine machine;
  std::unique_ptr<Model> model;

  Embedder() {
    auto context = machine.context();
    auto opened = open_llama(machine.embedder(), context);
    REQUIRE_MESSAGE(opened, "bring it with `llmops models pull all-minilm-l6-v2`");
    model = *std::move(opened);
  }
  std::vector<Outcome> embed(const std::vector<std::string>& texts, StopToken stop = {}) {
    std::vector<Query> queries;
    for (const auto& text : texts) queries.push_back(embed_query(text));
    return ask_all(*model, queries, std::move(stop));
  }
  Vector one(const std::string& text) {
    const auto outcomes = embed({text});
    REQUIRE(outcomes.front());
    return outcomes.front()->vectors.at(0);
  }
};

std::vector<std::string> many() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < 300; ++i) {
    std::string text = "note " + std::to_string(i) + ":";
    for (std::size_t word = 0; word < i * 7 % 61; ++word) text += " item " + std::to_string(word * 37 % 101);
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace

TEST_SUITE("real/llama embeddings") {
  TEST_CASE("what means the same is near, what does not is far") {
    Embedder embedder;
    const auto password = embedder.one("How do I reset my password?");

    CHECK(password.size() == 384);
    CHECK(cosine(password, password) == doctest::Approx(1));
    CHECK(cosine(password, embedder.one("I forgot my login and need a new password.")) > 0.5);
    CHECK(cosine(password, embedder.one("The weather in Lisbon is sunny.")) < 0.2);
  }

  TEST_CASE("a text's vector is the same, whatever is embedded beside it") {
    Embedder embedder;
    const auto texts = many();

    const auto together = embedder.embed(texts);

    for (std::size_t i = 0; i < texts.size(); i += 23) {
      REQUIRE(together[i]);
      const auto alone = embedder.one(texts[i]);
      double most = 0;
      for (std::size_t n = 0; n < alone.size(); ++n) {
        most =
            std::max(most, std::abs(static_cast<double>(alone[n]) - static_cast<double>(together[i]->vectors[0][n])));
      }
      CHECK(most < 1e-5);
    }
  }

  TEST_CASE("of a text that is too long the beginning is read, and that is told") {
    Embedder embedder;
    std::string text;
    for (int i = 0; i < 600; ++i) text += "word ";

    const auto outcomes = embedder.embed({text, text + "and much more", "short"});

    REQUIRE(outcomes[0]);
    CHECK(outcomes[0]->finish_reason == "length");
    CHECK(outcomes[0]->usage == Usage{512, 0});
    CHECK(cosine(outcomes[0]->vectors[0], outcomes[1]->vectors[0]) == doctest::Approx(1));
    CHECK(outcomes[2]->finish_reason == "stop");
    CHECK(outcomes[2]->usage == Usage{3, 0});
  }

  TEST_CASE("a text can't hold the tokens that stand around texts") {
    Embedder embedder;
    const auto outcomes = embedder.embed({"[SEP]", "[CLS] [MASK]"});

    CHECK(outcomes[0]->usage.input_tokens == 2 + 3);
    CHECK(outcomes[1]->usage.input_tokens == 2 + 7);
  }

  TEST_CASE("an empty text has no vector, and a question no answer") {
    Embedder embedder;
    CHECK(embedder.embed({" \n"}).front().error().error.message == "an empty text has no vector");
    CHECK(ask_all(*embedder.model, {chat("hi")}).front().error().error.message ==
          "this model gives vectors of texts, and answers nothing");
  }

  TEST_CASE("a stop ends what waits") {
    Embedder embedder;
    StopSource stop;
    stop.request_stop();

    for (const auto& outcome : embedder.embed(many(), stop.get_token())) {
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().error.kind == ErrorKind::interrupted);
    }
    CHECK(embedder.one("still here").size() == 384);
  }

  TEST_CASE("a model that embeds can't answer, and one that answers can't embed") {
    Machine machine;
    auto context = machine.context();
    auto answers = machine.embedder();
    answers.api = "chat";
    CHECK(open_llama(answers, context).error().message.find("is made to embed texts, and answers nothing") !=
          std::string::npos);
    auto vectors = machine.config(1);
    vectors.api = "embeddings";
    CHECK(open_llama(vectors, context).error().message.find("is made to answer") != std::string::npos);
    const auto small = open_llama(machine.config(1), context);
    REQUIRE(small);
    CHECK(ask_all(**small, {embed_query("hi")}).front().error().error.message ==
          "this model answers, and gives no vectors of texts");
  }
}

}  // namespace llmops::model
