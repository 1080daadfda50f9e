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

/// Beyond these the engine's own conversion recurses too deep, or its reader gives up.
constexpr std::size_t kLongestSchema = std::size_t{1} << 18, kLongestName = 1000;
constexpr std::int64_t kMostRepetitions = 2000;

bool is_count(std::string_view key) {
  return key == "minLength" || key == "maxLength" || key == "minItems" || key == "maxItems";
}

/// What is too much for a grammar; empty where nothing is.
std::string excess(const doc::Node& schema) {
  if (schema.is_list()) {
    for (const auto& item : schema.items()) {
      if (auto found = excess(item); !found.empty()) return found;
    }
  }
  if (!schema.is_map()) return {};
  for (const auto& [key, at, value] : schema.entries()) {
    if (key.size() > kLongestName || (key == "$ref" && value.is_string() && value.as_string().size() > kLongestName)) {
      return "a name has more than " + std::to_string(kLongestName) + " bytes";
    }
    if (is_count(key) && value.is_number() && value.as_double() > static_cast<double>(kMostRepetitions)) {
      return "`" + key + "` is " + value.text() + ", at most " + std::to_string(kMostRepetitions) + " can be counted";
    }
    if (auto found = excess(value); !found.empty()) return found;
  }
  return {};
}

}  // namespace

Result<std::string> grammar_of(const Parameters& parameters) {
  if (parameters.format.is_null()) return std::string();
  const auto* schema = parameters.format.find("schema");
  const auto json = schema == nullptr ? std::string(R"({"type":"object"})") : doc::to_json(*schema);
  if (json.size() > kLongestSchema) return unfit("it has more than 256 KiB");
  if (schema != nullptr) {
    if (const auto found = excess(*schema); !found.empty()) return unfit(found);
  }
  try {
    return json_schema_to_grammar(common_json::parse(json), true);
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
