#include <doctest/doctest.h>

#include <cmath>

#include "model/llama/continuation.h"
#include "model/llama/likelihood.h"

namespace llmops::model::llama {
namespace {

std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> out;
  for (const auto value : probabilities) out.push_back(static_cast<float>(std::log(value)));
  return out;
}

TEST_SUITE("model/llama/likelihood") {
  TEST_CASE("the first of the highest scores is the likeliest") {
    CHECK(likeliest(std::vector<float>{1, 3, 2, 3}) == 1);
  }

  TEST_CASE("log-probabilities are those of a softmax, however large the scores are") {
    const std::vector<float> scores{1000, 1000 + std::log(3.0f)};

    CHECK(log_probability(scores, 0) == doctest::Approx(std::log(0.25)).epsilon(1e-4));
    CHECK(log_probability(scores, 1) == doctest::Approx(std::log(0.75)).epsilon(1e-4));
  }

  TEST_CASE("probabilities sum to one, also of very unlikely things") {
    const auto shares = probabilities({-1000, -1000 + std::log(3.0)});

    REQUIRE(shares.size() == 2);
    CHECK(shares[0] == doctest::Approx(0.25));
    CHECK(shares[1] == doctest::Approx(0.75));
    CHECK(probabilities({}).empty());
  }
}

TEST_SUITE("model/llama/choosing") {
  TEST_CASE("labels of one token need no further decoding") {
    Query query;
    query.choices = {"a", "b"};
    const auto choosing = choose(query, 10, {{1}, {2}});
    const auto behind = logits_of({0.1, 0.3, 0.6});

    choosing->start(behind);

    CHECK(choosing->wanted().tokens.empty());
    const auto answer = choosing->answer();
    CHECK(answer.text == "b");
    CHECK(answer.finish_reason == "choice");
    CHECK(answer.choice_probabilities.at("a") == doctest::Approx(1.0 / 3));
    CHECK(answer.choice_probabilities.at("b") == doctest::Approx(2.0 / 3));
  }

  TEST_CASE("a longer label is scored whole, behind the prompt") {
    Query query;
    query.choices = {"long", "short"};
    const auto choosing = choose(query, 10, {{1, 2, 0}, {0}});
    const auto behind = logits_of({0.4, 0.6, 1e-9}), behind_1 = logits_of({0.1, 0.1, 0.8}),
               behind_2 = logits_of({0.5, 0.25, 0.25});

    choosing->start(behind);
    const auto wanted = choosing->wanted();
    choosing->take({behind_1, behind_2});

    CHECK(wanted.keep == 10);
    CHECK(wanted.tokens == std::vector<Token>{1, 2});
    CHECK(choosing->wanted().tokens.empty());
    const double long_score = 0.6 * 0.8 * 0.5, short_score = 0.4;
    const auto answer = choosing->answer();
    CHECK(answer.text == "short");
    CHECK(answer.choice_probabilities.at("long") ==
          doctest::Approx(long_score / (long_score + short_score)).epsilon(1e-4));
  }

  TEST_CASE("normalised by length, a long label can win") {
    Query query;
    query.choices = {"long", "short"};
    query.choice_norm = ChoiceNorm::length;
    const auto choosing = choose(query, 10, {{1, 2, 0}, {0}});
    const auto behind = logits_of({0.4, 0.6, 1e-9}), behind_1 = logits_of({0.1, 0.1, 0.8}),
               behind_2 = logits_of({0.5, 0.25, 0.25});

    choosing->start(behind);
    choosing->take({behind_1, behind_2});

    CHECK(choosing->answer().text == "long");
    CHECK(choosing->answer().usage.output_tokens == 3);
  }

  TEST_CASE("of equal labels the first one wins") {
    Query query;
    query.choices = {"x", "y"};
    const auto choosing = choose(query, 3, {{1}, {1}});
    const auto behind = logits_of({0.5, 0.5});

    choosing->start(behind);

    CHECK(choosing->answer().text == "x");
  }
}

}  // namespace
}  // namespace llmops::model::llama
