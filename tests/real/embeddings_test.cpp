/// \file  Vectors over the real network stack, against a server that can fail in every way we know.
#include <cmath>

#include "model/embedding.h"
#include "real/online_machine.h"

namespace llmops::model {
namespace {

double product(const std::vector<float>& a, const std::vector<float>& b) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return out;
}

struct Vectors : OnlineMachine {
  Result<AskTotals> embed(const AskedModel& model, const std::vector<std::string>& texts) {
    return ask_each(model, texts, [](const std::string& text) { return embed_query(text); });
  }
  std::string failure(const AskedModel& model, const std::string& text) {
    REQUIRE(embed(model, {text}));
    REQUIRE(answers.front().error);
    return answers.front().error->message;
  }
};

AskedModel embedder(const OpenAiServer& server) {
  auto out = server.model();
  out.config.api = "embeddings";
  out.config.price = {1, std::nullopt, std::nullopt};
  return out;
}

}  // namespace

TEST_SUITE("real/embeddings") {
  TEST_CASE("thousands of texts are embedded, 32 to a request, sixteen requests at a time") {
    Vectors machine;
    OpenAiServer server(machine, {"--latency-ms", "5"});
    const auto model = embedder(server);
    std::vector<std::string> texts;
    for (int i = 0; i < 4000; ++i) texts.push_back("chunk number " + std::to_string(i));

    const auto totals = machine.embed(model, texts);

    REQUIRE(totals);
    CHECK(totals->asked == 4000);
    CHECK(totals->errors == 0);
    CHECK(totals->usage == Usage{12'000, 0});
    CHECK(totals->cost->value == doctest::Approx(0.012));
    const auto stats = server.stats();
    CHECK(stats.get("texts", 0) == 4000);
    CHECK(stats.get("most_in_one", 0) == 32);
    CHECK(stats.get("requests", 0) < 2000);
    CHECK(stats.get("most_at_once", 0) <= 16);
    for (const auto& asked : machine.answers) {
      REQUIRE(asked.answer);
      CHECK(product(asked.answer->vectors.at(0), asked.answer->vectors.at(0)) == doctest::Approx(1));
    }

    const auto again = machine.embed(model, texts);

    REQUIRE(again);
    CHECK(again->cached == 4000);
    CHECK(server.stats().get("texts", 0) == 4000);
  }

  TEST_CASE("each text gets its own vector, whatever order the server gives them in") {
    Vectors machine;
    OpenAiServer server(machine);

    REQUIRE(machine.embed(embedder(server), {"the cat sat", "stocks fell", "the cat sat down"}));

    const auto& answers = machine.answers;
    const auto cosine = [&](std::size_t a, std::size_t b) {
      return product(answers[a].answer->vectors.at(0), answers[b].answer->vectors.at(0));
    };
    CHECK(cosine(0, 2) > 0.7);
    CHECK(cosine(0, 1) < 0.5);
    CHECK(answers[0].answer->vectors.at(0).size() == 64);
    auto shorter = embedder(server);
    shorter.config.dimensions = 16;
    shorter.identity = sys::sha256("16");
    REQUIRE(machine.embed(shorter, {"the cat sat"}));
    CHECK(machine.answers.front().answer->vectors.at(0).size() == 16);
  }

  TEST_CASE("a text that is too long for the model spoils no other") {
    Vectors machine;
    OpenAiServer server(machine);
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i) texts.push_back("text " + std::to_string(i));
    texts[41] += " [too-long]";

    const auto totals = machine.embed(embedder(server), texts);

    REQUIRE(totals);
    CHECK(totals->errors == 1);
    REQUIRE(machine.answers[41].error);
    CHECK(machine.answers[41].error->message.find("maximum context length") != std::string::npos);
    CHECK(machine.answers[40].answer);
    CHECK(machine.answers[42].answer);
  }

  TEST_CASE("what may pass is asked again, and what can't be read is told for what it is") {
    Vectors machine;
    OpenAiServer server(machine);
    const auto model = embedder(server);

    REQUIRE(machine.embed(model, {"[429:2] fine"}));
    CHECK(machine.answers.front().answer);
    CHECK(machine.answers.front().retries == 2);
    CHECK(machine.failure(model, "[fewer] x").find("it has 0 vectors for 1 text") != std::string::npos);
    CHECK(machine.failure(model, "[nan] x").find("number 1 of a text's vector is nothing") != std::string::npos);
    CHECK(machine.failure(model, "[zeros] x").find("only zeros") != std::string::npos);
    CHECK(machine.failure(model, "[garbage] x").find("can't be read") != std::string::npos);
    CHECK(machine.failure(model, "[401] x").find("answered 401") != std::string::npos);
    auto sized = model;
    sized.config.dimensions = 32;
    CHECK(machine.failure(sized, "[shorter] x").find("has 31 numbers, expected the 32 of `dimensions`") !=
          std::string::npos);
  }
}

}  // namespace llmops::model
