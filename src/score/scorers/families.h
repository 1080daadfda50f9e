#pragma once
/// \file  The factories of all families: one file each.
#include "score/scorers/family.h"

namespace llmops::score {

Result<Made> make_equals(const doc::Node& settings);
Result<Made> make_contains(const doc::Node& settings);
Result<Made> make_icontains(const doc::Node& settings);
Result<Made> make_contains_all(const doc::Node& settings);
Result<Made> make_contains_any(const doc::Node& settings);
Result<Made> make_icontains_all(const doc::Node& settings);
Result<Made> make_icontains_any(const doc::Node& settings);
Result<Made> make_starts_with(const doc::Node& settings);
Result<Made> make_ends_with(const doc::Node& settings);
Result<Made> make_regex(const doc::Node& settings);
Result<Made> make_is_json(const doc::Node& settings);
Result<Made> make_contains_json(const doc::Node& settings);
Result<Made> make_is_xml(const doc::Node& settings);
Result<Made> make_contains_xml(const doc::Node& settings);
Result<Made> make_is_sql(const doc::Node& settings);
Result<Made> make_contains_sql(const doc::Node& settings);
Result<Made> make_levenshtein(const doc::Node& settings);
Result<Made> make_exact_match(const doc::Node& settings);
Result<Made> make_f1(const doc::Node& settings);
Result<Made> make_bleu(const doc::Node& settings);
Result<Made> make_gleu(const doc::Node& settings);
Result<Made> make_rouge_1(const doc::Node& settings);
Result<Made> make_rouge_2(const doc::Node& settings);
Result<Made> make_rouge_l(const doc::Node& settings);
Result<Made> make_meteor(const doc::Node& settings);
Result<Made> make_chrf(const doc::Node& settings);
Result<Made> make_classification(const doc::Node& settings);
Result<Made> make_numeric(const doc::Node& settings);
Result<Made> make_word_count(const doc::Node& settings);
Result<Made> make_is_refusal(const doc::Node& settings);
Result<Made> make_finish_reason(const doc::Node& settings);
Result<Made> make_latency(const doc::Node& settings);
Result<Made> make_cost(const doc::Node& settings);
Result<Made> make_tool_call(const doc::Node& settings);
Result<Made> make_valid_tool_call(const doc::Node& settings);
Result<Made> make_perplexity(const doc::Node& settings);
Result<Made> make_perplexity_score(const doc::Node& settings);

Result<Made> make_program(const doc::Node& settings);

schema::Type program_settings();
Errors check_program(const doc::Node& settings);
Asks asks_program(const doc::Node& settings);
schema::Type schema_settings();
Errors check_tool_call(const doc::Node& settings);
Errors check_schema_settings(const doc::Node& settings);
schema::Type no_settings();
schema::Type xml_settings();
schema::Type levenshtein_settings();
schema::Type classification_settings();
Errors check_classification(const doc::Node& settings);
schema::Type numeric_settings();
schema::Type word_count_settings();
schema::Type finish_reasons();
schema::Type latency_settings();
schema::Type cost_settings();
schema::Type perplexity_settings();

}  // namespace llmops::score
