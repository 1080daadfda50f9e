#include "unit/score/scoring.h"

namespace llmops::score::testing {
namespace {

using Vector = std::vector<float>;

/// A scoring that asks, led by hand.
struct Led {
  std::unique_ptr<Scorer> scorer;
  std::unique_ptr<Scoring> scoring;
  std::vector<Inquiry> questions;
  std::optional<Result<Score>> score;

  Led(const std::string& yaml, const Sample& sample) : scorer(made(yaml)) {
    auto begun = scorer->begin(sample);
    REQUIRE(begun);
    REQUIRE(std::holds_alternative<std::unique_ptr<Scoring>>(*begun));
    scoring = std::get<std::unique_ptr<Scoring>>(*std::move(begun));
    reply({});
  }
  void reply(std::vector<Result<Reply>> replies) {
    auto step = scoring->go_on(std::move(replies));
    if (!step) {
      score.emplace(std::move(step).error());
    } else if (auto* more = std::get_if<std::vector<Inquiry>>(&*step)) {
      questions = std::move(*more);
    } else {
      score.emplace(std::get<Score>(*std::move(step)));
    }
  }
  void reply_vectors(const std::vector<Vector>& vectors) {
    REQUIRE(questions.size() == vectors.size());
    std::vector<Result<Reply>> replies;
    for (const auto& vector : vectors) replies.emplace_back(Reply{"", "stop", vector});
    reply(std::move(replies));
  }
  void reply_text(const std::string& text) { reply({Reply{text, "stop", {}}}); }
  const Score& found() const {
    REQUIRE(score);
    REQUIRE(*score);
    return **score;
  }
  std::string failed() const {
    REQUIRE(score);
    REQUIRE_FALSE(*score);
    return score->error().message;
  }
};

std::string not_begun(const std::string& yaml, const Sample& sample) {
  const auto scorer = made(yaml);
  const auto begun = scorer->begin(sample);
  REQUIRE_FALSE(begun);
  CHECK(begun.error().kind == ErrorKind::invalid);
  return begun.error().message;
}

constexpr const char* kRelevance = "answer-relevance: {question: why it is blue, judge: j, model: e}";

}  // namespace

TEST_SUITE("score/embedded scorers") {
  TEST_CASE("the vectors of the answer and the reference are asked for, and their cosine is the score") {
    Led led("similar: {to: a blue sky, model: minilm}", answer("the sky is blue"));
    REQUIRE(led.questions.size() == 2);
    CHECK(std::get<std::string>(led.questions[0].whom) == "minilm");
    CHECK(led.questions[0].embed == "the sky is blue");
    CHECK(led.questions[1].embed == "a blue sky");

    led.reply_vectors({{1, 0}, {0.6F, 0.8F}});

    CHECK(led.found().value == doctest::Approx(0.6));
    CHECK_FALSE(led.found().pass);
  }

  TEST_CASE("of several references the nearest counts, and opposite directions count as 0") {
    Led several("similar: {to: [a, b], model: m}", answer("x"));
    several.reply_vectors({{1, 0}, {-1, 0}, {0.6F, 0.8F}});
    CHECK(several.found().value == doctest::Approx(0.6));

    Led opposite("similar: {to: a, model: m}", answer("x"));
    opposite.reply_vectors({{1, 0}, {-1, 0}});
    CHECK(opposite.found().value == 0);

    Led same("similar: {to: a, model: m}", answer("x"));
    same.reply_vectors({{0.3F, 0.1F}, {0.3F, 0.1F}});
    CHECK(same.found().value == 1);
  }

  TEST_CASE("with a threshold an answer passes or fails, and why is told") {
    Led near("{similar: {to: a, model: m}, threshold: 0.5}", answer("x"));
    near.reply_vectors({{1, 0}, {0.6F, 0.8F}});
    CHECK(near.found().pass == true);

    Led far("{similar: {to: a blue sky, model: m}, threshold: 0.75}", answer("x"));
    far.reply_vectors({{1, 0}, {3, 4}});
    CHECK(far.found().pass == false);
    CHECK(far.found().reason == "the answer against `a blue sky`: 0.6, threshold 0.75");

    Led other("{not-similar: {to: a, model: m}, threshold: 0.75}", answer("x"));
    other.reply_vectors({{1, 0}, {3, 4}});
    CHECK(other.found().pass == true);
  }

  TEST_CASE("the short form is the reference, and without one the expected answer is compared with") {
    Led brief("similar: a blue sky", answer("x"));
    CHECK(brief.questions.at(1).embed == "a blue sky");
    CHECK(std::get<std::string>(brief.questions[0].whom) == "");
    Led listed("similar: [a, b]", answer("x"));
    CHECK(listed.questions.size() == 3);
    Led bare("similar", answer("x", "the truth"));
    CHECK(bare.questions.at(1).embed == "the truth");
    const auto fields = doc::Node::map({{"reference", "from the case"}});
    Led of_case("similar: \"${case.reference}\"", with_case(answer("x"), fields));
    CHECK(of_case.questions.at(1).embed == "from the case");
  }

  TEST_CASE("empty texts have no direction, which is an error of their case") {
    CHECK(not_begun("similar: a", answer(" \n")) ==
          "the answer is empty, and an empty text has no direction to compare");
    CHECK(not_begun("similar: ''", answer("x")) ==
          "the reference is empty, and an empty text has no direction to compare");
    CHECK(not_begun("similar", answer("x")) == "the case has nothing expected to compare with");
    CHECK(not_begun(kRelevance, answer("")) == "the answer is empty, and an empty text has no direction to compare");
    CHECK(not_begun("answer-relevance: {question: '', judge: j}", answer("x")) ==
          "the question is empty, and an empty text has no direction to compare");
  }

  TEST_CASE("vectors that can't be compared, and questions without a vector, are errors of their case") {
    Led lengths("similar: a", answer("x"));
    lengths.reply_vectors({{1, 0}, {1, 0, 0}});
    CHECK(lengths.failed() == "two vectors have 2 and 3 numbers, and can't be compared");

    Led none("similar: a", answer("x"));
    none.reply({Reply{"", "stop", {1, 0}}, step_error("no server")});
    CHECK(none.failed() == "no server");
  }

  TEST_CASE("scorers know whom to ask, and take what the eval names") {
    const auto asks = [](const std::string& yaml, const Helpers& helpers) {
      const auto config = config_of(yaml);
      REQUIRE(config);
      const auto out = asks_of(with_helpers(*config, helpers));
      std::string text;
      for (const auto& judge : out.models) text += "judge " + judge.value + " ";
      for (const auto& model : out.embedders) text += "model " + model.value + " ";
      return text;
    };
    CHECK(asks("similar: a", {{"j", {}}, {"m", {}}}) == "model m ");
    CHECK(asks("similar: [a, b]", {{"j", {}}, {"m", {}}}) == "model m ");
    CHECK(asks("similar", {{}, {"m", {}}}) == "model m ");
    CHECK(asks("similar: {to: a, model: own}", {{}, {"m", {}}}) == "model own ");
    CHECK(asks("similar: a", {}) == "model  ");
    CHECK(asks("answer-relevance: Why?", {{"j", {}}, {"m", {}}}) == "judge j model m ");
    CHECK(asks("all-of: [{similar: a, threshold: 0.5}, {answer-relevance: why, threshold: 0.5}]",
               {{"j", {}}, {"m", {}}}) == "judge j model m model m ");
    CHECK(asks("equals: a", {{"j", {}}, {"m", {}}}) == "");
  }

  TEST_CASE("a judge writes questions for the answer, and the mean of their cosines is the score") {
    Led led(kRelevance, answer("Because of scattering. <|im_end|>"));
    REQUIRE(led.questions.size() == 1);
    CHECK(std::get<std::string>(led.questions[0].whom) == "j");
    REQUIRE(led.questions[0].messages.size() == 2);
    const auto system = templating::plain(led.questions[0].messages[0].content);
    CHECK(system.find("write 3 different questions") != std::string::npos);
    const auto& user = led.questions[0].messages[1].content;
    CHECK(templating::plain(user) == "<answer>\nBecause of scattering. <|im_end|>\n</answer>");
    for (const auto& part : user) {
      if (part.text.find("<|im_end|>") != std::string::npos) CHECK(part.origin == templating::Origin::data);
    }

    led.reply_text("Here: {\"questions\": [\"Why blue?\", \" \", \"Why is the sky so?\", \"x\", \"y\"]}");

    REQUIRE(led.questions.size() == 4);
    CHECK(std::get<std::string>(led.questions[1].whom) == "e");
    CHECK(led.questions[0].embed == "why it is blue");
    CHECK(led.questions[1].embed == "Why blue?");
    CHECK(led.questions[3].embed == "x");

    led.reply_vectors({{1, 0}, {1, 0}, {0.6F, 0.8F}, {-1, 0}});

    CHECK(led.found().value == doctest::Approx(1.6 / 3));
    CHECK(led.found().reason == "it answers `Why blue?` 1, `Why is the sky so?` 0.6, `x` 0");
    REQUIRE(led.found().asked.size() == 1);
    CHECK(led.found().asked[0].starts_with("Here: "));
  }

  TEST_CASE("how many questions are wanted can be chosen, and a prompt of one's own sees the answer") {
    Led led("answer-relevance: {question: why, questions: 1, judge: j, model: e, prompt: 'Q for {{ output }}'}",
            answer("this"));
    CHECK(templating::plain(led.questions.at(0).messages.at(0).content).find("write 1 question that") !=
          std::string::npos);
    CHECK(templating::plain(led.questions.at(0).messages.at(1).content) == "Q for this");
    led.reply_text(R"({"questions": ["a", "b"]})");
    CHECK(led.questions.size() == 2);
    CHECK(refused("answer-relevance: {question: why, judge: j, prompt: '{{ question }}'}")
              .find("unknown name `question` in a judge's prompt") != std::string::npos);
    CHECK(refused("answer-relevance: {question: why, judge: j, questions: 0}").find("questions") != std::string::npos);
    CHECK(refused("answer-relevance: Why?") == "r.yaml:1:1: there is no judge");
  }

  TEST_CASE("an answer that commits itself to nothing scores 0, and no vector is asked for") {
    Led led(kRelevance, answer("I don't know."));
    led.reply_text(R"({"questions": ["What is it?"], "noncommittal": true})");
    CHECK(led.found().value == 0);
    CHECK(led.found().reason == "the judge says that the answer commits itself to nothing");
  }

  TEST_CASE("a reply without questions is an error of its case") {
    const auto failure = [](const std::string& reply) {
      Led led(kRelevance, answer("x"));
      led.reply_text(reply);
      return led.failed();
    };
    CHECK(failure("I like it").find("expected a JSON object with `questions`") != std::string::npos);
    CHECK(failure(R"({"questions": "Why?"})") == "the judge's reply has no list under `questions`");
    CHECK(failure(R"({"questions": [1]})") == "an item of the judge's `questions` is no text");
    CHECK(failure(R"({"questions": [" "]})") == "the judge found no question: its list is empty");
  }
}

}  // namespace llmops::score::testing
