#include "score/scorers/family.h"

#include <cstring>

#include "base/text.h"

namespace llmops::score {

const ScorerKind* find_scorer(std::string_view name) {
  for (const auto& kind : scorer_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

Result<Begun<Finding>> PureMeasure::begin(std::string_view output, const Sample& sample) const {
  TRY(auto finding, measure(output, sample));
  return Begun<Finding>(std::move(finding));
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

Result<Texts> texts_or_expected(const doc::Node& settings) {
  if (settings.is_null()) return Texts::expected();
  return Texts::of(settings);
}

schema::Type one_or_more_texts() {
  const auto text = schema::Type::of(schema::Type::Kind::string);
  auto out = schema::Type::list_of(text);
  out.least = 1;
  out.short_form = std::make_shared<const schema::Type>(text);
  return out;
}

bool holds(std::string_view text, std::string_view part) {
  // memmem keeps its promise where std::string_view::find would compare a repetitive text again and again.
  return part.empty() || ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

schema::Type no_settings() {
  struct Nothing {};
  return schema::Record<Nothing>("no-settings", "Takes no settings.").type();
}

Error too_long_as_json() {
  return invalid_error("the answer has over 4 MiB of JSON, more than is read", {}, "cut it with a `transform`");
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kWidth = 60;
  constexpr std::size_t kLongestPoint = 4;
  return "`" + text::shorten(text.substr(0, (kWidth + 1) * kLongestPoint), kWidth) + "`";
}

std::string quoted(const std::vector<std::string>& texts) {
  constexpr std::size_t kMost = 5;
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ", ";
    if (i == kMost) return out + "…";
    out += quoted(std::string_view(texts[i]));
  }
  return out;
}

}  // namespace llmops::score
