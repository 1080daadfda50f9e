#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/families.h"
#include "score/unicode.h"

namespace llmops::score {
namespace {

std::size_t count_words(std::string_view text) {
  std::size_t out = 0;
  for (bool inside = false; !text.empty();) {
    const auto point = first_point(text);
    const bool space = is_space(point.value);
    if (!space && !inside) ++out;
    inside = !space;
    text.remove_prefix(point.length);
  }
  return out;
}

struct Bounds {
  std::optional<Setting> exactly, min, max;
};

class WordCount final : public PureMeasure {
 public:
  explicit WordCount(Bounds bounds) : bounds_(std::move(bounds)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    const auto count = static_cast<double>(count_words(output));
    bool right = true;
    std::string wanted;
    const auto check = [&](const std::optional<Setting>& bound, std::string_view name, auto fits) -> Result<void> {
      if (!bound) return {};
      TRY(const double limit, bound->number(sample));
      right = right && fits(count, limit);
      wanted += (wanted.empty() ? ", expected " : " and ") + std::string(name) + text::from_double(limit);
      return {};
    };
    TRY_VOID(check(bounds_.exactly, "", std::equal_to<>()));
    TRY_VOID(check(bounds_.min, "at least ", std::greater_equal<>()));
    TRY_VOID(check(bounds_.max, "at most ", std::less_equal<>()));
    return Finding{right ? 1.0 : 0.0, "found " + text::from_double(count) + (count == 1 ? " word" : " words") + wanted};
  }

 private:
  Bounds bounds_;
};

struct Settings {
  std::optional<std::int64_t> exactly, min, max;
};

Result<std::optional<Setting>> bound_of(const doc::Node& settings, std::string_view name) {
  const auto* written = settings.is_map() ? settings.find(name) : name == "exactly" ? &settings : nullptr;
  if (!written) return std::optional<Setting>();
  TRY(auto setting, Setting::of(*written));
  return std::optional<Setting>(std::move(setting));
}

std::optional<double> known(const std::optional<Setting>& bound) {
  return bound && bound->constant() ? text::to_double(*bound->constant()) : std::nullopt;
}

}  // namespace

schema::Type word_count_settings() {
  auto words = schema::Type::of(schema::Type::Kind::integer);
  words.least = 0;
  return schema::Record<Settings>("word-count", "How many words an answer may have; at least one of the keys.")
      .may_as(words, "exactly", &Settings::exactly, "So many.", "words")
      .may_as(words, "min", &Settings::min, "So many or more.", "words")
      .may_as(words, "max", &Settings::max, "So many or fewer.", "words")
      .short_for("exactly")
      .type();
}

Result<Made> make_word_count(const doc::Node& settings) {
  Bounds bounds;
  TRY(bounds.exactly, bound_of(settings, "exactly"));
  TRY(bounds.min, bound_of(settings, "min"));
  TRY(bounds.max, bound_of(settings, "max"));
  if (!bounds.exactly && !bounds.min && !bounds.max) {
    return invalid_error("`word-count` needs a number of words, found none", settings.at(),
                         "write a number, or `{min: …, max: …}`");
  }
  const auto least = known(bounds.min), most = known(bounds.max);
  if (least && most && *least > *most) {
    return invalid_error(
        "no answer has at least " + text::from_double(*least) + " and at most " + text::from_double(*most) + " words",
        settings.at(), "`min` must not be above `max`");
  }
  return Made{std::make_unique<WordCount>(std::move(bounds)), std::nullopt};
}

}  // namespace llmops::score
