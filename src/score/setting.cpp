#include "score/setting.h"

#include "base/text.h"
#include "schema/type.h"

namespace llmops::score {
namespace {

using templating::Looked;
using templating::Reference;

/// The value below the case that a path such as `case.user.tags[0]` names, or null.
const doc::Node* find(const doc::Node& fields, const Reference& reference) {
  const doc::Node* at = &fields;
  for (std::size_t i = 1; at && i < reference.path.size(); ++i) {
    if (const auto* index = std::get_if<std::int64_t>(&reference.path[i])) {
      const bool inside = at->is_list() && *index >= 0 && static_cast<std::size_t>(*index) < at->size();
      at = inside ? &at->items()[static_cast<std::size_t>(*index)] : nullptr;
    } else {
      at = at->find(reference.name(i));
    }
  }
  return at;
}

Result<Looked> look_up(const Sample& sample, const Reference& reference) {
  const doc::Node* found = sample.case_fields ? find(*sample.case_fields, reference) : nullptr;
  if (!found) return invalid_error("the case has no `" + reference.text + "`", reference.at);
  return Looked(*found);
}

}  // namespace

Result<Setting> Setting::of(const doc::Node& node) {
  Setting out;
  out.at_ = node.at();
  if (!schema::holds_expression(node)) {
    out.constant_ = node.text();
    return out;
  }
  TRY(auto parsed, templating::Interpolation::parse(node.text(), node.at()));
  for (const auto& reference : parsed.references()) {
    if (reference.root() == "case") continue;
    return invalid_error("unknown name `" + reference.text + "`: what a scorer compares with is read from `case`",
                         reference.at, "write `${case.FIELD}` with a field of the dataset");
  }
  out.each_case_ = std::move(parsed);
  return out;
}

Setting Setting::expected() { return {}; }

Result<std::string> Setting::text(const Sample& sample) const {
  if (constant_) return *constant_;
  TRY(const auto found, value(sample));
  return found.text();
}

Result<doc::Node> Setting::value(const Sample& sample) const {
  if (constant_) return doc::Node(*constant_);
  if (!each_case_) {
    if (sample.expected) return doc::Node(*sample.expected);
    return invalid_error("the case has nothing expected to compare with", {},
                         "name the field with `expected:` at the dataset, or give the scorer a text");
  }
  TRY(auto found, each_case_->evaluate([&](const Reference& reference) { return look_up(sample, reference); }));
  if (auto* node = std::get_if<doc::Node>(&found)) return std::move(*node);
  return invalid_error("the value of this setting is not known yet", at_);
}

Result<double> Setting::number(const Sample& sample) const {
  TRY(const auto written, text(sample));
  if (const auto value = text::to_double(written)) return *value;
  return invalid_error("expected a number here, found `" + text::shorten(written, 60) + "`", at_);
}

}  // namespace llmops::score
