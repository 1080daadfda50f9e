#pragma once
/// \file  The factories of all families: one file each.
#include "score/scorers/family.h"

namespace llmops::score {

Result<Made> make_equals(const doc::Node& settings);
Result<Made> make_contains(const doc::Node& settings);
Result<Made> make_icontains(const doc::Node& settings);
Result<Made> make_starts_with(const doc::Node& settings);
Result<Made> make_regex(const doc::Node& settings);
Result<Made> make_is_json(const doc::Node& settings);
Result<Made> make_contains_json(const doc::Node& settings);
Result<Made> make_levenshtein(const doc::Node& settings);
Result<Made> make_latency(const doc::Node& settings);
Result<Made> make_cost(const doc::Node& settings);

schema::Type schema_settings();
Errors check_schema_settings(const doc::Node& settings);
schema::Type levenshtein_settings();
schema::Type latency_settings();
schema::Type cost_settings();

}  // namespace llmops::score
