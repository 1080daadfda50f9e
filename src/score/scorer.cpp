#include "score/scorer.h"

#include <algorithm>

#include "base/text.h"
#include "score/scorers/family.h"
#include "score/scorers/sets.h"
#include "score/transform.h"
#include "templating/expression.h"

namespace llmops::score {
namespace {

constexpr std::string_view kNot = "not-";

std::string written_name(const schema::Tagged& scorer) {
  return (scorer.prefixed ? std::string(kNot) : std::string()) + scorer.tag;
}

/// What becomes of a finding: the same for all scorers.
struct Finish {
  MetricInfo metric;
  std::optional<double> threshold;
  bool inverted = false;

  Score score(Finding finding) const {
    Score out{finding.value, std::nullopt, {}};
    if (threshold) out.value = finding.value >= *threshold ? 1 : 0;
    if (inverted) out.value = 1 - out.value;
    out.asked = std::move(finding.asked);
    out.labels = std::move(finding.labels);
    if (metric.scale == Scale::binary) out.pass = out.value > 0;
    const bool failed = out.pass && !*out.pass;
    out.reason = failed ? std::move(finding.remark) + against_threshold(finding.value) : std::move(finding.said);
    return out;
  }

 private:
  std::string against_threshold(double value) const {
    if (!threshold) return {};
    return ": " + text::from_double(value) + ", threshold " + text::from_double(*threshold);
  }
};

/// A finding that is asked for, made a score.
class ReadyScoring final : public Scoring {
 public:
  ReadyScoring(std::unique_ptr<Asking<Finding>> asking, const Finish& finish)
      : asking_(std::move(asking)), finish_(finish) {}

  Result<Step> go_on(std::vector<Result<Reply>> replies) override {
    TRY(auto step, asking_->go_on(std::move(replies)));
    if (auto* questions = std::get_if<std::vector<Inquiry>>(&step)) return Step(std::move(*questions));
    return Step(finish_.score(std::get<Finding>(std::move(step))));
  }

 private:
  std::unique_ptr<Asking<Finding>> asking_;
  const Finish& finish_;  ///< The scorer's own.
};

struct Parts {
  Finish finish;
  std::unique_ptr<Measure> measure;
  Transform transform;
  std::optional<std::vector<std::string>> labels;
};

class ReadyScorer final : public Scorer {
 public:
  explicit ReadyScorer(Parts parts) : parts_(std::move(parts)) {}

  const MetricInfo& metric() const override { return parts_.finish.metric; }
  const std::optional<std::vector<std::string>>& labels() const override { return parts_.labels; }

  Result<Begun<Score>> begin(const Sample& sample) const override {
    TRY(const auto output, parts_.transform.apply(sample));
    TRY(auto begun, parts_.measure->begin(output, sample));
    if (auto* finding = std::get_if<Finding>(&begun)) return Begun<Score>(parts_.finish.score(std::move(*finding)));
    return Begun<Score>(
        std::make_unique<ReadyScoring>(std::get<std::unique_ptr<Asking<Finding>>>(std::move(begun)), parts_.finish));
  }

 private:
  Parts parts_;
};

Errors problems_of(const ScorerConfig& config, const ScorerKind& kind) {
  Errors out;
  const auto& scorer = config.scorer;
  if (scorer.body.is_null()) {
    if (kind.target != Target::required) return out;
    return {invalid_error("`" + kind.name + "` needs a setting, found none", scorer.at,
                          "write `" + kind.name + ": …`: " + kind.help)};
  }
  out = schema::check(kind.settings, scorer.body, schema::Late::allow);
  return out.empty() && kind.check ? kind.check(scorer.body) : out;
}

schema::Type number_between(double least, std::optional<double> most) {
  auto out = schema::Type::of(schema::Type::Kind::number);
  out.least = least;
  out.most = most;
  return out;
}

std::vector<schema::Alternative> alternatives() {
  std::vector<schema::Alternative> out;
  for (const auto& kind : scorer_kinds()) out.push_back({kind.name, kind.settings, kind.help});
  return out;
}

std::vector<std::string> scorer_names() {
  std::vector<std::string> out;
  for (const auto& kind : scorer_kinds()) out.push_back(kind.name);
  return out;
}

Result<Made, Errors> one_error(Result<Made> made) {
  if (!made) return Errors{std::move(made).error()};
  return *std::move(made);
}

/// The long form of the settings of a scorer that asks a model.
doc::Node unfolded(const ScorerKind& kind, const doc::Node& body, const SourcePos& at) {
  if (!kind.brief || body.is_map()) return body;
  auto out = doc::Node::map();
  out.set_at(at);
  if (!body.is_null() && !kind.brief->empty()) out[*kind.brief] = body;
  return out;
}

void give(std::string_view key, doc::Node& body, const schema::Placed<std::string>& name) {
  if (name.value.empty() || !body.is_map() || body.find(key)) return;
  doc::Node written(name.value);
  written.set_at(name.at);
  body[std::string(key)] = std::move(written);
}

void give_helpers(std::string_view name, doc::Node& body, const SourcePos& at, const Helpers& helpers) {
  if (name.starts_with(kNot)) name.remove_prefix(kNot.size());
  const auto* kind = find_scorer(name);
  if (!kind) return;
  body = unfolded(*kind, body, at);
  if (kind->judges) give("judge", body, helpers.judge);
  if (kind->embeds) give("model", body, helpers.embedder);
  if (!kind->make_of || !body.is_list()) return;
  for (auto& member : body.items()) {
    if (member.is_string()) {
      auto whole = doc::Node::map();
      whole.set_at(member.at());
      whole.entries().push_back({member.text(), member.at(), doc::Node()});
      member = std::move(whole);
    }
    if (!member.is_map()) continue;
    for (auto& entry : member.entries()) give_helpers(entry.key, entry.value, entry.key_at, helpers);
  }
}

void add_case_fields(const doc::Node& node, std::vector<std::pair<std::string, SourcePos>>& out) {
  if (node.is_list()) {
    for (const auto& item : node.items()) add_case_fields(item, out);
  } else if (node.is_map()) {
    for (const auto& entry : node.entries()) add_case_fields(entry.value, out);
  } else if (schema::holds_expression(node)) {
    const auto parsed = templating::Interpolation::parse(node.text(), node.at());
    if (!parsed) return;  // `make_scorer` says so.
    for (const auto& reference : parsed->references()) {
      if (reference.root() == "case" && !reference.name(1).empty()) out.emplace_back(reference.name(1), reference.at);
    }
  }
}

}  // namespace

const schema::Record<ScorerConfig>& record_of(ScorerConfig*) {
  using Record = schema::Record<ScorerConfig>;
  // It holds itself, by the members of sets, and so is never destroyed.
  static const Record& record = *[] {
    auto* out =
        new Record("scorer", "How an answer is scored: the name of a scorer, or a map of one scorer and its settings.");
    out->one_of(&ScorerConfig::scorer, alternatives(), Record::Bare::yes, std::string(kNot))
        .may("metric", &ScorerConfig::metric, "Name of the metric; without one, the scorer's name as written.")
        .may_as(number_between(0, std::nullopt), "weight", &ScorerConfig::weight,
                "Weight in the `score` over all scorers of the eval, or of its set.")
        .may_as(number_between(0, 1), "threshold", &ScorerConfig::threshold,
                "Graded scorers: an answer passes from this score on (below it under `not-`), and the metric is the "
                "share that passes.")
        .may("transform", &ScorerConfig::transform,
             "Jinja over `output`, `case` and `expected`, applied to the answer before it is scored.");
    *type_of_members() = out->type();
    return out;
  }();
  return record;
}

Result<Score> Scorer::score(const Sample& sample) const {
  TRY(auto begun, begin(sample));
  if (auto* score = std::get_if<Score>(&begun)) return std::move(*score);
  return Error{ErrorKind::bug, "`" + metric().name + "` can't score without asking", {}, {}, {}};
}

std::vector<std::pair<std::string, SourcePos>> case_fields(const ScorerConfig& config) {
  std::vector<std::pair<std::string, SourcePos>> out;
  add_case_fields(config.scorer.body, out);
  return out;
}

bool needs_expected(const ScorerConfig& given) {
  const auto config = with_helpers(given, {});
  const auto* kind = find_scorer(config.scorer.tag);
  if (!kind) return false;
  const auto members = members_of(config);
  if (std::any_of(members.begin(), members.end(), &needs_expected)) return true;
  if (kind->target == Target::whole) return config.scorer.body.is_null();
  return kind->target == Target::optional && !target_of(config.scorer.body);
}

ScorerConfig with_helpers(ScorerConfig config, const Helpers& helpers) {
  give_helpers(config.scorer.tag, config.scorer.body, config.scorer.at, helpers);
  return config;
}

Asks asks_of(const ScorerConfig& config) {
  Asks out;
  const auto* kind = find_scorer(config.scorer.tag);
  if (kind && kind->asks) out = kind->asks(config.scorer.body);
  for (const auto& member : members_of(config)) {
    auto more = asks_of(member);
    std::move(more.models.begin(), more.models.end(), std::back_inserter(out.models));
    std::move(more.embedders.begin(), more.embedders.end(), std::back_inserter(out.embedders));
    std::move(more.programs.begin(), more.programs.end(), std::back_inserter(out.programs));
  }
  return out;
}

Result<std::unique_ptr<Scorer>, Errors> make_scorer(const ScorerConfig& given) {
  const auto config = with_helpers(given, {});
  const auto& scorer = config.scorer;
  const auto* kind = find_scorer(scorer.tag);
  if (!kind) {
    return invalid_error("unknown scorer `" + written_name(scorer) + "`", scorer.at,
                         text::did_you_mean(scorer.tag, scorer_names()));
  }
  if (auto errors = problems_of(config, *kind); !errors.empty()) return errors;

  Errors errors;
  auto made = kind->make_of ? kind->make_of(config) : one_error(kind->make(scorer.body));
  if (!made) errors = std::move(made).error();
  auto transform = Transform::parse(config.transform);
  if (!transform) errors.push_back(std::move(transform).error());
  if (made && config.threshold && made->scale.value_or(kind->scale) == Scale::binary) {
    errors.push_back(invalid_error("`threshold` needs a graded score, `" + kind->name + "` gives 0 or 1 here",
                                   scorer.at, "leave it out"));
  }
  if (made && made->scale == Scale::amount && (scorer.prefixed || config.threshold)) {
    errors.push_back(invalid_error(
        "`" + kind->name + "` is an amount here, which neither passes nor fails", scorer.at,
        "leave out `not-` and `threshold`, or " +
            std::string(kind->asks ? "have the program score from 0 to 1" : "give it a bound, such as `at_most`")));
  }
  if (made && made->labels && scorer.prefixed) {
    errors.push_back(invalid_error("`not-" + kind->name + "` has no meaning: classes have no opposite", scorer.at,
                                   "leave out `not-`"));
  }
  if (!errors.empty()) return errors;

  const auto scale = config.threshold ? Scale::binary : made->scale.value_or(kind->scale);
  const auto own_name = kind->metric.empty() ? written_name(scorer) : kind->metric;
  const auto name = config.metric.empty() ? own_name : config.metric;
  Finish finish{MetricInfo{name, scale, made->better, made->unit}, config.threshold, scorer.prefixed};
  return std::unique_ptr<Scorer>(std::make_unique<ReadyScorer>(
      Parts{std::move(finish), std::move(made->measure), *std::move(transform), std::move(made->labels)}));
}

}  // namespace llmops::score
