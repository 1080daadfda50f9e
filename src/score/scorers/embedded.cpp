#include "score/scorers/embedded.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "schema/record.h"

namespace llmops::score {
namespace {

/// What a recipe may write under `similar:`.
struct Settings {
  std::vector<std::string> to;
  std::string model;
};

/// The answer's vector beside those of the references; the nearest counts.
class SimilarAsking final : public Asking<Finding> {
 public:
  SimilarAsking(std::vector<Inquiry> questions, std::string remark)
      : questions_(std::move(questions)), remark_(std::move(remark)) {}

  Result<Step> go_on(std::vector<Result<Reply>> replies) override {
    if (!questions_.empty()) return Step(std::exchange(questions_, {}));
    TRY(const auto answer, std::move(replies.front()));
    double best = 0;
    for (std::size_t i = 1; i < replies.size(); ++i) {
      TRY(const auto reference, std::move(replies[i]));
      TRY(const double value, cosine(answer.vector, reference.vector));
      best = std::max(best, value);
    }
    return Step(Finding{best, remark_});
  }

 private:
  std::vector<Inquiry> questions_;
  std::string remark_;
};

class Similar final : public Measure {
 public:
  Similar(Texts texts, std::string model) : texts_(std::move(texts)), model_(std::move(model)) {}

  Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const override {
    TRY_VOID(check_direction(output, "the answer"));
    TRY(auto references, texts_.get(sample));
    std::vector<Inquiry> questions = {vector_inquiry(model_, std::string(output))};
    auto remark = "the answer against " + quoted(references);
    for (auto& reference : references) {
      TRY_VOID(check_direction(reference, "the reference"));
      questions.push_back(vector_inquiry(model_, std::move(reference)));
    }
    return Begun<Finding>(std::make_unique<SimilarAsking>(std::move(questions), std::move(remark)));
  }

 private:
  Texts texts_;
  std::string model_;
};

Result<Made> make_similar(const doc::Node& settings) {
  const auto* to = target_of(settings);
  TRY(auto texts, to ? Texts::of(*to) : Result<Texts>(Texts::expected()));
  return Made{std::make_unique<Similar>(std::move(texts), embedder_of(settings).value)};
}

Asks asks_similar(const doc::Node& settings) { return {{}, {embedder_of(settings)}, {}}; }

ScorerKind similar() {
  auto settings = schema::Record<Settings>("similar", "Texts to compare the answer with, and the model that embeds.")
                      .may_as(one_or_more_texts(), "to", &Settings::to,
                              "One text or more, of which the nearest counts; without one, the case's expected answer.")
                      .may("model", &Settings::model, kEmbedderHelp)
                      .short_for("to")
                      .type();
  ScorerKind out{"similar",
                 "How near the answer is in meaning to the nearest of these texts, 0 to 1: the cosine of the vectors "
                 "that a model gives of them, where opposite directions count as 0; without a text, to the case's "
                 "expected answer.",
                 std::move(settings),
                 Scale::graded,
                 Target::optional,
                 &make_similar};
  out.asks = &asks_similar;
  out.brief = "to";
  out.embeds = true;
  return out;
}

}  // namespace

std::vector<ScorerKind> embedded_kinds() { return {similar(), answer_relevance()}; }

Inquiry vector_inquiry(const std::string& model, std::string text) {
  Inquiry out;
  out.whom = model;
  out.embed = std::move(text);
  return out;
}

schema::Placed<std::string> embedder_of(const doc::Node& settings) {
  const auto* model = settings.is_map() ? settings.find("model") : nullptr;
  if (!model) return {{}, settings.at()};
  return {model->text(), model->at()};
}

Result<double> cosine(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) {
    return step_error("two vectors have " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                          " numbers, and can't be compared",
                      "the model behind this name may be another one than before: ask again with `--force`");
  }
  double product = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    product += x * y;
    of_a += x * x;
    of_b += y * y;
  }
  const auto lengths = std::sqrt(of_a * of_b);
  if (!(lengths > 0)) return step_error("a vector has no direction");
  return std::clamp(product / lengths, 0.0, 1.0);
}

Result<void> check_direction(std::string_view text, const std::string& what) {
  if (!text::trim(text).empty()) return {};
  return invalid_error(what + " is empty, and an empty text has no direction to compare");
}

}  // namespace llmops::score
