#include "score/json_schema/validator.h"

#include "base/text.h"
#include "score/json_schema/compiler.h"
#include "score/json_schema/run.h"

namespace llmops::score::json_schema {

std::string Violation::text() const {
  constexpr std::size_t kWidth = 120;
  const auto place = pointer.empty() ? "the value" : "`" + text::printable(text::shorten(pointer, kWidth)) + "`";
  return place + " " + message;
}

Result<Validator, Errors> Validator::compile(const doc::Node& schema, Draft otherwise) {
  TRY(auto program, compile_program(schema, otherwise));
  return Validator(std::move(program));
}

Result<std::optional<Violation>> Validator::validate(const doc::Node& value) const {
  for (const auto mode : {Run::Mode::decide, Run::Mode::explain}) {
    Run run(*program_, mode);
    const bool good = run.decide(value);
    if (run.gave_up()) return *std::move(run.gave_up());
    if (good) return std::optional<Violation>();
    if (mode == Run::Mode::explain) return run.violation();
  }
  return std::optional<Violation>();
}

}  // namespace llmops::score::json_schema
