#pragma once
/// \file  A scorer's setting: known at once, or read from each case.
#include <optional>
#include <string>

#include "base/result.h"
#include "doc/node.h"
#include "score/scorer.h"
#include "templating/expression.h"

namespace llmops::score {

/// A scalar that may hold `${case.…}`. Immutable.
class Setting {
 public:
  /// Errors: a broken expression, or a name other than `case`.
  static Result<Setting> of(const doc::Node& node);
  /// Stands for the case's `expected` field.
  static Setting expected();

  /// The text, where it is the same for every case.
  const std::optional<std::string>& constant() const { return constant_; }
  /// Errors (kind `invalid`): the case lacks the field, or has nothing expected.
  Result<std::string> text(const Sample& sample) const;
  /// The same as it stands in the case: one whole `${case.…}` keeps its kind.
  Result<doc::Node> value(const Sample& sample) const;
  /// The same as a number.
  Result<double> number(const Sample& sample) const;

 private:
  std::optional<std::string> constant_;
  std::optional<templating::Interpolation> each_case_;  ///< Neither this nor a constant: the case's `expected`.
  SourcePos at_;
};

}  // namespace llmops::score
