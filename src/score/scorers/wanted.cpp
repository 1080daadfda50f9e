#include "score/scorers/wanted.h"

#include "base/text.h"
#include "doc/json.h"
#include "schema/type.h"

namespace llmops::score {
namespace {

/// A dataset's list or map comes as its JSON.
doc::Node list_or_map_in(doc::Node value) {
  if (!value.is_string()) return value;
  const auto text = text::trim(value.as_string());
  if (!text.starts_with('{') && !text.starts_with('[')) return value;
  auto parsed = doc::parse_json_data(text);
  return parsed ? *std::move(parsed) : std::move(value);
}

}  // namespace

Result<Wanted> Wanted::of(const doc::Node& settings) {
  Wanted out;
  if (settings.is_null()) {
    out.whole_ = Setting::expected();
  } else if (settings.is_scalar()) {
    TRY(out.whole_, Setting::of(settings));
  } else {
    TRY_VOID(add_leaves(settings, out.leaves_));
    out.shape_ = settings;
  }
  return out;
}

Result<doc::Node> Wanted::value(const Sample& sample) const {
  if (whole_) {
    TRY(auto value, whole_->value(sample));
    return whole_->constant() ? std::move(value) : list_or_map_in(std::move(value));
  }
  auto out = shape_;
  std::size_t next = 0;
  TRY_VOID(fill(out, next, sample));
  return out;
}

Result<void> Wanted::add_leaves(const doc::Node& node, std::vector<Setting>& out) {
  if (node.is_list()) {
    for (const auto& item : node.items()) TRY_VOID(add_leaves(item, out));
  } else if (node.is_map()) {
    for (const auto& entry : node.entries()) TRY_VOID(add_leaves(entry.value, out));
  } else if (schema::holds_expression(node)) {
    TRY(auto leaf, Setting::of(node));
    out.push_back(std::move(leaf));
  }
  return {};
}

Result<void> Wanted::fill(doc::Node& node, std::size_t& next, const Sample& sample) const {
  if (node.is_list()) {
    for (auto& item : node.items()) TRY_VOID(fill(item, next, sample));
  } else if (node.is_map()) {
    for (auto& entry : node.entries()) TRY_VOID(fill(entry.value, next, sample));
  } else if (schema::holds_expression(node)) {
    TRY(node, leaves_[next++].value(sample));
  }
  return {};
}

}  // namespace llmops::score
