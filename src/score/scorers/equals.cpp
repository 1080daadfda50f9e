#include "base/text.h"
#include "doc/json.h"
#include "schema/type.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// What an answer must be: a text, or a JSON list or map, whose leaves may be read from each case.
class Wanted {
 public:
  static Result<Wanted> of(const doc::Node& settings) {
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

  Result<doc::Node> value(const Sample& sample) const {
    if (whole_) {
      TRY(auto value, whole_->value(sample));
      return whole_->constant() ? std::move(value) : list_or_map_in(std::move(value));
    }
    auto out = shape_;
    std::size_t next = 0;
    TRY_VOID(fill(out, next, sample));
    return out;
  }

  /// The list or map, where it is the same for every case.
  const doc::Node* constant() const { return !whole_ && leaves_.empty() ? &shape_ : nullptr; }

 private:
  /// A dataset's list or map comes as its JSON.
  static doc::Node list_or_map_in(doc::Node value) {
    if (!value.is_string()) return value;
    const auto text = text::trim(value.as_string());
    if (!text.starts_with('{') && !text.starts_with('[')) return value;
    auto parsed = doc::parse_json_data(text);
    return parsed ? *std::move(parsed) : std::move(value);
  }

  static Result<void> add_leaves(const doc::Node& node, std::vector<Setting>& out) {
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

  Result<void> fill(doc::Node& node, std::size_t& next, const Sample& sample) const {
    if (node.is_list()) {
      for (auto& item : node.items()) TRY_VOID(fill(item, next, sample));
    } else if (node.is_map()) {
      for (auto& entry : node.entries()) TRY_VOID(fill(entry.value, next, sample));
    } else if (schema::holds_expression(node)) {
      TRY(node, leaves_[next++].value(sample));
    }
    return {};
  }

  std::optional<Setting> whole_;
  doc::Node shape_;
  std::vector<Setting> leaves_;  ///< Of what holds `${…}` in `shape_`, in its order.
};

Result<Finding> compare_json(std::string_view output, const doc::Node& wanted) {
  if (output.size() > kLongestJson) return too_long_as_json();
  const auto found = doc::parse_json_data(output);
  if (!found) return Finding{0, "the answer is not JSON: " + found.error().message};
  if (*found == wanted) return Finding{1, "found " + quoted(output)};
  return Finding{0, "found " + quoted(output) + ", expected " + quoted(doc::to_json(wanted))};
}

class Equals final : public PureMeasure {
 public:
  explicit Equals(Wanted wanted) : wanted_(std::move(wanted)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    if (const auto* json = wanted_.constant()) return compare_json(output, *json);
    TRY(const auto wanted, wanted_.value(sample));
    if (!wanted.is_scalar()) return compare_json(output, wanted);
    const auto text = wanted.text();
    if (output == text) return Finding{1, "found " + quoted(output)};
    return Finding{0, "found " + quoted(output) + ", expected " + quoted(text)};
  }

 private:
  Wanted wanted_;
};

}  // namespace

Result<Made> make_equals(const doc::Node& settings) {
  TRY(auto wanted, Wanted::of(settings));
  return Made{std::make_unique<Equals>(std::move(wanted)), std::nullopt};
}

}  // namespace llmops::score
