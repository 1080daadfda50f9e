#include "score/scorers/family.h"

#include "base/text.h"

namespace llmops::score {

const ScorerKind* find_scorer(std::string_view name) {
  for (const auto& kind : scorer_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

const doc::Node* target_of(const doc::Node& settings) {
  if (settings.is_map()) return settings.find("to");
  return settings.is_null() ? nullptr : &settings;
}

Result<Setting> target_or_expected(const doc::Node& settings) {
  const auto* target = target_of(settings);
  if (!target) return Setting::expected();
  return Setting::of(*target);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kWidth = 60;
  constexpr std::size_t kLongestPoint = 4;
  return "`" + text::shorten(text.substr(0, (kWidth + 1) * kLongestPoint), kWidth) + "`";
}

}  // namespace llmops::score
