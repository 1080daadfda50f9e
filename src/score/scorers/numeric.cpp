#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "schema/record.h"
#include "score/number_in_text.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// How far apart two numbers may be.
struct Tolerance {
  double by = 0;
  bool relative = false;

  static std::optional<Tolerance> parse(std::string_view text) {
    Tolerance out;
    text = text::trim(text);
    out.relative = text.ends_with('%');
    if (out.relative) text = text::trim(text.substr(0, text.size() - 1));
    const auto number = text::to_double(text);
    if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
    out.by = out.relative ? *number / 100 : *number;
    return out;
  }

  bool holds(double found, double wanted) const {
    if (found == wanted) return true;
    const auto size = std::max(std::fabs(found), std::fabs(wanted));
    const auto rounding = 4 * std::numeric_limits<double>::epsilon() * size;
    return std::isfinite(size) && std::fabs(found - wanted) <= (relative ? by * std::fabs(wanted) : by) + rounding;
  }
};

Result<Tolerance> tolerance_of(const std::string& text, const SourcePos& at) {
  if (const auto tolerance = Tolerance::parse(text)) return *tolerance;
  return invalid_error("expected a distance such as `0.01` or `1%`, found " + quoted(text), at);
}

class Numeric final : public PureMeasure {
 public:
  Numeric(Setting target, std::optional<Setting> within, SourcePos within_at)
      : target_(std::move(target)), within_(std::move(within)), within_at_(std::move(within_at)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto text, target_.text(sample));
    const auto wanted = last_number(text);
    if (!wanted || !std::isfinite(wanted->value)) {
      return invalid_error("expected a number to compare with, found " + quoted(text));
    }
    Tolerance tolerance;
    std::string shown;
    if (within_) {
      TRY(const auto within, within_->text(sample));
      TRY(tolerance, tolerance_of(within, within_at_));
      shown = " within " + within;
    }
    const auto found = last_number(output);
    if (!found) return Finding{0, "found no number in " + quoted(output)};
    return Finding{tolerance.holds(found->value, wanted->value) ? 1.0 : 0.0,
                   "found " + quoted(found->written) + ", expected " + quoted(wanted->written) + shown};
  }

 private:
  Setting target_;
  std::optional<Setting> within_;
  SourcePos within_at_;
};

struct Settings {
  std::string to, within;
};

}  // namespace

schema::Type numeric_settings() {
  return schema::Record<Settings>("numeric", "A number to compare with, and how far from it the answer's may be.")
      .may("to", &Settings::to, "The number; without one, the case's expected answer. The last one counts here too.")
      .may("within", &Settings::within,
           "How far from it still passes: `0.01`, or `1%` of the expected number; without it, the same number.")
      .short_for("to")
      .type();
}

Result<Made> make_numeric(const doc::Node& settings) {
  TRY(auto target, target_or_expected(settings));
  if (const auto& known = target.constant(); known && !last_number(*known)) {
    return invalid_error("expected a number to compare with, found " + quoted(*known), target_of(settings)->at());
  }
  std::optional<Setting> within;
  SourcePos at;
  if (const auto* written = settings.find("within")) {
    at = written->at();
    TRY(within, Setting::of(*written));
    if (within->constant()) {
      TRY_VOID(tolerance_of(*within->constant(), at));
    }
  }
  return Made{std::make_unique<Numeric>(std::move(target), std::move(within), std::move(at)), std::nullopt};
}

}  // namespace llmops::score
