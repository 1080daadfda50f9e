#include "steps/gate/gate_config.h"

namespace llmops::steps::gate {

using schema::Record;
using schema::Type;

namespace {

Type list_or_one(Type item) {
  auto type = Type::list_of(item);
  type.short_form = std::make_shared<const Type>(std::move(item));
  return type;
}

Type confidence_type() {
  auto type = Type::of(Type::Kind::number);
  type.least = 0.5;
  type.most = 0.9999;
  return type;
}

}  // namespace

const Record<CellRef>& record_of(CellRef*) {
  static const auto record =
      Record<CellRef>("cell", "The answers of one model with one prompt; `model/prompt` in short.")
          .may("name", &CellRef::name, "`model/prompt`, or the model alone.")
          .may("model", &CellRef::model, "The model's name.")
          .may("prompt", &CellRef::prompt, "The prompt's name.")
          .may("dataset", &CellRef::dataset, "The dataset's name, where several evals have this cell.")
          .may("matrix", &CellRef::matrix, "Values of the eval's matrix, where it has one.")
          .may("where", &CellRef::where,
               "Only cases whose fields have these values; both sides of a comparison keep them.")
          .short_for("name");
  return record;
}

const Record<Select>& record_of(Select*) {
  static const auto record =
      Record<Select>("select", "Choose the best cell; it becomes the gate's outputs `model` and `prompt`.")
          .need("metric", &Select::metric, "The metric that decides.")
          .may_as(list_or_one(Type::of(Type::Kind::string)), "among", &Select::among,
                  "Cells that may be chosen, as globs.")
          .may_as(Type::choice_of({"first", "cheapest"}), "ties", &Select::ties,
                  "Which of those that are not significantly worse than the best is taken.");
  return record;
}

const Record<Requirement>& record_of(Requirement*) {
  static const auto record =
      Record<Requirement>("requirement",
                          "Something a metric must meet, decided on the one-sided bound of its interval.")
          .need("metric", &Requirement::metric, "The metric's name.")
          .may_as(schema::type_of<CellRef>(), "of", &Requirement::of,
                  "The cell it is of: `model/prompt`; default: the selected one, or the only one.")
          .may_as(schema::type_of<CellRef>(), "versus", &Requirement::versus,
                  "The cell it is compared with, case by case; or `deployed`.")
          .may("at_least", &Requirement::at_least, "The mean must be at least this.")
          .may("at_most", &Requirement::at_most, "The mean must be at most this.")
          .may("better_by", &Requirement::better_by, "It must be better than `versus` by more than this.")
          .may("not_worse_by", &Requirement::not_worse_by, "It may be worse than `versus` by at most this.")
          .may("where", &Requirement::where, "Only cases whose fields have these values.")
          .may_as(confidence_type(), "confidence", &Requirement::confidence,
                  "One-sided confidence of this requirement.")
          .may("point", &Requirement::point, "Compare the bare value, without its interval.");
  return record;
}

const Record<When>& record_of(When*) {
  static const auto record = Record<When>("when", "What happens where the answer is not known.")
                                 .may_as(Type::choice_of({"block", "warn"}), "inconclusive", &When::inconclusive,
                                         "Where cases don't settle it.")
                                 .may_as(Type::choice_of({"block", "warn"}), "unavailable", &When::unavailable,
                                         "Where a service is not there.")
                                 .without_effect("a gate asks no service");
  return record;
}

const Record<GateConfig>& record_of(GateConfig*) {
  static const auto record =
      Record<GateConfig>("gate", "Decide on measured metrics: pass, fail, or inconclusive.")
          .need_as(list_or_one(Type::of(Type::Kind::string)), "from", &GateConfig::from,
                   "The eval steps that measured.")
          .may("select", &GateConfig::select, "Choose the best cell first.")
          .may("require", &GateConfig::require, "What must hold.")
          .may_as(confidence_type(), "confidence", &GateConfig::confidence, "One-sided confidence of each decision.")
          .may("sequential", &GateConfig::sequential,
               "Looked at again and again while cases are added: bounds that hold at all looks together.")
          .may("max_errors", &GateConfig::max_errors, "Share of failed cases above which nothing is decided.")
          .may("when", &GateConfig::when, "What happens where the answer is not known.");
  return record;
}

}  // namespace llmops::steps::gate
