#include "steps/eval/eval.h"

#include <algorithm>

#include "base/text.h"
#include "model/tool.h"
#include "score/reducer.h"
#include "steps/eval/eval_config.h"
#include "steps/eval/eval_run.h"
#include "steps/eval/own_scorers.h"
#include "steps/eval/questions.h"
#include "steps/eval/scorers.h"

namespace llmops::steps::eval {
namespace {

bool is_late(const std::string& name) { return name.find("${") != std::string::npos; }

bool any_late(const std::vector<schema::Placed<std::string>>& names) {
  return std::any_of(names.begin(), names.end(), [](const auto& name) { return is_late(name.value); });
}

/// A cell that is there twice would be asked twice and told apart by nothing.
void refuse_twice(const std::vector<schema::Placed<std::string>>& names, std::string_view what, Errors& errors) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto same = [&](const auto& name) { return name.value == names[i].value; };
    if (std::none_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
    errors.push_back(invalid_error("the " + std::string(what) + " `" + names[i].value + "` is named twice", names[i].at,
                                   "remove one of the two"));
  }
}

void check_choices(const doc::Node& config, Errors& errors) {
  const auto* choices = config.find("choices");
  if (!choices || !choices->is_list()) return;
  std::vector<std::string> seen;
  for (const auto& choice : choices->items()) {
    const auto text = choice.text();
    if (text.empty()) errors.push_back(invalid_error("a choice must not be empty", choice.at(), "remove it"));
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) {
      errors.push_back(invalid_error("the choice `" + text + "` is there twice", choice.at(), "remove one of the two"));
    }
    seen.push_back(text);
  }
}

step::Measures measures_of(const EvalConfig& config, const Scorers& scorers) {
  step::Measures out;
  std::vector<std::string> metrics;
  std::vector<score::MetricInfo> told;
  for (const auto& scorer : scorers) told.push_back(scorer->metric());
  if (is_weighted(config)) told.push_back(score_metric());
  for (auto& metric : metrics_of(std::move(told), scorers, true)) metrics.push_back(std::move(metric.name));
  const bool late = std::any_of(metrics.begin(), metrics.end(), is_late);
  if (!late) out.metrics = std::move(metrics);
  if (!is_late(config.dataset.value)) out.dataset = config.dataset.value;
  if (any_late(config.models) || any_late(config.prompts)) return out;
  out.cells.emplace();
  for (const auto& model : config.models) {
    if (config.prompts.empty()) out.cells->push_back({model.value, {}});
    for (const auto& prompt : config.prompts) out.cells->push_back({model.value, prompt.value});
  }
  return out;
}

/// A scorer that names none may be given one yet.
void add_model(const step::Name& model, step::Reads& reads) {
  if (model.value.empty()) return;
  const auto same = [&](const step::Name& known) { return known.value == model.value; };
  if (std::none_of(reads.models.begin(), reads.models.end(), same)) reads.models.push_back(model);
}

/// Whom the scorers ask is read as well; the judge and the embedder in any case, whom cases' own scorers may ask.
void add_asked(const EvalConfig& config, step::Reads& reads) {
  for (const auto* helper : {&config.judge, &config.embedder}) {
    add_model(*helper, reads);
  }
  for (const auto& scorer : config.scorers) {
    const auto asks = score::asks_of(scorer);
    for (const auto* models : {&asks.models, &asks.embedders}) {
      for (const auto& model : *models) add_model(model, reads);
    }
    for (const auto& program : asks.programs) {
      for (const auto& word : program.command) reads.maybe.push_back({word, program.at});
      reads.paths.insert(reads.paths.end(), program.inputs.begin(), program.inputs.end());
    }
  }
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A scorer that needs a model that embeds, and names none or another one.
std::optional<Error> check_embedder(const step::Name& model, const std::string& scorer,
                                    const step::Surroundings& around) {
  const auto& known = around.embedders;
  if (model.value.empty()) {
    if (known.empty()) {
      return invalid_error("`" + scorer + "` needs a model that embeds, and the recipe has none", model.at,
                           "add one to `models:`, such as `minilm: {provider: llama, model: all-minilm-l6-v2}`");
    }
    return invalid_error(
        "`" + scorer + "` needs a model that embeds, and the recipe has several: `" + text::join(known, "`, `") + "`",
        model.at, "name one of them with `model: NAME`, or for all scorers with the eval's `embedder`");
  }
  if (is_late(model.value) || !around.providers.contains(model.value) || is_among(model.value, known)) return {};
  return invalid_error("`" + model.value + "` answers and does not embed, but `" + scorer + "` needs vectors", model.at,
                       known.empty()
                           ? "a model embeds with `api: embeddings`, or as `model: all-minilm-l6-v2` of `llama`"
                           : "a model of this recipe that embeds is `" + known.front() + "`");
}

/// Models that answer where vectors are wanted, and the other way round.
Errors check_uses(const EvalConfig& config, const step::Surroundings& around) {
  Errors out;
  const auto refuse = [&](const step::Name& model, const std::string& what) {
    if (!is_among(model.value, around.embedders)) return;
    out.push_back(invalid_error("`" + model.value + "` embeds texts and answers nothing, so it " + what, model.at,
                                "name a model that answers"));
  };
  for (const auto& model : config.models) refuse(model, "can't be evaluated");
  for (const auto& scorer : config.scorers) {
    const auto asks = score::asks_of(scorer);
    for (const auto& judge : asks.models) refuse(judge, "can't judge");
    for (const auto& model : asks.embedders) {
      if (auto error = check_embedder(model, scorer.scorer.tag, around)) out.push_back(*std::move(error));
    }
  }
  return out;
}

void check_parameters(const doc::Node& node, const EvalConfig& config, Errors& errors) {
  const auto* parameters = node.find("parameters");
  for (auto& error : model::check_tools(config.parameters)) {
    if (parameters && !error.at.known()) error.at = parameters->at();
    errors.push_back(std::move(error));
  }
}

void check_repeat(const EvalConfig& config, Errors& errors) {
  if (is_late(config.repeat.reduce.value)) return;
  auto reducer = score::Reducer::parse(config.repeat.reduce.value);
  if (!reducer) {
    auto error = std::move(reducer).error();
    error.at = config.repeat.reduce.at;
    errors.push_back(std::move(error));
  } else if (reducer->n > config.repeat.times) {
    errors.push_back(invalid_error("`" + score::to_string(*reducer) + "` needs at least " + std::to_string(reducer->n) +
                                       " answers to a case, found `times` of " + std::to_string(config.repeat.times),
                                   config.repeat.reduce.at, "raise `times`, or lower the number"));
  }
}

class EvalKind : public step::Kind {
 public:
  std::string_view name() const override { return "eval"; }
  int version() const override { return 3; }
  std::string_view summary() const override {
    return "Ask every model with every prompt on every case, and score the answers.";
  }
  const schema::Type& config_type() const override { return record_of(static_cast<EvalConfig*>(nullptr)).type(); }

  doc::Node complete(doc::Node config, const std::vector<std::string>& embedders) const override {
    return with_only_embedder(std::move(config), embedders);
  }

  Result<step::Declared, Errors> declare(const doc::Node& node) const override {
    const auto config = read_config(node);
    step::Declared out;
    out.reads.models = config.models;
    out.reads.prompts = config.prompts;
    out.reads.datasets.push_back(config.dataset);
    add_asked(config, out.reads);
    out.outputs.push_back({"results", {}, node.at()});
    out.outputs.push_back({"answers", {}, node.at()});
    Errors errors;
    auto scorers = scorers_of(config);
    if (scorers) {
      out.measures = measures_of(config, *scorers);
    } else {
      errors = std::move(scorers).error();
    }
    refuse_twice(config.models, "model", errors);
    refuse_twice(config.prompts, "prompt", errors);
    check_choices(node, errors);
    check_parameters(node, config, errors);
    check_repeat(config, errors);
    const auto waits = [&](std::string_view key) {
      const auto* value = node.find(key);
      return value && schema::holds_expression(*value);
    };
    if (config.models.empty() && !waits("models"))
      errors.push_back(invalid_error("an eval needs at least one model", node.at()));
    if (!errors.empty()) return errors;
    return out;
  }

  Errors check(const doc::Node& node, const step::Surroundings& around) const override {
    const auto config = read_config(node);
    const auto dataset = around.datasets.find(config.dataset.value);
    auto out = dataset == around.datasets.end() ? Errors{} : check_expected(config, dataset->second);
    const auto* scorers = node.find("scorers");
    const bool own = dataset != around.datasets.end() && !dataset->second.assertions.empty();
    if (config.scorers.empty() && !own && !(scorers && schema::holds_expression(*scorers))) {
      out.push_back(
          invalid_error("an eval needs at least one scorer", node.at(),
                        "write `scorers:`, or name the field of the dataset that holds each case's: `assert`"));
    }
    for (const auto& model : config.models) {
      const auto provider = around.providers.find(model.value);
      if (!config.prompts.empty() || provider == around.providers.end()) continue;
      if (!takes_cases(provider->second)) out.push_back(needs_prompt(model));
    }
    auto uses = check_uses(config, around);
    std::move(uses.begin(), uses.end(), std::back_inserter(out));
    return out;
  }

  Errors check_cases(const doc::Node& node, const std::map<std::string, asset::Cases>& datasets) const override {
    const auto config = read_config(node);
    const auto cases = datasets.find(config.dataset.value);
    if (cases == datasets.end()) return {};
    auto left = filtered(cases->second, config.cases, config.cases_at);
    if (!left) return std::move(left).error();
    auto out = check_case_fields(config, *left);
    if (const auto scorers = scorers_of(config)) {
      if (const auto own = OwnScorers::of(config, *scorers, *left); !own) {
        out.insert(out.end(), own.error().begin(), own.error().end());
      }
    }
    return out;
  }

  step::Estimate estimate(const doc::Node& config, const step::Inputs& inputs) const override {
    return estimate_eval(read_config(config), inputs);
  }

  Result<step::Outcome> run(step::Context& context) const override {
    return run_eval(read_config(context.config()), context);
  }
};

}  // namespace

const step::Kind& kind() {
  static const EvalKind kind;
  return kind;
}

}  // namespace llmops::steps::eval
