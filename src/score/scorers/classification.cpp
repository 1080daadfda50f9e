#include <algorithm>
#include <set>

#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

class Classification final : public PureMeasure {
 public:
  Classification(Setting wanted, std::vector<std::string> labels)
      : wanted_(std::move(wanted)), labels_(std::move(labels)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto expected, wanted_.text(sample));
    if (!is_known(expected)) {
      return invalid_error("the case expects " + quoted(expected) + ", which is none of the `labels`", {},
                           text::did_you_mean(expected, labels_));
    }
    const bool right = output == expected;
    Finding out{right ? 1.0 : 0.0, "found " + quoted(output)};
    if (!right) {
      out.remark += is_known(output) ? ", expected " : ", none of the labels, expected ";
      out.remark += quoted(expected);
    }
    out.labels = Labels{expected, std::string(output)};
    return out;
  }

 private:
  bool is_known(std::string_view label) const {
    return labels_.empty() || std::find(labels_.begin(), labels_.end(), label) != labels_.end();
  }

  Setting wanted_;
  std::vector<std::string> labels_;
};

struct Settings {
  std::string to;
  std::vector<std::string> labels;
};

std::vector<std::string> labels_of(const doc::Node& settings) {
  std::vector<std::string> out;
  const auto* labels = settings.is_map() ? settings.find("labels") : nullptr;
  if (!labels) return out;
  for (const auto& label : labels->items()) out.push_back(label.text());
  return out;
}

}  // namespace

schema::Type classification_settings() {
  return schema::Record<Settings>("classification", "Which class an answer names.")
      .may("to", &Settings::to, "The case's class; without one, its expected answer.")
      .may("labels", &Settings::labels,
           "The classes there are; without them, those that cases expect. Other answers are in none.")
      .short_for("to")
      .type();
}

Errors check_classification(const doc::Node& settings) {
  Errors out;
  std::set<std::string> seen;
  const auto* labels = settings.is_map() ? settings.find("labels") : nullptr;
  if (!labels || !labels->is_list()) return out;
  for (const auto& label : labels->items()) {
    if (!seen.insert(label.text()).second) {
      out.push_back(
          invalid_error("the label `" + label.text() + "` stands here twice", label.at(), "remove one of the two"));
    }
  }
  return out;
}

Result<Made> make_classification(const doc::Node& settings) {
  TRY(auto wanted, target_or_expected(settings));
  auto labels = labels_of(settings);
  Made out{std::make_unique<Classification>(std::move(wanted), labels), std::nullopt};
  out.labels = std::move(labels);
  return out;
}

}  // namespace llmops::score
