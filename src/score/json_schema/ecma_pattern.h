#pragma once
/// \file  The regular expressions of JSON Schema (ECMA 262, flag u) on RE2, which needs linear time.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace llmops::score::json_schema {

/// A compiled pattern. Immutable; safe from many threads.
class EcmaPattern {
 public:
  /// Errors (kind `invalid`, at `at`): what is no pattern of ECMA 262, and what RE2 lacks: look-around,
  /// back-references, counts over 1000, properties of code points other than categories and scripts.
  static Result<EcmaPattern> of(const std::string& pattern, const SourcePos& at);
  /// Whether the text has a match anywhere.
  bool matches(std::string_view text) const;
  const std::string& written() const { return written_; }

  struct Compiled;

 private:
  std::string written_;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace llmops::score::json_schema
