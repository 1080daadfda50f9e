#include <cmath>

#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/embedded.h"
#include "score/scorers/judged.h"

namespace llmops::score {
namespace {

constexpr std::int64_t kQuestions = 3;

/// What a recipe may write under `answer-relevance:`.
struct Settings {
  std::string question, judge, model, prompt;
  std::int64_t questions = kQuestions;
};

/// What the judge says.
struct Guessed {
  std::vector<std::string> questions;
  bool noncommittal = false;
};

Result<Guessed> read_questions(std::string_view reply, std::size_t most) {
  TRY(const auto object, object_in(reply, {"questions"}));
  const auto* list = object.find("questions");
  if (!list->is_list()) return step_error("the judge's reply has no list under `questions`");
  Guessed out;
  out.noncommittal = object.get("noncommittal", false);
  for (const auto& item : list->items()) {
    if (!item.is_string()) return step_error("an item of the judge's `questions` is no text");
    if (out.questions.size() < most && !text::trim(item.as_string()).empty()) out.questions.push_back(item.text());
  }
  if (out.questions.empty() && !out.noncommittal) return step_error("the judge found no question: its list is empty");
  return out;
}

struct Parties {
  std::string judge, embedder;
};

/// First the judge guesses questions, then all are embedded.
class RelevanceAsking final : public Asking<Finding> {
 public:
  RelevanceAsking(Inquiry judging, std::string question, std::string embedder, std::size_t most)
      : judging_(std::move(judging)), question_(std::move(question)), embedder_(std::move(embedder)), most_(most) {}

  Result<Step> go_on(std::vector<Result<Reply>> replies) override {
    if (replies.empty()) return Step(std::vector<Inquiry>{std::move(judging_)});
    if (!guessed_) return take_guesses(std::move(replies.front()));
    return compare(std::move(replies));
  }

 private:
  Result<Step> take_guesses(Result<Reply> replied) {
    TRY(const auto reply, std::move(replied));
    TRY(auto guessed, read_questions(reply.text, most_));
    guessed_ = std::move(guessed);
    reply_ = reply.text;
    if (guessed_->noncommittal) {
      const std::string said = "the judge says that the answer commits itself to nothing";
      return Step(Finding{0, said, said, {reply_}});
    }
    std::vector<Inquiry> questions = {vector_inquiry(embedder_, question_)};
    for (const auto& guess : guessed_->questions) questions.push_back(vector_inquiry(embedder_, guess));
    return Step(std::move(questions));
  }

  Result<Step> compare(std::vector<Result<Reply>> replies) const {
    TRY(const auto asked, std::move(replies.front()));
    Finding out;
    std::vector<std::string> said;
    const auto& guesses = guessed_->questions;
    for (std::size_t i = 0; i < guesses.size(); ++i) {
      TRY(const auto guess, std::move(replies.at(i + 1)));
      TRY(const double value, cosine(asked.vector, guess.vector));
      out.value += value / static_cast<double>(guesses.size());
      said.push_back(quoted(std::string_view(text::printable(guesses[i]))) + " " +
                     text::from_double(std::round(value * 1000) / 1000));
    }
    out.said = "it answers " + text::join(said, ", ");
    out.remark = out.said;
    out.asked = {reply_};
    return Step(std::move(out));
  }

  Inquiry judging_;
  std::string question_, embedder_, reply_;
  std::size_t most_;
  std::optional<Guessed> guessed_;
};

class AnswerRelevance final : public Measure {
 public:
  AnswerRelevance(Parties parties, JudgePrompt prompt, Setting question, std::size_t most)
      : parties_(std::move(parties)), prompt_(std::move(prompt)), question_(std::move(question)), most_(most) {}

  Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const override {
    TRY_VOID(check_direction(output, "the answer"));
    TRY(auto question, question_.text(sample));
    TRY_VOID(check_direction(question, "the question"));
    TRY(auto judging, judge_inquiry(parties_.judge, prompt_, {{"output", std::string(output)}}));
    return Begun<Finding>(
        std::make_unique<RelevanceAsking>(std::move(judging), std::move(question), parties_.embedder, most_));
  }

 private:
  Parties parties_;
  JudgePrompt prompt_;
  Setting question_;
  std::size_t most_;
};

Result<Made> make_answer_relevance(const doc::Node& settings) {
  const auto most = settings.get("questions", kQuestions);
  TRY(auto question, Setting::of(*settings.find("question")));
  TRY(auto prompt,
      judge_prompt(settings,
                   "You find out what an answer answers: write " + std::to_string(most) +
                       (most == 1 ? " question" : " different questions") +
                       " that it would be a direct and whole answer to, and say whether it is noncommittal: "
                       "evasive, vague or empty of content, such as `I don't know`." +
                       std::string(kMaterial) +
                       " Reply with one JSON object and nothing else: {\"questions\": [the questions], "
                       "\"noncommittal\": true or false}.",
                   "<answer>\n{{ output }}\n</answer>", {"output"}));
  return Made{std::make_unique<AnswerRelevance>(Parties{settings.get("judge", ""), embedder_of(settings).value},
                                                std::move(prompt), std::move(question),
                                                static_cast<std::size_t>(most))};
}

Asks asks_answer_relevance(const doc::Node& settings) {
  auto out = asks_judge(settings);
  out.embedders.push_back(embedder_of(settings));
  return out;
}

schema::Type number_of_questions() {
  auto out = schema::Type::of(schema::Type::Kind::integer);
  out.least = 1;
  out.most = 10;
  return out;
}

}  // namespace

ScorerKind answer_relevance() {
  auto settings =
      schema::Record<Settings>("answer-relevance", "What was asked, who guesses it from the answer, and who compares.")
          .need("question", &Settings::question, "What was asked, such as `${case.question}`.")
          .may_as(number_of_questions(), "questions", &Settings::questions, "How many questions the judge writes.")
          .may("judge", &Settings::judge, "The model that writes questions, by name; without one, the eval's `judge`.")
          .may("model", &Settings::model, kEmbedderHelp)
          .may("prompt", &Settings::prompt,
               "The judge's user message in place of the built-in one: Jinja over `output`.")
          .short_for("question")
          .type();
  ScorerKind out{"answer-relevance",
                 "How well the answer fits what was asked, 0 to 1: another model writes questions that it would "
                 "answer, and the score is the mean cosine of their vectors with that of the question (RAGAS); 0 where "
                 "that model says that the answer commits itself to nothing.",
                 std::move(settings),
                 Scale::graded,
                 Target::required,
                 &make_answer_relevance,
                 &check_judge};
  out.asks = &asks_answer_relevance;
  out.brief = "question";
  out.judges = true;
  out.embeds = true;
  return out;
}

}  // namespace llmops::score
