#include "score/texts.h"

#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "schema/type.h"

namespace llmops::score {
namespace {

std::vector<std::string> texts_of(const doc::List& items) {
  std::vector<std::string> out;
  out.reserve(items.size());
  for (const auto& item : items) out.push_back(item.text());
  return out;
}

/// The texts of a value: those of a list, also of one that a text holds as JSON.
std::vector<std::string> several(const doc::Node& value) {
  if (value.is_list()) return texts_of(value.items());
  auto text = value.text();
  if (text::trim(text).starts_with('[')) {
    if (const auto parsed = doc::parse_json_data(text); parsed && parsed->is_list()) return texts_of(parsed->items());
  }
  return {std::move(text)};
}

}  // namespace

Result<Texts> Texts::of(const doc::Node& node) {
  Texts out;
  out.at_ = node.at();
  out.listed_ = node.is_list();
  const auto items = node.is_list() ? node.items() : doc::List{node};
  for (const auto& item : items) {
    TRY(auto setting, Setting::of(item));
    out.settings_.push_back(std::move(setting));
  }
  const bool known = std::all_of(out.settings_.begin(), out.settings_.end(),
                                 [](const Setting& setting) { return setting.constant().has_value(); });
  if (!known) return out;
  out.constant_.emplace();
  for (const auto& setting : out.settings_) out.constant_->push_back(*setting.constant());
  return out;
}

Texts Texts::expected() {
  Texts out;
  out.settings_.push_back(Setting::expected());
  return out;
}

Result<std::vector<std::string>> Texts::get(const Sample& sample) const {
  if (constant_) return *constant_;
  std::vector<std::string> out;
  for (const auto& setting : settings_) {
    TRY(const auto value, setting.value(sample));
    auto texts = listed_ && !value.is_list() ? std::vector<std::string>{value.text()} : several(value);
    std::move(texts.begin(), texts.end(), std::back_inserter(out));
  }
  if (!out.empty()) return out;
  return invalid_error("the list to compare with is empty in this case", at_, "give the case at least one text");
}

}  // namespace llmops::score
