#include "score/scorers/judges.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "score/scorers/judged.h"

namespace llmops::score {
namespace {

using schema::Type;

/// What a recipe may write of a judged scorer; each takes some of it.
struct Settings {
  std::string rubric, to, question, context, criterion, reply = "json", prompt, judge;
};

class Declaration {
 public:
  Declaration(std::string name, std::string help) : record_(std::move(name), std::move(help)) {}
  Declaration& need(std::string name, std::string Settings::*member, std::string help) {
    record_.need(std::move(name), member, std::move(help));
    return *this;
  }
  Declaration& may(std::string name, std::string Settings::*member, std::string help) {
    record_.may(std::move(name), member, std::move(help));
    return *this;
  }
  Declaration& reply() {
    record_.may_as(Type::choice_of({"json", "word"}), "reply", &Settings::reply,
                   "`json`: a score from 0 to 1 with a reason. `word`: `yes` or `no`, for small judges.");
    return *this;
  }
  /// The type, with what all have in common.
  Type type(const std::string& names, const std::string& brief) {
    record_.may("judge", &Settings::judge, "The model that judges, by name; without one, the eval's `judge`.")
        .may("prompt", &Settings::prompt,
             "The judge's user message in place of the built-in one: Jinja over " + names + ".");
    if (!brief.empty()) record_.short_for(brief);
    return record_.type();
  }

 private:
  schema::Record<Settings> record_;
};

/// A setting, read for each case; `expected` where it is `to` and not given.
Result<std::optional<Setting>> setting(const doc::Node& settings, std::string_view key) {
  const auto* written = settings.is_map() ? settings.find(key) : nullptr;
  if (!written) return std::optional<Setting>();
  TRY(auto out, Setting::of(*written));
  return std::optional(std::move(out));
}

Result<Setting> reference(const doc::Node& settings) {
  TRY(auto to, setting(settings, "to"));
  return to ? *std::move(to) : Setting::expected();
}

/// Reads texts of each case and turns them into one question.
class OneQuestion final : public Judging {
 public:
  using Make = std::function<Result<JudgedQuestion>(std::map<std::string, std::string> texts)>;
  OneQuestion(std::map<std::string, Setting> settings, Make make)
      : settings_(std::move(settings)), make_(std::move(make)) {}

  Result<std::vector<JudgedQuestion>> questions(std::string_view output, const Sample& sample) const override {
    std::map<std::string, std::string> texts = {{"output", std::string(output)}};
    for (const auto& [name, setting] : settings_) {
      TRY(auto text, setting.text(sample));
      texts.emplace(name, std::move(text));
    }
    TRY(auto question, make_(std::move(texts)));
    return std::vector<JudgedQuestion>{std::move(question)};
  }

 private:
  std::map<std::string, Setting> settings_;
  Make make_;
};

std::string reason_of(const doc::Node& object) { return text::printable(object.get("reason", "")); }

/// `{"score": 0…1, "reason": …}`, or `{"pass": true}`.
Result<Finding> read_score(std::string_view reply) {
  TRY(const auto object, object_in(reply, {"score", "pass"}));
  const auto* score = object.find("score");
  const auto reason = reason_of(object);
  if (score && score->is_number()) {
    const auto value = score->as_double();
    if (std::isfinite(value) && value >= 0 && value <= 1) return Finding{value, reason, reason, {}};
    return step_error("the judge's score is " + text::from_double(value) + ", expected a number from 0 to 1");
  }
  const auto* pass = object.find("pass");
  if (pass && pass->is_bool()) return Finding{pass->as_bool() ? 1.0 : 0.0, reason, reason, {}};
  return step_error("the judge's reply has no number under `score`, nor true or false under `pass`");
}

/// `{KEY: [{…, FLAG: true or false}, …]}`: the share that is true.
Verdict read_share(std::string list, std::string flag, std::string what) {
  return [list, flag, what](std::string_view reply) -> Result<Finding> {
    TRY(const auto object, object_in(reply, {list}));
    const auto* items = object.find(list);
    if (!items->is_list()) return step_error("the judge's reply has no list under `" + list + "`");
    std::size_t good = 0;
    std::string first;
    for (const auto& item : items->items()) {
      const auto* known = item.is_map() ? item.find(flag) : nullptr;
      if (!known || !known->is_bool())
        return step_error("an item of the judge's `" + list + "` has no true or false under `" + flag + "`");
      if (known->as_bool())
        ++good;
      else if (first.empty())
        first = item.get("text", "");
    }
    if (items->size() == 0) return step_error("the judge found nothing to judge: its `" + list + "` is empty");
    const auto counts = std::to_string(good) + " of " + std::to_string(items->size()) + " " + what;
    return Finding{static_cast<double>(good) / static_cast<double>(items->size()),
                   first.empty() ? counts : counts + "; not " + quoted(std::string_view(text::printable(first))),
                   counts,
                   {}};
  };
}

Verdict read_label(std::map<std::string, double> values) {
  std::vector<std::string> labels;
  for (const auto& [label, value] : values) labels.push_back(label);
  return [values, labels](std::string_view reply) -> Result<Finding> {
    TRY(const auto label, label_in(reply, labels));
    const auto said = "the judge says `" + label + "`";
    return Finding{values.at(label), said, said, {}};
  };
}

std::vector<std::string> keys_of(const std::map<std::string, double>& values) {
  std::vector<std::string> out;
  for (const auto& [key, value] : values) out.push_back(key);
  return out;
}

// llm-rubric

Result<Made> make_rubric(const doc::Node& settings) {
  const bool word = settings.get("reply", "json") == "word";
  TRY(auto rubric, setting(settings, "rubric"));
  TRY(auto prompt,
      judge_prompt(settings,
                   std::string("You grade the answer of another system by a rubric.") + std::string(kMaterial) +
                       (word ? " Reply with one word: `yes` where the answer meets the rubric, `no` where it does not."
                             : " Reply with one JSON object and nothing else: {\"reason\": one sentence, \"score\": a "
                               "number from 0, where the answer does not meet the rubric at all, to 1, where it meets "
                               "it fully}."),
                   "Rubric: {{ rubric }}\n\n<answer>\n{{ output }}\n</answer>", {"output", "rubric"}));
  const std::map<std::string, double> labels = {{"no", 0}, {"yes", 1}};
  auto judging =
      std::make_unique<OneQuestion>(std::map<std::string, Setting>{{"rubric", *std::move(rubric)}},
                                    [word, labels](std::map<std::string, std::string> texts) -> Result<JudgedQuestion> {
                                      if (!word) return JudgedQuestion{std::move(texts), {}, &read_score};
                                      return JudgedQuestion{std::move(texts), keys_of(labels), read_label(labels)};
                                    });
  return make_judged(settings, std::move(prompt), std::move(judging), word ? Scale::binary : Scale::graded);
}

// factuality

Result<Made> make_factuality(const doc::Node& settings) {
  TRY(auto to, reference(settings));
  TRY(auto question, setting(settings, "question"));
  TRY(auto prompt,
      judge_prompt(
          settings,
          std::string("You compare the facts of an answer with those of a reference that is known to be right.") +
              std::string(kMaterial) +
              " Style, order and wording don't matter. Reply with one word: `same` where both tell the same facts, "
              "`subset` where the answer tells only some of them, `superset` where it tells all of them and more that "
              "does not contradict, `contradicts` where any fact of the answer is at odds with the reference.",
          "{% if question %}<question>\n{{ question }}\n</question>\n\n{% endif %}<reference>\n{{ expected }}\n"
          "</reference>\n\n<answer>\n{{ output }}\n</answer>",
          {"output", "expected", "question"}));
  std::map<std::string, Setting> texts = {{"expected", std::move(to)}};
  if (question) texts.emplace("question", *std::move(question));
  const std::map<std::string, double> labels = {{"contradicts", 0}, {"same", 1}, {"subset", 1}, {"superset", 1}};
  auto judging = std::make_unique<OneQuestion>(
      std::move(texts), [labels](std::map<std::string, std::string> found) -> Result<JudgedQuestion> {
        found.emplace("question", std::string());
        return JudgedQuestion{std::move(found), keys_of(labels), read_label(labels)};
      });
  return make_judged(settings, std::move(prompt), std::move(judging), Scale::binary);
}

// context-faithfulness, context-recall

constexpr std::string_view kShares =
    " Reply with one JSON object and nothing else: {\"claims\": [{\"text\": the claim, \"supported\": true or false}, "
    "…]}.";

Result<Made> make_faithfulness(const doc::Node& settings) {
  TRY(auto context, setting(settings, "context"));
  TRY(auto prompt,
      judge_prompt(settings,
                   "You check whether an answer rests on a given context. Take the answer apart into its "
                   "single claims of fact, and say of each whether the context supports it." +
                       std::string(kMaterial) + std::string(kShares),
                   "<context>\n{{ context }}\n</context>\n\n<answer>\n{{ output }}\n</answer>", {"output", "context"}));
  auto judging = std::make_unique<OneQuestion>(
      std::map<std::string, Setting>{{"context", *std::move(context)}},
      [](std::map<std::string, std::string> texts) -> Result<JudgedQuestion> {
        return JudgedQuestion{std::move(texts), {}, read_share("claims", "supported", "claims rest on the context")};
      });
  return make_judged(settings, std::move(prompt), std::move(judging), Scale::graded);
}

Result<Made> make_recall(const doc::Node& settings) {
  TRY(auto context, setting(settings, "context"));
  TRY(auto to, reference(settings));
  TRY(auto prompt,
      judge_prompt(settings,
                   "You check whether a context holds what is needed to know a reference answer. Take the reference "
                   "apart into its single claims of fact, and say of each whether the context supports it." +
                       std::string(kMaterial) + std::string(kShares),
                   "<context>\n{{ context }}\n</context>\n\n<reference>\n{{ expected }}\n</reference>",
                   {"output", "context", "expected"}));
  auto judging = std::make_unique<OneQuestion>(
      std::map<std::string, Setting>{{"context", *std::move(context)}, {"expected", std::move(to)}},
      [](std::map<std::string, std::string> texts) -> Result<JudgedQuestion> {
        return JudgedQuestion{std::move(texts), {}, read_share("claims", "supported", "claims are in the context")};
      });
  return make_judged(settings, std::move(prompt), std::move(judging), Scale::graded);
}

// context-relevance

/// At full stops, question and exclamation marks before a blank, and at line ends.
std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  const auto cut = [&](std::size_t end) {
    const auto sentence = text::trim(text.substr(begin, end - begin));
    if (!sentence.empty()) out.emplace_back(sentence);
    begin = end;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool stop = text[i] == '.' || text[i] == '!' || text[i] == '?';
    if (text[i] == '\n' || (stop && i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t'))) cut(i + 1);
  }
  cut(text.size());
  return out;
}

Verdict read_numbers(std::size_t count) {
  return [count](std::string_view reply) -> Result<Finding> {
    TRY(const auto object, object_in(reply, {"relevant"}));
    const auto* numbers = object.find("relevant");
    if (!numbers->is_list()) return step_error("the judge's reply has no list under `relevant`");
    std::vector<std::int64_t> seen;
    for (const auto& number : numbers->items()) {
      const bool known = number.is_int() && number.as_int() >= 1 && number.as_int() <= static_cast<std::int64_t>(count);
      if (!known)
        return step_error("the judge names the sentence `" + text::printable(text::shorten(number.text(), 20)) +
                          "`, expected numbers from 1 to " + std::to_string(count));
      if (std::find(seen.begin(), seen.end(), number.as_int()) == seen.end()) seen.push_back(number.as_int());
    }
    const auto said = std::to_string(seen.size()) + " of " + std::to_string(count) + " sentences bear on the question";
    return Finding{static_cast<double>(seen.size()) / static_cast<double>(count), said, said, {}};
  };
}

Result<Made> make_relevance(const doc::Node& settings) {
  TRY(auto context, setting(settings, "context"));
  TRY(auto question, setting(settings, "question"));
  TRY(auto prompt,
      judge_prompt(settings,
                   "You check which sentences of a context help to answer a question." + std::string(kMaterial) +
                       " Reply with one JSON object and nothing else: {\"relevant\": [the numbers of the sentences "
                       "that help]}.",
                   "<question>\n{{ question }}\n</question>\n\n<context>\n{{ context }}\n</context>",
                   {"output", "context", "question"}));
  auto judging = std::make_unique<OneQuestion>(
      std::map<std::string, Setting>{{"context", *std::move(context)}, {"question", *std::move(question)}},
      [](std::map<std::string, std::string> texts) -> Result<JudgedQuestion> {
        const auto sentences = sentences_of(texts["context"]);
        if (sentences.empty()) return invalid_error("the case's context is empty");
        auto& numbered = texts["context"];
        numbered.clear();
        for (std::size_t i = 0; i < sentences.size(); ++i)
          numbered += std::to_string(i + 1) + ". " + sentences[i] + (i + 1 < sentences.size() ? "\n" : "");
        return JudgedQuestion{std::move(texts), {}, read_numbers(sentences.size())};
      });
  return make_judged(settings, std::move(prompt), std::move(judging), Scale::graded);
}

// pairwise

/// The answer against another, asked in both orders; the finding is the mean.
class Pairwise final : public Judging {
 public:
  Pairwise(Setting other, Setting criterion, std::optional<Setting> question)
      : other_(std::move(other)), criterion_(std::move(criterion)), question_(std::move(question)) {}

  Result<std::vector<JudgedQuestion>> questions(std::string_view output, const Sample& sample) const override {
    TRY(const auto other, other_.text(sample));
    TRY(const auto criterion, criterion_.text(sample));
    TRY(const auto question, text_of(question_, sample));
    const auto one = [&](std::string first, std::string second, std::map<std::string, double> values) {
      std::map<std::string, std::string> texts = {
          {"first", std::move(first)}, {"second", std::move(second)}, {"criterion", criterion}, {"question", question}};
      return JudgedQuestion{std::move(texts), keys_of(values), read_label(std::move(values))};
    };
    return std::vector<JudgedQuestion>{one(std::string(output), other, {{"first", 1}, {"second", 0}, {"tie", 0.5}}),
                                       one(other, std::string(output), {{"first", 0}, {"second", 1}, {"tie", 0.5}})};
  }

 private:
  Setting other_, criterion_;
  std::optional<Setting> question_;
};

Result<Made> make_pairwise(const doc::Node& settings) {
  TRY(auto to, reference(settings));
  TRY(auto criterion, setting(settings, "criterion"));
  TRY(auto question, setting(settings, "question"));
  if (!criterion) {
    TRY(criterion, Setting::of(doc::Node("it helps whoever asked: right, complete and to the point")));
  }
  TRY(auto prompt,
      judge_prompt(settings,
                   "You compare two answers by a criterion." + std::string(kMaterial) +
                       " Which one comes first means nothing, nor how long they are. Reply with one word: `first` or "
                       "`second` for the better answer, `tie` where neither is.",
                   "Criterion: {{ criterion }}\n\n{% if question %}<question>\n{{ question }}\n</question>\n\n{% endif "
                   "%}<first>\n{{ first }}\n</first>\n\n<second>\n{{ second }}\n</second>",
                   {"first", "second", "criterion", "question"}));
  auto judging = std::make_unique<Pairwise>(std::move(to), *std::move(criterion), std::move(question));
  return make_judged(settings, std::move(prompt), std::move(judging), Scale::graded);
}

ScorerKind row(std::string name, std::string help, Declaration& settings, const std::string& names, std::string brief,
               Scale scale, Target target, Result<Made> (*make)(const doc::Node&)) {
  ScorerKind out{std::move(name), std::move(help), settings.type(names, brief), scale, target, make};
  out.check = &check_judge;
  out.asks = &asks_judge;
  out.brief = std::move(brief);
  out.judges = true;
  return out;
}

constexpr const char* kContext = "What the answer is to rest on, such as `${case.context}`.";
constexpr const char* kQuestion = "What was asked, such as `${case.question}`.";

}  // namespace

std::vector<ScorerKind> judged_kinds() {
  return {
      row("llm-rubric", "How well the answer meets a rubric, 0 to 1, as another model judges it.",
          Declaration("llm-rubric", "A rubric, and who judges by it.")
              .need("rubric", &Settings::rubric, "What a good answer is like, in words.")
              .reply(),
          "`output` and `rubric`", "rubric", Scale::graded, Target::required, &make_rubric),
      row("factuality",
          "The answer does not contradict the facts of a reference, as another model judges it; without a reference, "
          "of the case's expected answer.",
          Declaration("factuality", "A reference, and who compares the answer with it.")
              .may("to", &Settings::to, "The reference; without one, the case's expected answer.")
              .may("question", &Settings::question, kQuestion),
          "`output`, `expected` and `question`", "to", Scale::binary, Target::optional, &make_factuality),
      row("context-faithfulness",
          "The share of the answer's claims that a context supports, as another model judges it.",
          Declaration("context-faithfulness", "A context, and who compares the answer with it.")
              .need("context", &Settings::context, kContext),
          "`output` and `context`", "context", Scale::graded, Target::required, &make_faithfulness),
      row("context-recall",
          "The share of a reference's claims that a context supports, as another model judges it: whether retrieval "
          "found what was needed.",
          Declaration("context-recall", "A context and a reference, and who compares them.")
              .need("context", &Settings::context, kContext)
              .may("to", &Settings::to, "The reference; without one, the case's expected answer."),
          "`output`, `context` and `expected`", "context", Scale::graded, Target::optional, &make_recall),
      row("context-relevance",
          "The share of a context's sentences that bear on the question, as another model judges it: how much of what "
          "retrieval found was needed.",
          Declaration("context-relevance", "A context and a question, and who compares them.")
              .need("context", &Settings::context, kContext)
              .need("question", &Settings::question, kQuestion),
          "`output`, `context` and `question`", "", Scale::graded, Target::required, &make_relevance),
      row("pairwise",
          "Whether the answer beats another one, as another model judges it in both orders: 1, a tie 0.5, 0; without "
          "another, the case's expected answer.",
          Declaration("pairwise", "Another answer, a criterion, and who compares.")
              .may("to", &Settings::to, "The other answer; without one, the case's expected answer.")
              .may("criterion", &Settings::criterion, "What makes an answer the better one, in words.")
              .may("question", &Settings::question, kQuestion),
          "`first`, `second`, `criterion` and `question`", "to", Scale::graded, Target::optional, &make_pairwise),
  };
}

}  // namespace llmops::score
