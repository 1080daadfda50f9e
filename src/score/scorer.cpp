#include "score/scorer.h"

#include <algorithm>

#include "base/text.h"
#include "score/scorers/family.h"
#include "templating/expression.h"
#include "templating/source_place.h"
#include "templating/template.h"

namespace llmops::score {
namespace {

constexpr std::string_view kNot = "not-";

std::string written_name(const schema::Tagged& scorer) {
  return (scorer.prefixed ? std::string(kNot) : std::string()) + scorer.tag;
}

/// The answer as its transform leaves it.
class Transform {
 public:
  static Result<Transform> parse(const schema::Placed<std::string>& written) {
    Transform out;
    if (written.value.empty()) return out;
    const auto [first, indent] = templating::place_of_scalar(written.at, written.value);
    TRY(out.template_, templating::Template::parse(written.value, {templating::Undefined::error, first, indent}));
    static const std::vector<std::string> known = {"case", "expected", "output"};
    for (const auto& [name, at] : out.template_->names()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return invalid_error("unknown name `" + name + "` in a transform", at, text::did_you_mean(name, known));
    }
    return out;
  }

  Result<std::string> apply(const Sample& sample) const {
    if (!template_) return sample.output;
    auto context = doc::Node::map({{"output", sample.output}});
    if (sample.case_fields) context["case"] = *sample.case_fields;
    if (sample.expected) context["expected"] = *sample.expected;
    TRY(const auto text, template_->render(context));
    return templating::plain(text);
  }

 private:
  std::optional<templating::Template> template_;
};

struct Parts {
  MetricInfo metric;
  std::unique_ptr<Measure> measure;
  Transform transform;
  std::optional<double> threshold;
  bool inverted = false;
};

class ReadyScorer final : public Scorer {
 public:
  explicit ReadyScorer(Parts parts) : parts_(std::move(parts)) {}

  const MetricInfo& metric() const override { return parts_.metric; }

  Result<Score> score(const Sample& sample) const override {
    TRY(const auto output, parts_.transform.apply(sample));
    TRY(auto finding, parts_.measure->measure(output, sample));
    Score out{finding.value, std::nullopt, {}};
    if (parts_.threshold) out.value = finding.value >= *parts_.threshold ? 1 : 0;
    if (parts_.inverted) out.value = 1 - out.value;
    if (parts_.metric.scale != Scale::binary) return out;
    out.pass = out.value > 0;
    if (!*out.pass) out.reason = std::move(finding.remark) + against_threshold(finding.value);
    return out;
  }

 private:
  std::string against_threshold(double value) const {
    if (!parts_.threshold) return {};
    return ": " + text::from_double(value) + ", threshold " + text::from_double(*parts_.threshold);
  }

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
  static const Record record =
      Record("scorer", "How an answer is scored: the name of a scorer, or a map of one scorer and its settings.")
          .one_of(&ScorerConfig::scorer, alternatives(), Record::Bare::yes, std::string(kNot))
          .may("metric", &ScorerConfig::metric, "Name of the metric; without one, the scorer's name as written.")
          .may_as(number_between(0, std::nullopt), "weight", &ScorerConfig::weight,
                  "Weight in the `score` over all scorers.")
          .may_as(number_between(0, 1), "threshold", &ScorerConfig::threshold,
                  "Graded scorers: an answer passes from this score on (below it under `not-`), and the metric is the "
                  "share that passes.")
          .may("transform", &ScorerConfig::transform,
               "Jinja over `output`, `case` and `expected`, applied to the answer before it is scored.");
  return record;
}

std::vector<std::pair<std::string, SourcePos>> case_fields(const ScorerConfig& config) {
  std::vector<std::pair<std::string, SourcePos>> out;
  add_case_fields(config.scorer.body, out);
  return out;
}

bool needs_expected(const ScorerConfig& config) {
  const auto* kind = find_scorer(config.scorer.tag);
  if (!kind) return false;
  if (kind->target == Target::whole) return config.scorer.body.is_null();
  return kind->target == Target::optional && !target_of(config.scorer.body);
}

Result<std::unique_ptr<Scorer>, Errors> make_scorer(const ScorerConfig& config) {
  const auto& scorer = config.scorer;
  const auto* kind = find_scorer(scorer.tag);
  if (!kind) {
    return invalid_error("unknown scorer `" + written_name(scorer) + "`", scorer.at,
                         text::did_you_mean(scorer.tag, scorer_names()));
  }
  if (auto errors = problems_of(config, *kind); !errors.empty()) return errors;

  Errors errors;
  auto made = kind->make(scorer.body);
  if (!made) errors.push_back(std::move(made).error());
  auto transform = Transform::parse(config.transform);
  if (!transform) errors.push_back(std::move(transform).error());
  if (made && config.threshold && made->scale.value_or(kind->scale) == Scale::binary) {
    errors.push_back(invalid_error("`threshold` needs a graded score, `" + kind->name + "` gives 0 or 1 here",
                                   scorer.at, "leave it out"));
  }
  if (made && made->scale == Scale::amount && (config.threshold || scorer.prefixed)) {
    errors.push_back(invalid_error("`" + kind->name + "` is an amount here, which does not pass or fail", scorer.at,
                                   "give it a bound, such as `at_most`"));
  }
  if (!errors.empty()) return errors;

  const auto scale = config.threshold ? Scale::binary : made->scale.value_or(kind->scale);
  const auto name = config.metric.empty() ? written_name(scorer) : config.metric;
  return std::unique_ptr<Scorer>(
      std::make_unique<ReadyScorer>(Parts{MetricInfo{name, scale, made->better, {}}, std::move(made->measure),
                                          *std::move(transform), config.threshold, scorer.prefixed}));
}

}  // namespace llmops::score
