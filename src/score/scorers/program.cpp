#include <cmath>

#include "base/text.h"
#include "doc/json.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

using schema::Type;

/// What a recipe may write under `exec:` of a scorer.
struct ProgramSettings {
  std::vector<schema::Placed<std::string>> command, inputs;
  std::string scale = "graded", better = "higher", unit;
};
const schema::Record<ProgramSettings>& record_of(ProgramSettings*) {
  static const auto record = schema::Record<ProgramSettings>("scorer-program", "A program that scores.")
                                 .need("command", &ProgramSettings::command, "The program and its arguments.")
                                 .may("inputs", &ProgramSettings::inputs,
                                      "Globs of the files that it is made of; tracked files in `command` always count.")
                                 .may_as(Type::choice_of({"graded", "amount"}), "scale", &ProgramSettings::scale,
                                         "`graded`: scores from 0 to 1. `amount`: any number, with a `unit`.")
                                 .may_as(Type::choice_of({"higher", "lower"}), "better", &ProgramSettings::better,
                                         "Of an amount: which is better.")
                                 .may("unit", &ProgramSettings::unit, "Of an amount: such as `ms`.")
                                 .short_for("command");
  return record;
}

/// One question and its answer.
class ProgramAsking final : public Asking<Finding> {
 public:
  ProgramAsking(Inquiry question, Scale scale) : question_(std::move(question)), scale_(scale) {}

  Result<Step> go_on(std::vector<Result<Reply>> replies) override {
    if (replies.empty()) return Step(std::vector<Inquiry>{std::move(question_)});
    TRY(const auto reply, std::move(replies.front()));
    TRY(const auto line, doc::parse_json_data(reply.text));
    const auto reason = text::printable(line.get("reason", ""));
    const auto* score = line.find("score");
    const auto* pass = line.find("pass");
    if (score && score->is_number()) {
      const auto value = score->as_double();
      if (!std::isfinite(value) || (scale_ == Scale::graded && (value < 0 || value > 1))) {
        return step_error("the program's score is " + text::from_double(value) + ", expected " +
                              (scale_ == Scale::graded ? "a number from 0 to 1" : "a finite number"),
                          scale_ == Scale::graded ? "declare an amount with `scale: amount`" : "");
      }
      return Step(Finding{value, reason, reason, {}});
    }
    if (!score && pass && pass->is_bool()) return Step(Finding{pass->as_bool() ? 1.0 : 0.0, reason, reason, {}});
    return step_error("the program's answer has no number under `score`, nor true or false under `pass`");
  }

 private:
  Inquiry question_;
  Scale scale_;
};

class Program final : public Measure {
 public:
  Program(ScorerProgram program, Scale scale) : program_(std::move(program)), scale_(scale) {}

  Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const override {
    Inquiry question;
    question.whom = program_;
    question.line = doc::Node::map({{"output", std::string(output)},
                                    {"case", sample.case_fields ? *sample.case_fields : doc::Node::map()},
                                    {"expected", sample.expected ? doc::Node(*sample.expected) : doc::Node()}});
    return Begun<Finding>(std::make_unique<ProgramAsking>(std::move(question), scale_));
  }

 private:
  ScorerProgram program_;
  Scale scale_;
};

ScorerProgram program_of(const doc::Node& settings) {
  const auto read = schema::read<ProgramSettings>(settings);
  ScorerProgram out;
  for (const auto& word : read.command) out.command.push_back(word.value);
  out.inputs = read.inputs;
  out.at = settings.at();
  return out;
}

}  // namespace

Type program_settings() { return record_of(static_cast<ProgramSettings*>(nullptr)).type(); }

Errors check_program(const doc::Node& settings) {
  if (!program_of(settings).command.empty()) return {};
  return {invalid_error("`exec` needs a program", settings.at(), "write `exec: [program, argument]`")};
}

Result<Made> make_program(const doc::Node& settings) {
  const auto read = schema::read<ProgramSettings>(settings);
  Made out;
  out.scale = read.scale == "amount" ? Scale::amount : Scale::graded;
  if (read.scale == "amount") {
    out.better = read.better == "lower" ? Better::lower : Better::higher;
    out.unit = read.unit;
  }
  out.measure = std::make_unique<Program>(program_of(settings), *out.scale);
  return out;
}

Asks asks_program(const doc::Node& settings) { return {{}, {}, {program_of(settings)}}; }

}  // namespace llmops::score
