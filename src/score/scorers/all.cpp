#include "score/scorers/families.h"

namespace llmops::score {

const std::vector<ScorerKind>& scorer_kinds() {
  const auto text = schema::Type::of(schema::Type::Kind::string);
  static const std::vector<ScorerKind> kinds = {
      {"equals", "The answer is exactly this text; without one, the case's expected answer.", text, Scale::binary,
       Target::optional, &make_equals},
      {"contains", "The answer contains this text.", text, Scale::binary, Target::optional, &make_contains},
      {"icontains", "The answer contains this text, in upper or lower case.", text, Scale::binary, Target::optional,
       &make_icontains},
      {"starts-with", "The answer starts with this text.", text, Scale::binary, Target::optional, &make_starts_with},
      {"regex", "The answer has a match of this regular expression (RE2 syntax).", text, Scale::binary,
       Target::required, &make_regex},
      {"is-json", "The answer is one JSON value and nothing else; with a JSON Schema, a value as that wants it.",
       schema_settings(), Scale::binary, Target::none, &make_is_json, &check_schema_settings},
      {"contains-json",
       "Somewhere in the answer stands a JSON object or array; with a JSON Schema, one as that wants it.",
       schema_settings(), Scale::binary, Target::none, &make_contains_json, &check_schema_settings},
      {"levenshtein",
       "How alike the answer and this text are, 0 to 1: one minus edits by the longer length; or at most so many "
       "edits.",
       levenshtein_settings(), Scale::graded, Target::optional, &make_levenshtein},
      {"latency", "The answer came in time.", latency_settings(), Scale::binary, Target::required, &make_latency},
      {"cost", "The answer was cheap enough.", cost_settings(), Scale::binary, Target::required, &make_cost},
  };
  return kinds;
}

}  // namespace llmops::score
