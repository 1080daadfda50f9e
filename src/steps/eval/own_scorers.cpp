#include "steps/eval/own_scorers.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace llmops::steps::eval {
namespace {

constexpr std::size_t kMostErrors = 20;

/// What the recipe lets an eval ask: the key of its step rests on these.
std::set<std::string> readable(const EvalConfig& config) {
  std::set<std::string> out = {config.judge.value, config.embedder.value};
  for (const auto& model : config.models) out.insert(model.value);
  for (const auto& scorer : config.scorers) {
    const auto asks = score::asks_of(scorer);
    for (const auto* models : {&asks.models, &asks.embedders}) {
      for (const auto& model : *models) out.insert(model.value);
    }
  }
  return out;
}

Assertions read_assertions(const doc::Node& node, const score::Helpers& helpers) {
  auto out = schema::read<Assertions>(node);
  for (auto& scorer : out.scorers) scorer = score::with_helpers(std::move(scorer), helpers);
  return out;
}

double weight_of(const score::ScorerConfig& config, const score::Scorer& scorer) {
  return scorer.metric().scale == score::Scale::amount ? 0 : config.weight;
}

}  // namespace

const schema::Record<Assertions>& record_of(Assertions*) {
  static const auto record = [] {
    auto threshold = schema::Type::of(schema::Type::Kind::number);
    threshold.least = 0;
    return schema::Record<Assertions>("assertions", "How the answer to one case is scored, beside the eval's scorers.")
        .need("scorers", &Assertions::scorers, "Scorers of this case.")
        .may_as(threshold, "threshold", &Assertions::threshold,
                "The case passes when the weighted mean over its scorers and the eval's reaches this, whatever single "
                "ones say.")
        .short_for("scorers");
  }();
  return record;
}

/// Goes through the cases of a dataset.
class OwnScorers::Check {
 public:
  Check(const EvalConfig& config, const Scorers& written, const asset::Cases& cases, OwnScorers& out)
      : config_(config), cases_(cases), out_(out), readable_(readable(config)) {
    for (const auto& scorer : written) names_.insert(scorer->metric().name);
    taken_ = {kPass, kScore};
    for (const auto& metric : metrics_of({}, written, true)) taken_.insert(metric.name);
  }

  Errors run() {
    bool seen = false;
    for (std::size_t i = 0; i < cases_.size() && errors_.size() < kMostErrors; ++i) {
      const auto one = cases_.at(i);
      const auto* field = one ? one->fields.find(out_.field_) : nullptr;
      if (!field) continue;
      seen = true;
      if (field->is_null()) continue;
      if (problems_of(*field, *one).empty()) {
        take(*field);
      } else if (const auto placed = cases_.placed(i)) {
        add(problems_of(*placed->find(out_.field_), *one));
      }
    }
    if (!seen) {
      errors_.push_back(
          invalid_error("no case of the dataset `" + config_.dataset.value + "` has the field `" + out_.field_ + "`",
                        config_.dataset.at, "its `assert` names the field that holds a case's scorers"));
    }
    if (errors_.size() > kMostErrors) errors_.resize(kMostErrors);
    return std::move(errors_);
  }

 private:
  void add(Errors more) { std::move(more.begin(), more.end(), std::back_inserter(errors_)); }

  Errors problems_of(const doc::Node& field, const asset::Case& one) const {
    if (auto wrong = schema::check(schema::type_of<Assertions>(), field, schema::Late::allow); !wrong.empty()) {
      return wrong;
    }
    Errors out;
    for (const auto& scorer : read_assertions(field, out_.helpers_).scorers) {
      auto wrong = problems_of(scorer, one);
      std::move(wrong.begin(), wrong.end(), std::back_inserter(out));
    }
    return out;
  }

  Errors problems_of(const score::ScorerConfig& config, const asset::Case& one) const {
    const auto& at = config.scorer.at;
    const auto asks = score::asks_of(config);
    if (!asks.programs.empty()) {
      return {invalid_error("a program can't score from within a case: what it is made of is not known", at,
                            "write `exec` among the `scorers` of the eval")};
    }
    auto made = score::make_scorer(config);
    if (!made) return std::move(made).error();
    Errors out;
    for (const auto& model : asks.models) {
      if (model.value.empty() || readable_.contains(model.value)) continue;
      out.push_back(invalid_error("the eval does not read the model `" + model.value + "`", model.at,
                                  "name it as the eval's `judge`"));
    }
    for (const auto& model : asks.embedders) {
      if (!model.value.empty() && readable_.contains(model.value)) continue;
      out.push_back(invalid_error(model.value.empty() ? "`" + config.scorer.tag + "` needs a model that embeds"
                                                      : "the eval does not read the model `" + model.value + "`",
                                  model.at, "name it as the eval's `embedder`"));
    }
    for (const auto& [name, place] : score::case_fields(config)) {
      if (!one.fields.find(name)) out.push_back(invalid_error("this case has no `" + name + "`", place));
    }
    if (!one.expected && score::needs_expected(config)) {
      out.push_back(invalid_error("`" + config.scorer.tag + "` has nothing to compare with", at,
                                  "give it a text, or name the dataset's `expected` field"));
    }
    if ((*made)->labels()) {
      out.push_back(invalid_error("`" + config.scorer.tag + "` is of all cases together, and can't be a case's own", at,
                                  "write it among the `scorers` of the eval, or `equals` here"));
    }
    if (auto wrong = misnamed((*made)->metric(), at)) out.push_back(*std::move(wrong));
    return out;
  }

  std::optional<Error> misnamed(const score::MetricInfo& metric, const SourcePos& at) const {
    if (taken_.contains(metric.name)) {
      return invalid_error("`" + metric.name + "` is another metric of the eval", at,
                           "give it another name: `metric:`");
    }
    const auto known = std::find_if(out_.metrics_.begin(), out_.metrics_.end(),
                                    [&](const auto& other) { return other.name == metric.name; });
    if (known == out_.metrics_.end()) return std::nullopt;
    const bool amounts = known->scale == score::Scale::amount, amount = metric.scale == score::Scale::amount;
    if (amounts == amount && known->better == metric.better && known->unit == metric.unit) return std::nullopt;
    return invalid_error("the metric `" + metric.name + "` measures something else in another case, or in the eval", at,
                         "name one of them with `metric:`");
  }

  void take(const doc::Node& field) {
    const auto assertions = read_assertions(field, out_.helpers_);
    out_.weighted_ = out_.weighted_ || assertions.threshold.has_value();
    auto here = names_;
    for (const auto& config : assertions.scorers) {
      const auto made = score::make_scorer(config);
      if (!made) continue;
      out_.weighted_ = out_.weighted_ || config.weight != 1;
      if (!out_.asking_ && !score::asks_of(config).empty()) {
        out_.asking_ =
            invalid_error("`" + config.scorer.tag + "` of a case would have to ask, and nothing is asked here",
                          config_.dataset.at, "`llmops run` asks again only what is not known yet");
      }
      add_metric((*made)->metric(), !here.insert((*made)->metric().name).second);
    }
  }

  /// What is `shared` by scorers of one case is a mean over them, and so no longer 0 or 1.
  void add_metric(const score::MetricInfo& metric, bool shared) {
    auto known = std::find_if(out_.metrics_.begin(), out_.metrics_.end(),
                              [&](const auto& other) { return other.name == metric.name; });
    if (known == out_.metrics_.end()) known = out_.metrics_.insert(known, metric);
    const bool graded = shared || metric.scale == score::Scale::graded;
    if (graded && known->scale == score::Scale::binary) known->scale = score::Scale::graded;
  }

  const EvalConfig& config_;
  const asset::Cases& cases_;
  OwnScorers& out_;
  std::set<std::string> readable_, names_, taken_;
  Errors errors_;
};

OwnScorers OwnScorers::none(const EvalConfig& config, const Scorers& written) {
  OwnScorers out;
  out.weighted_ = is_weighted(config);
  for (const auto& scorer : written) out.metrics_.push_back(scorer->metric());
  return out;
}

Result<OwnScorers, Errors> OwnScorers::of(const EvalConfig& config, const Scorers& written, const asset::Cases& cases) {
  auto out = none(config, written);
  out.field_ = cases.fields().assertions;
  out.helpers_ = {config.judge, config.embedder};
  if (out.field_.empty()) return out;
  Errors errors;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& name = written[i]->metric().name;
    if (name != kPass && name != kScore) continue;
    errors.push_back(invalid_error("`" + name + "` is measured by itself where cases have scorers of their own",
                                   config.scorers[i].scorer.at, "give it another name: `metric:`"));
  }
  if (errors.empty()) errors = Check(config, written, cases, out).run();
  if (!errors.empty()) return errors;
  return out;
}

std::size_t OwnScorers::metric_of(const score::Scorer& scorer) const {
  const auto& name = scorer.metric().name;
  const auto known =
      std::find_if(metrics_.begin(), metrics_.end(), [&](const auto& other) { return other.name == name; });
  return static_cast<std::size_t>(known - metrics_.begin());
}

Own OwnScorers::of_case(const asset::Case& one) const {
  Own out;
  const auto* field = any() ? one.fields.find(field_) : nullptr;
  if (!field || field->is_null()) return out;
  const auto assertions = read_assertions(*field, helpers_);
  out.threshold = assertions.threshold;
  for (const auto& config : assertions.scorers) {
    auto made = score::make_scorer(config);
    if (!made) continue;
    const auto weight = weight_of(config, **made);
    out.scorers.push_back({*std::move(made), weight});
  }
  return out;
}

}  // namespace llmops::steps::eval
