#include "model/llama/grammar.h"

#include <json-schema-to-grammar.h>
#include <llama.h>

#include <cmath>
#include <exception>

#include "base/text.h"
#include "doc/json.h"

namespace llmops::model::llama {
namespace {

Error unfit(const std::string& why) {
  constexpr std::string_view introduction = "JSON schema conversion failed:\n";
  auto reason = std::string_view(why);
  if (reason.starts_with(introduction)) reason.remove_prefix(introduction.size());
  return invalid_error(
      "the schema of `format` can't be made a grammar: " + text::shorten(text::printable(text::trim(reason)), 200), {},
      "say it in simpler words, and score the answer with `is-json` by the whole schema");
}

}  // namespace

Result<std::string> grammar_of(const Parameters& parameters) {
  if (parameters.format.is_null()) return std::string();
  const auto* schema = parameters.format.find("schema");
  try {
    return json_schema_to_grammar(
        common_json::parse(schema == nullptr ? std::string(R"({"type":"object"})") : doc::to_json(*schema)), true);
  } catch (const std::exception& failure) {
    return unfit(failure.what());
  }
}

Result<Grammar> Grammar::make(const llama_vocab* vocabulary, const std::string& grammar) {
  try {
    SamplerHandle sampler(llama_sampler_init_grammar(vocabulary, grammar.c_str(), "root"));
    if (sampler) return Grammar(std::move(sampler));
  } catch (const std::exception&) {
  }
  return step_error("the embedded engine can't read the grammar of this `format`", "say the schema in simpler words");
}

bool Grammar::allows(Token token) const {
  llama_token_data candidate{token, 0, 0};
  llama_token_data_array array{&candidate, 1, -1, false};
  llama_sampler_apply(sampler_.get(), &array);
  return std::isfinite(candidate.logit);
}

std::vector<float> Grammar::masked(Logits logits) const {
  std::vector<llama_token_data> candidates(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) candidates[i] = {static_cast<Token>(i), logits[i], 0};
  llama_token_data_array array{candidates.data(), candidates.size(), -1, false};
  llama_sampler_apply(sampler_.get(), &array);
  std::vector<float> out(logits.size(), -INFINITY);
  for (std::size_t i = 0; i < array.size; ++i) out[static_cast<std::size_t>(array.data[i].id)] = array.data[i].logit;
  return out;
}

bool Grammar::accept(Token token) {
  try {
    llama_sampler_accept(sampler_.get(), token);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace llmops::model::llama
