#include "score/scorers/embedded.h"
#include "score/scorers/families.h"
#include "score/scorers/judges.h"
#include "score/scorers/sets.h"

namespace llmops::score {
namespace {

using schema::Type;

std::vector<ScorerKind> of_texts() {
  const auto text = Type::of(Type::Kind::string);
  return {
      {"equals",
       "The answer is exactly this text, or as JSON equal to this list or map; without one, to the case's expected "
       "answer.",
       Type::of(Type::Kind::any), Scale::binary, Target::whole, &make_equals},
      {"contains", "The answer contains this text.", text, Scale::binary, Target::optional, &make_contains},
      {"icontains", "The answer contains this text, in upper or lower case.", text, Scale::binary, Target::optional,
       &make_icontains},
      {"contains-all", "The answer contains every one of these texts.", one_or_more_texts(), Scale::binary,
       Target::optional, &make_contains_all},
      {"contains-any", "The answer contains one of these texts or more.", one_or_more_texts(), Scale::binary,
       Target::optional, &make_contains_any},
      {"icontains-all", "The answer contains every one of these texts, in upper or lower case.", one_or_more_texts(),
       Scale::binary, Target::optional, &make_icontains_all},
      {"icontains-any", "The answer contains one of these texts or more, in upper or lower case.", one_or_more_texts(),
       Scale::binary, Target::optional, &make_icontains_any},
      {"starts-with", "The answer starts with this text.", text, Scale::binary, Target::optional, &make_starts_with},
      {"ends-with", "The answer ends with this text.", text, Scale::binary, Target::optional, &make_ends_with},
      {"regex", "The answer has a match of this regular expression (RE2 syntax).", text, Scale::binary,
       Target::required, &make_regex},
      {"levenshtein",
       "How alike the answer and this text are, 0 to 1: one minus edits by the longer length; or at most so many "
       "edits.",
       levenshtein_settings(), Scale::graded, Target::optional, &make_levenshtein},
      {"exact-match",
       "The answer is one of these texts by SQuAD's rules: in lower case, without punctuation, articles and extra "
       "blanks.",
       one_or_more_texts(), Scale::binary, Target::optional, &make_exact_match},
      {"f1", "F1 of the words that the answer shares with the nearest of these texts, 0 to 1, by SQuAD's rules.",
       one_or_more_texts(), Scale::graded, Target::optional, &make_f1},
      {"numeric", "The last number in the answer is this number, or near enough.", numeric_settings(), Scale::binary,
       Target::optional, &make_numeric},
  };
}

/// Graded comparisons with reference texts.
ScorerKind metric(std::string name, std::string help, Result<Made> (*make)(const doc::Node&)) {
  return {std::move(name), std::move(help), one_or_more_texts(), Scale::graded, Target::optional, make};
}

std::vector<ScorerKind> of_classes() {
  ScorerKind classification{
      "classification",
      "The answer names the case's class. Beside the share of right ones (`accuracy`) it gives `macro_f1`, the mean of "
      "the classes' F1, and `micro_f1`, that of all decisions together.",
      classification_settings(),
      Scale::binary,
      Target::optional,
      &make_classification,
      &check_classification};
  classification.metric = "accuracy";
  return {std::move(classification)};
}

std::vector<ScorerKind> of_ngrams() {
  return {
      metric("bleu",
             "BLEU against these texts, 0 to 1: sacrebleu's `sentence_bleu` by 100 (tokeniser 13a, case kept, up to 4 "
             "tokens, exponential smoothing, effective order).",
             &make_bleu),
      metric("gleu",
             "Google's BLEU against the nearest of these texts, 0 to 1: NLTK's `sentence_gleu` over tokens of 13a.",
             &make_gleu),
      metric("rouge-1",
             "ROUGE-1 against the nearest of these texts, 0 to 1: rouge-score's F-measure, without stemming.",
             &make_rouge_1),
      metric("rouge-2",
             "ROUGE-2 against the nearest of these texts, 0 to 1: rouge-score's F-measure, without stemming.",
             &make_rouge_2),
      metric("rouge-l",
             "ROUGE-L (the longest common subsequence) against the nearest of these texts, 0 to 1: rouge-score's "
             "F-measure, without stemming.",
             &make_rouge_l),
      metric("meteor",
             "METEOR against the nearest of these texts, 0 to 1: NLTK's `single_meteor_score` over tokens of 13a, by "
             "word and Porter stem, without WordNet's synonyms.",
             &make_meteor),
      metric(
          "chrf",
          "chrF2 against the nearest of these texts, 0 to 1: sacrebleu's `sentence_chrf` by 100 (up to 6 characters, "
          "no words, white space left out).",
          &make_chrf),
  };
}

std::vector<ScorerKind> of_forms() {
  return {
      {"is-json", "The answer is one JSON value and nothing else; with a JSON Schema, a value as that wants it.",
       schema_settings(), Scale::binary, Target::none, &make_is_json, &check_schema_settings},
      {"contains-json",
       "Somewhere in the answer stands a JSON object or array; with a JSON Schema, one as that wants it.",
       schema_settings(), Scale::binary, Target::none, &make_contains_json, &check_schema_settings},
      {"is-xml",
       "The answer is well-formed XML and nothing else. A document type with declarations inside is not read.",
       xml_settings(), Scale::binary, Target::none, &make_is_xml},
      {"contains-xml", "The answer contains a well-formed XML element.", xml_settings(), Scale::binary, Target::none,
       &make_contains_xml},
      {"is-sql", "The answer is one statement of SQL or more, by PostgreSQL's grammar, and nothing else.",
       no_settings(), Scale::binary, Target::none, &make_is_sql},
      {"contains-sql",
       "The answer is SQL by PostgreSQL's grammar, or contains a block of code that is, or a line that begins a "
       "statement which ends with a semicolon.",
       no_settings(), Scale::binary, Target::none, &make_contains_sql},
      {"word-count", "The answer has so many words, as white space parts them.", word_count_settings(), Scale::binary,
       Target::required, &make_word_count},
      {"is-refusal",
       "The answer is empty, or begins with an English phrase of refusing; or the provider says that it was refused or "
       "filtered. It can't know other phrases or languages, nor a refusal that is only quoted.",
       no_settings(), Scale::binary, Target::none, &make_is_refusal},
      {"finish-reason", "The answer ended for this reason.", finish_reasons(), Scale::binary, Target::required,
       &make_finish_reason},
      {"tool-call",
       "F1 of the tools that were called and these calls, 0 to 1: names, and `arguments` where they are given. "
       "`{calls: […], compare: exact}` wants the very arguments, `compare: names` looks at names alone; without "
       "calls, the case's expected answer.",
       Type::of(Type::Kind::any), Scale::graded, Target::whole, &make_tool_call, &check_tool_call},
      {"is-valid-tool-call",
       "Tools were called, each one that was offered, and with arguments as its parameters want them.", no_settings(),
       Scale::binary, Target::none, &make_valid_tool_call},
  };
}

std::vector<ScorerKind> of_costs() {
  return {
      {"latency", "The answer came in time.", latency_settings(), Scale::binary, Target::required, &make_latency},
      {"cost", "The answer was cheap enough.", cost_settings(), Scale::binary, Target::required, &make_cost},
      {"perplexity",
       "exp of the mean negative log-likelihood of the answer's tokens, 1 or more, lower is surer; or at most so much. "
       "Models with different tokenisers can't be compared by it.",
       perplexity_settings(), Scale::binary, Target::none, &make_perplexity},
      {"perplexity-score", "1 / (1 + perplexity), 0 to 0.5, higher is surer.", no_settings(), Scale::graded,
       Target::none, &make_perplexity_score},
  };
}

std::vector<ScorerKind> of_programs() {
  ScorerKind program{"exec",
                     "What a program says: it is sent `{\"id\",\"output\",\"case\",\"expected\"}` a line and answers "
                     "`{\"id\",\"score\",\"pass\",\"reason\"}`.",
                     program_settings(),
                     Scale::graded,
                     Target::required,
                     &make_program,
                     &check_program};
  program.asks = &asks_program;
  return {std::move(program)};
}

std::vector<ScorerKind> of_sets() {
  ScorerKind all_of{"all-of",
                    "All of these scorers pass; with a `threshold`, the weighted mean of their scores reaches it.",
                    set_settings(), Scale::binary, Target::required};
  all_of.make_of = &make_all_of;
  ScorerKind any_of{"any-of", "One of these scorers passes; with a `threshold`, the best of their scores reaches it.",
                    set_settings(), Scale::binary, Target::required};
  any_of.make_of = &make_any_of;
  return {std::move(all_of), std::move(any_of)};
}

std::vector<ScorerKind> all() {
  std::vector<ScorerKind> out;
  for (auto part : {of_texts(), of_classes(), of_ngrams(), of_forms(), of_costs(), judged_kinds(), embedded_kinds(),
                    of_programs(), of_sets()}) {
    out.insert(out.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
  }
  return out;
}

}  // namespace

const std::vector<ScorerKind>& scorer_kinds() {
  static const std::vector<ScorerKind> kinds = all();
  return kinds;
}

}  // namespace llmops::score
