#include "score/scorers/sets.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace llmops::score {
namespace {

/// How the members' scores become the set's.
struct Rule {
  enum class Wants { all, any } wants = Wants::all;
  /// True where the set has a threshold: then its value is a mean or the best, else whether they pass.
  bool graded = false;
  std::vector<double> weights;
  std::vector<std::string> names;

  Finding combine(const std::vector<Score>& scores) const {
    Finding out;
    std::vector<std::string> failed;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (scores[i].pass.value_or(true)) continue;
      failed.push_back("`" + names[i] + "`" + (scores[i].reason.empty() ? std::string() : ": " + scores[i].reason));
    }
    for (const auto& score : scores) out.asked.insert(out.asked.end(), score.asked.begin(), score.asked.end());
    out.remark = text::join(failed, "; ");
    out.value = graded ? grade(scores) : passes(failed.size(), scores.size()) ? 1 : 0;
    return out;
  }

 private:
  bool passes(std::size_t failed, std::size_t all) const { return wants == Wants::all ? failed == 0 : failed < all; }

  double grade(const std::vector<Score>& scores) const {
    double sum = 0, weight = 0, best = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      sum += weights[i] * scores[i].value;
      weight += weights[i];
      if (weights[i] > 0) best = std::max(best, scores[i].value);
    }
    return wants == Wants::any ? best : sum / weight;
  }
};

struct Member {
  Begun<Score> score;
  std::size_t asked = 0;  ///< How much it wanted to know last.
};

/// Members of which some ask, each in as many rounds as it needs.
class AskingSet final : public Asking<Finding> {
 public:
  AskingSet(std::vector<Member> members, const Rule& rule) : members_(std::move(members)), rule_(rule) {}

  Result<Step> go_on(std::vector<Result<Reply>> replies) override {
    std::vector<Inquiry> questions;
    auto next = std::make_move_iterator(replies.begin());
    for (auto& [score, asked] : members_) {
      auto* scoring = std::get_if<std::unique_ptr<Scoring>>(&score);
      if (!scoring) continue;
      const auto first = std::exchange(next, next + static_cast<std::ptrdiff_t>(asked));
      TRY(auto step, (*scoring)->go_on({first, next}));
      if (auto* more = std::get_if<std::vector<Inquiry>>(&step)) {
        asked = more->size();
        std::move(more->begin(), more->end(), std::back_inserter(questions));
      } else {
        score = std::get<Score>(std::move(step));
      }
    }
    if (!questions.empty()) return Step(std::move(questions));
    return Step(rule_.combine(scores_of(std::move(members_))));
  }

  static std::vector<Score> scores_of(std::vector<Member> members) {
    std::vector<Score> out;
    for (auto& member : members) out.push_back(std::get<Score>(std::move(member.score)));
    return out;
  }

 private:
  std::vector<Member> members_;
  const Rule& rule_;  ///< The scorer's own.
};

class Set final : public Measure {
 public:
  Set(std::vector<std::unique_ptr<Scorer>> members, Rule rule) : members_(std::move(members)), rule_(std::move(rule)) {}

  Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const override {
    auto changed = sample;
    changed.output = std::string(output);
    std::vector<Member> begun;
    for (const auto& member : members_) {
      TRY(auto score, member->begin(changed));
      begun.push_back({std::move(score)});
    }
    const bool known = std::all_of(begun.begin(), begun.end(),
                                   [](const Member& one) { return std::holds_alternative<Score>(one.score); });
    if (known) return Begun<Finding>(rule_.combine(AskingSet::scores_of(std::move(begun))));
    return Begun<Finding>(std::make_unique<AskingSet>(std::move(begun), rule_));
  }

 private:
  std::vector<std::unique_ptr<Scorer>> members_;
  Rule rule_;
};

Errors problems_of(const Scorer& member, const ScorerConfig& config, bool graded) {
  if (member.metric().scale == Scale::amount) {
    return {invalid_error("a set takes scores from 0 to 1, `" + member.metric().name + "` is an amount",
                          config.scorer.at, "give it a bound")};
  }
  if (member.metric().scale == Scale::graded && !graded) {
    return {invalid_error("a set is about what passes, `" + member.metric().name + "` gives a score", config.scorer.at,
                          "give it a `threshold`, or give one to the set")};
  }
  return {};
}

Result<Made, Errors> make_set(const ScorerConfig& config, Rule::Wants wants) {
  Rule rule{wants, config.threshold.has_value(), {}, {}};
  std::vector<std::unique_ptr<Scorer>> members;
  Errors errors;
  for (const auto& one : members_of(config)) {
    auto made = make_scorer(one);
    auto wrong = made ? problems_of(**made, one, rule.graded) : std::move(made).error();
    std::move(wrong.begin(), wrong.end(), std::back_inserter(errors));
    if (!made) continue;
    rule.weights.push_back(one.weight);
    rule.names.push_back((*made)->metric().name);
    members.push_back(*std::move(made));
  }
  if (errors.empty() && std::accumulate(rule.weights.begin(), rule.weights.end(), 0.0) <= 0) {
    errors.push_back(
        invalid_error("no member of this set has a weight", config.scorer.at, "give one a `weight` above 0"));
  }
  if (!errors.empty()) return errors;
  const auto scale = rule.graded ? Scale::graded : Scale::binary;
  return Made{std::make_unique<Set>(std::move(members), std::move(rule)), scale};
}

}  // namespace

const std::shared_ptr<schema::Type>& type_of_members() {
  // Never destroyed: it holds itself.
  static const auto& type = *new std::shared_ptr<schema::Type>(std::make_shared<schema::Type>());
  return type;
}

schema::Type set_settings() {
  schema::Type out;
  out.kind = schema::Type::Kind::list;
  out.item = type_of_members();
  out.least = 1;
  return out;
}

Result<Made, Errors> make_all_of(const ScorerConfig& config) { return make_set(config, Rule::Wants::all); }
Result<Made, Errors> make_any_of(const ScorerConfig& config) { return make_set(config, Rule::Wants::any); }

std::vector<ScorerConfig> members_of(const ScorerConfig& config) {
  const auto& name = config.scorer.tag;
  if ((name != "all-of" && name != "any-of") || !config.scorer.body.is_list()) return {};
  return schema::read<std::vector<ScorerConfig>>(config.scorer.body);
}

}  // namespace llmops::score
