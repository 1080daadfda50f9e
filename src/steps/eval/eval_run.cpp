#include "steps/eval/eval_run.h"

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "doc/json.h"
#include "model/provider.h"
#include "step/prompt_fields.h"
#include "steps/eval/grading.h"
#include "steps/eval/questions.h"
#include "steps/eval/scorers.h"
#include "steps/eval/tally.h"

namespace llmops::steps::eval {
namespace {

Result<const step::DatasetInput*> dataset_of(const EvalConfig& config, const step::Inputs& inputs) {
  const auto found = inputs.datasets.find(config.dataset.value);
  if (found == inputs.datasets.end()) {
    return invalid_error("there is no dataset `" + config.dataset.value + "`", config.dataset.at);
  }
  auto errors = check_expected(config, found->second.fields);
  if (!errors.empty()) return std::move(errors).front();
  return &found->second;
}

/// What would be found out case by case, after others were paid for.
Errors check_cases(const EvalConfig& config, const step::Inputs& inputs, const asset::Cases& cases) {
  auto out = check_case_fields(config, cases);
  for (const auto& name : config.prompts) {
    const auto prompt = inputs.prompts.find(name.value);
    if (prompt == inputs.prompts.end()) continue;
    auto missing = step::check_prompt_fields(*prompt->second.prompt, cases, config.dataset.value);
    std::move(missing.begin(), missing.end(), std::back_inserter(out));
  }
  return out;
}

class Run {
 public:
  Run(const EvalConfig& config, step::Context& context, const asset::Cases& cases, Questions& questions, Tally& tally,
      Grading::Who who)
      : config_(config),
        context_(context),
        cases_(cases),
        questions_(questions),
        tally_(tally),
        grading_(who, context.inputs(), questions.total(), [&tally](const Graded& graded) { tally.add(graded); }) {
    progress_.total = static_cast<std::int64_t>(questions_.total());
  }

  Result<step::Outcome> go(const step::DatasetInput& dataset) {
    model::AskLimits limits;
    limits.concurrency = config_.concurrency;
    limits.budget = config_.budget;
    context_.emit(progress_);
    TRY(const auto totals,
        context_.ask([this] { return next(); }, [this](const model::Asked& asked) { take(asked); }, limits));
    grading_.finish();
    if (questions_.failure()) return *questions_.failure();
    if (failure_) return *failure_;
    if (progress_.done > 0 && progress_.errors == progress_.done) return all_failed();
    if (tally_.scored() == 0 && tally_.scorer_error()) return *tally_.scorer_error();
    return outcome(dataset, totals);
  }

 private:
  /// What scorers want to know comes first, so that few answers wait for their scores.
  std::optional<model::Ask> next() {
    auto question = grading_.next();
    return question ? std::move(question) : questions_.next();
  }

  void take(const model::Asked& asked) {
    if (grading_.owns(asked.tag)) return grading_.take_reply(asked);
    if (auto answered = questions_.take(asked)) take(*std::move(answered));
  }

  void take(Answered answered) {
    const auto& asked = answered.asked;
    ++progress_.done;
    if (asked.cached) ++progress_.cached;
    if (!asked.answer) {
      ++progress_.errors;
      if (!first_error_) first_error_ = asked.error;
    }
    const auto place = questions_.place(asked.tag);
    if (auto one = cases_.at(place.index)) {
      grading_.take(place, questions_.cells()[place.cell], *std::move(one), answered);
    } else if (!failure_) {
      failure_ = std::move(one).error();
    }
    context_.emit(progress_);
  }

  Error all_failed() const {
    if (!first_error_) return step_error("every query failed");
    auto error = *first_error_;
    if (progress_.done == 1) return std::move(error).within("asking; the only query failed");
    return std::move(error).within("asking; all " + std::to_string(progress_.done) + " queries failed");
  }

  Result<step::Outcome> outcome(const step::DatasetInput& dataset, const model::AskTotals& totals) {
    step::Outcome out;
    score::Results results;
    results.dataset = dataset.name;
    results.dataset_identity = dataset.identity;
    results.scorers = scorers_digest(config_, context_.config(), context_.inputs());
    results.judges = grading_.judges();
    TRY(auto answers, context_.keep("answers", tally_.answers()));
    tally_.drop_answers();
    if (tally_.scorer_error()) {
      context_.emit(step::Note{"some answers could not be scored: " + tally_.scorer_error()->message});
    }
    for (auto& note : grading_.notes()) context_.emit(step::Note{std::move(note)});
    std::move(tally_).finish(results, config_.repeat.times);
    TRY(auto kept, context_.keep("results", score::to_jsonl(results)));
    kept.in_record = true;
    out.outputs = {std::move(kept), std::move(answers)};
    for (const auto& summary : score::summarise(results)) {
      if (summary.n > 0 || !may_be_unknown(summary.metric)) out.metrics.push_back(score::to_node(summary));
    }
    if (compares_perplexities()) {
      context_.emit(
          step::Note{"perplexities count each model's own tokens: of models with different tokenisers they "
                     "can't be compared"});
    }
    const bool asked_once =
        config_.repeat.times > 1 && std::any_of(questions_.cells().begin(), questions_.cells().end(),
                                                [](const Cell& cell) { return cell.repeats == 1; });
    if (asked_once)
      context_.emit(step::Note{"greedy answers don't change: models without sampling were asked once a case"});
    if (progress_.errors > 0) {
      out.cacheable = false;  // The next run asks again what failed, and only that.
      out.reason = std::to_string(progress_.errors) + " of " + std::to_string(progress_.done) +
                   " queries failed: " + (first_error_ ? first_error_->message : std::string("no answer"));
      context_.emit(step::Note{out.reason});
      if (static_cast<double>(progress_.errors) > config_.max_errors.value * static_cast<double>(progress_.done)) {
        out.status = step::Status::inconclusive;
        out.reason = "more than `max_errors` (" + units::to_string(config_.max_errors) + "): " + out.reason;
      }
    }
    if (totals.budget_end) {
      out.status = step::Status::inconclusive;
      out.cacheable = false;
      out.reason = model::to_string(*totals.budget_end) + " ended after " + std::to_string(progress_.done) + " of " +
                   std::to_string(progress_.total) + " queries";
    }
    return out;
  }

  bool compares_perplexities() const {
    const auto& cells = questions_.cells();
    return std::any_of(config_.scorers.begin(), config_.scorers.end(),
                       [](const auto& scorer) { return scorer.scorer.tag.starts_with("perplexity"); }) &&
           std::any_of(cells.begin(), cells.end(),
                       [&](const Cell& cell) { return cell.model->identity != cells.front().model->identity; });
  }

  const EvalConfig& config_;
  step::Context& context_;
  const asset::Cases& cases_;
  Questions& questions_;
  Tally& tally_;
  Grading grading_;
  step::Progress progress_;
  std::optional<Error> first_error_, failure_;
};

}  // namespace

Result<step::Outcome> run_eval(const EvalConfig& config, step::Context& context) {
  TRY(const auto* dataset, dataset_of(config, context.inputs()));
  auto all = context.cases(*dataset);
  if (!all) return std::move(all).error().front();
  const auto cases = filtered(*all, config.cases, config.cases_at);
  if (!cases) return cases.error().front();
  if (auto errors = check_cases(config, context.inputs(), *cases); !errors.empty()) return std::move(errors).front();
  auto scorers = scorers_of(config);
  if (!scorers) return std::move(scorers).error().front();
  const auto own = OwnScorers::of(config, *scorers, *cases);
  if (!own) return own.error().front();
  TRY(auto questions, Questions::make(config, context.inputs(), *cases));
  const auto cells = questions.cells();
  TRY(const auto reducer, score::Reducer::parse(config.repeat.reduce.value));
  Tally tally(*scorers, *own, {reducer, weights_of(config, *scorers)}, cells, *cases);
  return Run(config, context, *cases, questions, tally, {*scorers, *own}).go(*dataset);
}

namespace {

/// How long asking takes, from how long the models' answers took before.
class Pace {
 public:
  explicit Pace(const EvalConfig& config, const step::Inputs& inputs) : config_(config), inputs_(inputs) {}

  void add(const std::string& name, const model::ModelConfig& model, std::int64_t queries, std::int64_t tokens) {
    const auto latency = inputs_.latencies.find(name);
    const auto* provider = model::find_provider(model.provider);
    if (latency == inputs_.latencies.end() || provider == nullptr) {
      known_ = false;
      return;
    }
    auto& own = models_[name];
    const auto work = static_cast<double>(queries) * static_cast<double>(latency->second.count());
    work_ += work;
    own.ms += work / static_cast<double>(model.concurrency.value_or(provider->concurrency));
    own.queries += queries;
    own.tokens += tokens;
    const auto minutes = [](std::int64_t count, const std::optional<std::int64_t>& a_minute) {
      return a_minute && count > 0 ? static_cast<double>((count - 1) / *a_minute) * 60'000 : 0.0;
    };
    longest_ = std::max({longest_, own.ms, minutes(own.queries, model.requests_per_minute),
                         minutes(own.tokens, model.tokens_per_minute)});
  }

  std::optional<Duration> duration() const {
    if (!known_) return std::nullopt;
    const auto all =
        config_.concurrency ? work_ / static_cast<double>(std::max<std::int64_t>(*config_.concurrency, 1)) : 0.0;
    return Duration(static_cast<std::int64_t>(std::max(longest_, all)));
  }

 private:
  struct Own {
    double ms = 0;
    std::int64_t queries = 0, tokens = 0;
  };
  const EvalConfig& config_;
  const step::Inputs& inputs_;
  std::map<std::string, Own> models_;
  double work_ = 0, longest_ = 0;
  bool known_ = true;
};

}  // namespace

step::Estimate estimate_eval(const EvalConfig& config, const step::Inputs& inputs) {
  step::Estimate out;
  const auto dataset = inputs.datasets.find(config.dataset.value);
  if (dataset == inputs.datasets.end()) return out;
  const auto cases = static_cast<std::int64_t>(dataset->second.cases.value_or(0));
  const auto bytes = static_cast<std::int64_t>(dataset->second.size.value);
  out.input_tokens = 0;
  out.output_tokens = 0;
  out.cost = Usd{0};
  Pace pace(config, inputs);
  for (const auto& name : config.models) {
    const auto model = inputs.models.find(name.value);
    if (model == inputs.models.end()) continue;
    const auto& settings = model->second.config;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, config.prompts.size()); ++i) {
      std::int64_t prompt_bytes = 0;
      if (i < config.prompts.size()) {
        const auto prompt = inputs.prompts.find(config.prompts[i].value);
        if (prompt != inputs.prompts.end()) prompt_bytes = static_cast<std::int64_t>(prompt->second.size.value);
      }
      model::Query sample;
      sample.parameters = model::merge(settings.parameters, config.parameters);
      sample.choices = config.choices;
      const auto repeats = model::draw_of(settings, sample) == model::Draw::greedy ? 1 : config.repeat.times;
      const auto queries = cases * repeats;
      const auto longest = config.choices.empty() ? sample.parameters.max_tokens.value_or(256) : 8;
      model::Usage usage;
      usage.input_tokens = (prompt_bytes * queries + bytes * repeats) / 4;
      usage.output_tokens = queries * longest;
      pace.add(name.value, settings, queries, *usage.input_tokens);
      out.queries += queries;
      *out.input_tokens += *usage.input_tokens;
      *out.output_tokens += *usage.output_tokens;
      const auto pricing = model::pricing_of(settings);
      const auto* provider = model::find_provider(settings.provider);
      if ((provider != nullptr && provider->is_billed) || pricing.source != model::Pricing::Source::unknown)
        out.prices[name.value] = pricing;
      // What a machine's hour costs tells nothing before it is known how long it works.
      const auto cost = pricing.price.input ? model::cost_of(pricing, usage, Duration{0}) : std::nullopt;
      out.cost = out.cost && cost ? std::optional(Usd{out.cost->value + cost->value}) : std::nullopt;
    }
  }
  out.duration = pace.duration();
  return out;
}

}  // namespace llmops::steps::eval
