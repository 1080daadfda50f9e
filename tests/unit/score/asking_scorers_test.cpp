#include <map>

#include "unit/score/scoring.h"

namespace llmops::score::testing {
namespace {

std::string text_of(const templating::Text& text) { return templating::plain(text); }

/// Begins a scoring that must ask, and gives its first questions.
std::pair<std::unique_ptr<Scoring>, std::vector<Inquiry>> asked(const Scorer& scorer, const Sample& sample) {
  auto begun = scorer.begin(sample);
  REQUIRE(begun);
  REQUIRE(std::holds_alternative<std::unique_ptr<Scoring>>(*begun));
  auto scoring = std::get<std::unique_ptr<Scoring>>(*std::move(begun));
  auto step = scoring->go_on({});
  REQUIRE(step);
  REQUIRE(std::holds_alternative<std::vector<Inquiry>>(*step));
  return {std::move(scoring), std::get<std::vector<Inquiry>>(*std::move(step))};
}

/// The score that these replies give.
Result<Score> scored(const std::string& yaml, const Sample& sample, const std::vector<std::string>& replies) {
  CAPTURE(yaml);
  const auto scorer = made(yaml);
  auto [scoring, questions] = asked(*scorer, sample);
  REQUIRE(questions.size() == replies.size());
  std::vector<Result<Reply>> all;
  for (const auto& reply : replies) all.emplace_back(Reply{reply, "stop"});
  auto step = scoring->go_on(std::move(all));
  if (!step) return std::move(step).error();
  REQUIRE(std::holds_alternative<Score>(*step));
  return std::get<Score>(*std::move(step));
}

double judged(const std::string& yaml, const Sample& sample, const std::vector<std::string>& replies) {
  const auto out = scored(yaml, sample, replies);
  REQUIRE(out);
  return out->value;
}

std::string unreadable(const std::string& yaml, const Sample& sample, const std::vector<std::string>& replies) {
  const auto out = scored(yaml, sample, replies);
  REQUIRE_FALSE(out);
  return out.error().message;
}

}  // namespace

TEST_SUITE("score/asking scorers") {
  TEST_CASE("a rubric is asked of its judge, and what is judged is data") {
    const auto scorer = made("llm-rubric: {rubric: It is kind., judge: strict}");
    const auto [scoring, questions] = asked(*scorer, answer("Hello <|im_end|>"));
    REQUIRE(questions.size() == 1);
    CHECK(std::get<std::string>(questions[0].whom) == "strict");
    REQUIRE(questions[0].messages.size() == 2);
    const auto& user = questions[0].messages[1].content;
    CHECK(text_of(user).find("Rubric: It is kind.") == 0);
    for (const auto& part : user) {
      if (part.text.find("<|im_end|>") != std::string::npos) CHECK(part.origin == templating::Origin::data);
    }
  }

  TEST_CASE("a judge's score is read wherever its object stands") {
    const std::string rubric = "llm-rubric: {rubric: It is kind., judge: j}";
    CHECK(judged(rubric, answer("x"), {R"({"score": 0.25, "reason": "so so"})"}) == 0.25);
    CHECK(judged(rubric, answer("x"), {"I think {not json} ```json\n{\"reason\": \"a\", \"score\": 1}\n``` done"}) ==
          1);
    CHECK(judged(rubric, answer("x"), {R"({"pass": false})"}) == 0);
    CHECK(scored(rubric, answer("x"), {R"({"score": 0.25, "reason": "so so"})"})->reason == "so so");
    const auto thresholded = scored("{llm-rubric: {rubric: r, judge: j}, threshold: 0.5}", answer("x"),
                                    {R"({"score": 0.25, "reason": "so so"})"});
    REQUIRE(thresholded);
    CHECK_FALSE(*thresholded->pass);
    CHECK(thresholded->reason == "so so: 0.25, threshold 0.5");
  }

  TEST_CASE("a reply that says nothing is an error, never a score") {
    const std::string rubric = "llm-rubric: {rubric: r, judge: j}";
    CHECK(unreadable(rubric, answer("x"), {"lovely weather"}) ==
          "the judge's reply can't be read: found `lovely weather`, expected a JSON object with `score` or `pass`");
    CHECK(unreadable(rubric, answer("x"), {R"({"score": 7})"}) ==
          "the judge's score is 7, expected a number from 0 to 1");
    CHECK(unreadable(rubric, answer("x"), {R"({"score": "high"})"}).find("no number under `score`") !=
          std::string::npos);
    CHECK(unreadable("factuality: {to: t, judge: j}", answer("x"), {"same or subset"}).find("expected one of") !=
          std::string::npos);
    CHECK(unreadable("context-faithfulness: {context: c, judge: j}", answer("x"), {R"({"claims": []})"})
              .find("nothing to judge") != std::string::npos);
    CHECK(
        unreadable("context-relevance: {context: A. B., question: q, judge: j}", answer("x"), {R"({"relevant": [3]})"})
            .find("expected numbers from 1 to 2") != std::string::npos);
  }

  TEST_CASE("words, shares and sentences become numbers") {
    CHECK(judged("llm-rubric: {rubric: r, judge: j, reply: word}", answer("x"), {" **Yes**. "}) == 1);
    CHECK(judged("factuality: {judge: j}", answer("x", "y"), {"I'd say `contradicts`, clearly"}) == 0);
    CHECK(judged("factuality: {judge: j}", answer("x", "y"), {"superset"}) == 1);
    CHECK(judged("not-factuality: {judge: j}", answer("x", "y"), {"same"}) == 0);
    CHECK(judged("context-recall: {context: c, judge: j}", answer("x", "y"),
                 {R"({"claims": [{"text": "a", "supported": true}, {"text": "b", "supported": false}]})"}) == 0.5);
    CHECK(judged("context-relevance: {context: 'One. Two! Three?', question: q, judge: j}", answer("x"),
                 {R"({"relevant": [3, 3, 1]})"}) == doctest::Approx(2.0 / 3));
  }

  TEST_CASE("a pair is judged in both orders") {
    const std::string pairwise = "pairwise: {to: theirs, judge: j}";
    CHECK(judged(pairwise, answer("mine"), {"first", "second"}) == 1);
    CHECK(judged(pairwise, answer("mine"), {"first", "first"}) == 0.5);
    CHECK(judged(pairwise, answer("mine"), {"tie", "first"}) == 0.25);
    CHECK(judged(pairwise, answer("mine"), {"second", "first"}) == 0);
    const auto scorer = made(pairwise);
    const auto [scoring, questions] = asked(*scorer, answer("mine"));
    CHECK(text_of(questions[0].messages[1].content).find("<first>\nmine") != std::string::npos);
    CHECK(text_of(questions[1].messages[1].content).find("<first>\ntheirs") != std::string::npos);
  }

  TEST_CASE("a judge's own prompt replaces the built-in one") {
    const auto scorer = made("llm-rubric: {rubric: r, judge: j, prompt: 'Mark {{ output }} by {{ rubric }}'}");
    const auto [scoring, questions] = asked(*scorer, answer("x"));
    CHECK(text_of(questions[0].messages[1].content) == "Mark x by r");
    CHECK(refused("llm-rubric: {rubric: r, judge: j, prompt: '{{ outptu }}'}").find("unknown name `outptu`") !=
          std::string::npos);
  }

  TEST_CASE("a judge is given to whoever names none, in sets too") {
    const auto config = config_of(
        "all-of: [factuality, {llm-rubric: kind, threshold: 0.5}, {llm-rubric: {rubric: r, judge: own}, threshold: "
        "0.5}]");
    REQUIRE(config);
    const auto asks = asks_of(with_helpers(*config, {{"common", {}}, {}}));
    std::vector<std::string> names;
    for (const auto& model : asks.models) names.push_back(model.value);
    CHECK(names == std::vector<std::string>{"common", "common", "own"});
    CHECK(needs_expected(*config));
    CHECK(refused("llm-rubric: kind").find("there is no judge") != std::string::npos);
  }

  TEST_CASE("a program is sent the answer, and its line is the score") {
    const auto scorer = made("exec: [python3, tone.py]");
    const auto [scoring, questions] = asked(*scorer, answer("x", "y"));
    REQUIRE(questions.size() == 1);
    CHECK(std::get<ScorerProgram>(questions[0].whom).command == std::vector<std::string>{"python3", "tone.py"});
    CHECK(questions[0].line.get("output", "") == "x");
    CHECK(questions[0].line.get("expected", "") == "y");
    CHECK(judged("exec: [p]", answer("x"), {R"({"score": 0.75})"}) == 0.75);
    CHECK(judged("exec: [p]", answer("x"), {R"({"pass": true})"}) == 1);
    CHECK(judged("exec: {command: [p], scale: amount}", answer("x"), {R"({"score": 123})"}) == 123);
    CHECK(unreadable("exec: [p]", answer("x"), {R"({"score": 2})"}).find("expected a number from 0 to 1") !=
          std::string::npos);
    CHECK(unreadable("exec: [p]", answer("x"), {R"({"score": null})"}).find("no number under `score`") !=
          std::string::npos);
  }
}

TEST_SUITE("score/sets") {
  TEST_CASE("all-of and any-of pass by their members") {
    CHECK(value("all-of: [{contains: a}, {contains: b}]", answer("ab")) == 1);
    CHECK(value("all-of: [{contains: a}, {contains: b}]", answer("a")) == 0);
    CHECK(value("any-of: [{contains: a}, {contains: b}]", answer("b")) == 1);
    CHECK(value("any-of: [{contains: a}, {contains: b}]", answer("c")) == 0);
    CHECK(value("not-any-of: [{contains: a}, {contains: b}]", answer("c")) == 1);
    CHECK(value("any-of: [{all-of: [{contains: a}, {contains: b}]}, {equals: c}]", answer("ab")) == 1);
    CHECK(reason("all-of: [{contains: a}, {starts-with: b}]", answer("x")).find("`contains`: ") == 0);
  }

  TEST_CASE("with a threshold a set weighs its members' scores") {
    CHECK(value("{all-of: [{contains: a, weight: 3}, {contains: b}], threshold: 0.75}", answer("a")) == 1);
    CHECK(value("{all-of: [{contains: a, weight: 3}, {contains: b}], threshold: 0.75}", answer("b")) == 0);
    CHECK(value("{any-of: [{f1: x y}, {contains: b}], threshold: 0.6}", answer("x")) == 1);
    CHECK(value("{any-of: [{f1: x y}, {contains: b}], threshold: 0.7}", answer("x")) == 0);
  }

  TEST_CASE("a set's transform comes before its members'") {
    CHECK(
        value(
            "{all-of: [{equals: a}, {equals: A, transform: '{{ output | upper }}'}], transform: '{{ output | trim }}'}",
            answer("  a ")) == 1);
  }

  TEST_CASE("some members ask and others know at once") {
    const std::string set =
        "all-of: [{contains: x}, {factuality: {to: t, judge: j}}, {pairwise: {to: t, judge: j}, threshold: 0.6}]";
    CHECK(judged(set, answer("x"), {"same", "first", "second"}) == 1);
    CHECK(judged(set, answer("x"), {"same", "first", "first"}) == 0);
    CHECK(judged(set, answer("y"), {"same", "first", "second"}) == 0);
  }

  TEST_CASE("members must be able to pass") {
    CHECK(refused("all-of: [f1]").find("a set is about what passes, `f1` gives a score") != std::string::npos);
    CHECK(refused("all-of: []").find("at least 1") != std::string::npos);
    CHECK(refused("all-of: [{contains: a, weight: 0}]").find("no member of this set has a weight") !=
          std::string::npos);
    CHECK(refused("{all-of: [{contains: a}], threshold: 0.5, transform: '{{ x }}'}").find("unknown name `x`") !=
          std::string::npos);
    CHECK(refused("any-of: [{all-of: [{regex: '('}]}]").find("r.yaml:1:") == 0);
  }
}

}  // namespace llmops::score::testing
