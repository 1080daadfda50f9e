#pragma once
/// \file  What a family of scorers is made of. Private to this room.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schema/type.h"
#include "score/scorer.h"
#include "score/setting.h"
#include "score/texts.h"

namespace llmops::score {

/// What a measure found: a value, and a remark such as "found `Billing`, expected `billing`".
struct Finding {
  double value = 0;
  std::string remark;
  std::string said = {};  ///< Why the value is what it is, pass or not, where somebody was asked and said so.
  std::vector<std::string> asked = {};  ///< What they answered, whole.
  std::optional<Labels> labels = {};    ///< Of a measure that sorts into classes.
};

/// The heart of a scorer, without what all scorers share (`transform`, `threshold`, `not-`). Immutable.
class Measure {
 public:
  virtual ~Measure() = default;
  /// What is found, or how to ask for it. `output` is the answer after its transform; neither it nor `sample` is looked
  /// at afterwards. Binary measures give 0 or 1.
  virtual Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const = 0;
};

/// One that asks nobody.
class PureMeasure : public Measure {
 public:
  virtual Result<Finding> measure(std::string_view output, const Sample& sample) const = 0;
  Result<Begun<Finding>> begin(std::string_view output, const Sample& sample) const final;
};

/// A measure made for a configuration.
struct Made {
  std::unique_ptr<Measure> measure;
  std::optional<Scale> scale = {};  ///< Where its settings make it another than its kind's.
  Better better = Better::higher;
  std::string unit = {};  ///< Of amounts.
  /// Of one that sorts into classes: those it was told of.
  std::optional<std::vector<std::string>> labels = {};
};

enum class Target {
  optional,  ///< Compares with its setting, or with the case's `expected` where there is none.
  whole,     ///< The same, where a map is no long form with `to` but what to compare with.
  required,  ///< Needs its setting.
  none,      ///< Compares with nothing.
};

/// One row of the table of scorers.
struct ScorerKind {
  std::string name, help;
  schema::Type settings;
  Scale scale = Scale::binary;  ///< Unless its settings say otherwise.
  Target target = Target::optional;
  /// `settings` passed its type's check; errors carry their place.
  Result<Made> (*make)(const doc::Node& settings) = nullptr;
  /// What else is wrong with settings that passed their type's check, all in one go; null where nothing can be.
  Errors (*check)(const doc::Node& settings) = nullptr;
  /// In place of `make`, for what depends on more than its settings.
  Result<Made, Errors> (*make_of)(const ScorerConfig& config) = nullptr;
  /// Whom it asks; null where nobody.
  Asks (*asks)(const doc::Node& settings) = nullptr;
  /// Of a scorer that asks a model: the key of its settings that a value alone stands for, or empty.
  std::optional<std::string> brief = {};
  bool judges = false, embeds = false;  ///< Whether it asks a `judge`, and a `model` that embeds.
  std::string metric = {};              ///< The metric's name where the recipe gives none; empty: its own name.
};

/// All scorers, in the order of the reference.
const std::vector<ScorerKind>& scorer_kinds();
/// Null when there is none of this name.
const ScorerKind* find_scorer(std::string_view name);

/// The setting itself, or what stands under `to` in its long form; null where neither is given.
const doc::Node* target_of(const doc::Node& settings);
/// What to compare with: the target, else the case's `expected`.
Result<Setting> target_or_expected(const doc::Node& settings);
/// The same where it may be several texts.
Result<Texts> texts_or_expected(const doc::Node& settings);
/// A list of texts, or one text alone.
schema::Type one_or_more_texts();
/// Whether a text stands in another; linear in both.
bool holds(std::string_view text, std::string_view part);
/// The longest JSON that is read of an answer, in bytes; as values it may take a hundred times as much memory.
inline constexpr std::size_t kLongestJson = std::size_t{4} << 20;
/// What is said of longer ones: it can't be told what they are.
Error too_long_as_json();
/// A piece of an answer for a remark: in backticks, cut to 60 characters.
std::string quoted(std::string_view text);
/// Several, with commas; behind the fifth `…`.
std::string quoted(const std::vector<std::string>& texts);

}  // namespace llmops::score
