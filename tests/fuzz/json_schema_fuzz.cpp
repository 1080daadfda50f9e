// The first line as a JSON Schema of both drafts, the rest as a value: a violation stands at a place that the value
// has, every run says the same, and `not` turns it round.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "doc/json.h"
#include "score/json_schema/pointer.h"
#include "score/json_schema/validator.h"

using namespace llmops;
using namespace llmops::score::json_schema;

namespace {

bool has_place(const doc::Node& value, const std::string& pointer) {
  const auto tokens = pointer_tokens(pointer);
  if (!tokens) return false;
  const auto* at = &value;
  for (const auto& token : *tokens) {
    at = step_to(*at, token);
    if (!at) return false;
  }
  return true;
}

void check(const doc::Node& schema, const doc::Node& value, Draft draft) {
  const auto validator = Validator::compile(schema, draft);
  if (!validator) {
    if (validator.error().empty()) std::abort();
    for (const auto& error : validator.error()) (void)render(error);
    return;
  }
  const auto violation = validator->validate(value), again = validator->validate(value);
  if (violation.has_value() != again.has_value()) std::abort();
  if (!violation) return;
  if (violation->has_value() != again->has_value()) std::abort();
  if (*violation && ((*violation)->message.empty() || !has_place(value, (*violation)->pointer))) std::abort();

  const bool refers = doc::to_json(schema).find('$') != std::string::npos;  // A pointer would start elsewhere.
  const auto opposite = Validator::compile(doc::Node::map({{"not", schema}}), draft);
  if (refers || !opposite) return;
  const auto turned = opposite->validate(value);
  if (turned && turned->has_value() == violation->has_value()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  const auto schema = doc::parse_json("schema.json", text.substr(0, line));
  const auto value = line == std::string::npos ? schema : doc::parse_json("value.json", text.substr(line + 1));
  if (!schema || !value) return 0;
  for (const auto draft : {Draft::draft7, Draft::draft2020_12}) check(*schema, *value, draft);
  return 0;
}
