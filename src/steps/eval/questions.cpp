#include "steps/eval/questions.h"

#include <algorithm>

#include "model/config.h"
#include "schema/record.h"

namespace llmops::steps::eval {
namespace {

const std::vector<std::string>& choices_of(const EvalConfig& config, const Cell& cell) {
  return config.choices.empty() && cell.prompt ? cell.prompt->prompt->choices() : config.choices;
}

/// A recipe's files are in their place by now, and a prompt has none.
Result<void> check_schema(const model::Parameters& parameters) {
  const auto* schema = parameters.format.find("schema");
  if (schema == nullptr || schema->is_map()) return {};
  return invalid_error("the schema of `format` is " + std::string(doc::describe(schema->kind())) + ", expected a map",
                       schema->at(), "write the schema itself here: only a recipe can name its file");
}

}  // namespace

model::Parameters parameters_of(const EvalConfig& config, const Cell& cell) {
  auto parameters = cell.model->config.parameters;
  if (cell.prompt && cell.prompt->prompt->parameters().is_map()) {
    parameters =
        model::merge(std::move(parameters), schema::read<model::Parameters>(cell.prompt->prompt->parameters()));
  }
  return model::merge(std::move(parameters), config.parameters);
}

bool takes_cases(std::string_view provider) { return provider == "exec"; }

Error needs_prompt(const schema::Placed<std::string>& model) {
  return invalid_error("`" + model.value + "` needs a prompt", model.at, "name it in `prompts:`");
}

Result<Questions> Questions::make(const EvalConfig& config, const step::Inputs& inputs, const asset::Cases& cases) {
  Questions out;
  out.config_ = &config;
  out.inputs_ = &inputs;
  out.cases_ = &cases;
  const auto add = [&](const model::AskedModel& model, const step::PromptInput* prompt) -> Result<void> {
    Cell cell{&model, prompt, {}, 1};
    model::Query sample;
    sample.parameters = parameters_of(config, cell);
    TRY_VOID(check_schema(sample.parameters));
    sample.choices = choices_of(config, cell);
    if (model::draw_of(model.config, sample) == model::Draw::sampled) cell.repeats = config.repeat.times;
    out.starts_.push_back(out.total_);
    out.total_ += cases.size() * static_cast<std::size_t>(cell.repeats);
    cell.tools = std::move(sample.parameters.tools);
    out.cells_.push_back(std::move(cell));
    return {};
  };
  for (const auto& name : config.models) {
    const auto model = inputs.models.find(name.value);
    if (model == inputs.models.end()) return invalid_error("there is no model `" + name.value + "`", name.at);
    if (config.prompts.empty()) {
      if (!takes_cases(model->second.config.provider)) return needs_prompt(name);
      TRY_VOID(add(model->second, nullptr));
    }
    for (const auto& prompt_name : config.prompts) {
      const auto prompt = inputs.prompts.find(prompt_name.value);
      if (prompt == inputs.prompts.end()) {
        return invalid_error("there is no prompt `" + prompt_name.value + "`", prompt_name.at);
      }
      TRY_VOID(add(model->second, &prompt->second));
    }
  }
  return out;
}

Place Questions::place(std::size_t tag) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), tag);
  const auto cell = static_cast<std::size_t>(after - starts_.begin()) - 1;
  const auto within = tag - starts_[cell];
  const auto repeats = static_cast<std::size_t>(cells_[cell].repeats);
  return {cell, within / repeats, within % repeats};
}

Result<model::Ask> Questions::ask(std::size_t tag, const asset::Case& one) {
  const auto& cell = cells_[place(tag).cell];
  model::Ask out{tag, cell.model, {}};
  auto& query = out.query;
  query.parameters = parameters_of(*config_, cell);
  query.choices = choices_of(*config_, cell);
  query.choice_norm = config_->choice_norm == "length" ? model::ChoiceNorm::length : model::ChoiceNorm::none;
  query.repeat = static_cast<std::int64_t>(place(tag).repeat);
  if (cell.model->config.provider == "exec") query.case_fields = one.fields;
  if (!cell.prompt) return out;
  TRY(auto rendered, cell.prompt->prompt->render(one.fields, inputs_->vars));
  return conversations_.begin(std::move(out), std::move(rendered));
}

std::optional<model::Ask> Questions::next() {
  if (auto turn = conversations_.next()) return turn;
  if (failure_ || at_ == total_) return std::nullopt;
  const auto index = place(at_).index;
  auto one = cases_->at(index);
  auto made = one ? ask(at_, *one) : Result<model::Ask>(std::move(one).error());
  if (!made) {
    failure_ =
        std::move(made).error().within("rendering the case `" + (one ? one->id : std::to_string(index + 1)) + "`");
    return std::nullopt;
  }
  ++at_;
  return *std::move(made);
}

}  // namespace llmops::steps::eval
