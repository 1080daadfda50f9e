#pragma once
/// \file  Regular expressions (RE2: linear time, whatever the pattern and the answer).
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "score/setting.h"

namespace llmops::score {

/// A pattern that is known at once (compiled once) or read from each case. Immutable.
class Pattern {
 public:
  /// Errors: the pattern is known and does not compile.
  static Result<Pattern> of(Setting setting, const SourcePos& at);
  /// The pattern as written, and whether the text has a match anywhere.
  struct Match {
    std::string pattern;
    bool found = false;
  };
  Result<Match> match(std::string_view text, const Sample& sample) const;

  struct Compiled;

 private:
  Pattern(Setting setting, SourcePos at) : setting_(std::move(setting)), at_(std::move(at)) {}

  Setting setting_;
  SourcePos at_;
  std::shared_ptr<const Compiled> compiled_;  ///< Null where each case has its own.
};

}  // namespace llmops::score
