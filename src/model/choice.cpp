#include "model/choice.h"

#include <algorithm>

#include "base/text.h"
#include "doc/json.h"

namespace llmops::model {
namespace {

std::optional<std::string> among(std::string_view text, const std::vector<std::string>& choices) {
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [&](const std::string& choice) { return text::trim(choice) == text::trim(text); });
  if (found == choices.end()) return std::nullopt;
  return *found;
}

}  // namespace

std::optional<std::string> choice_in(std::string_view text, const std::vector<std::string>& choices) {
  if (auto plain = among(text, choices)) return plain;
  if (!text::trim(text).starts_with('{')) return std::nullopt;
  const auto parsed = doc::parse_json_data(text::trim(text));
  const auto* choice = parsed ? parsed->find("choice") : nullptr;
  return choice != nullptr && choice->is_string() ? among(choice->as_string(), choices) : std::nullopt;
}

}  // namespace llmops::model
