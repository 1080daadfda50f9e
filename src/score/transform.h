#pragma once
/// \file  What is done to an answer before it is scored.
#include <optional>
#include <string>

#include "base/result.h"
#include "schema/record.h"
#include "score/scorer.h"
#include "templating/template.h"

namespace llmops::score {

/// Jinja over `output`, `case` and `expected`; without a text, nothing. Immutable.
class Transform {
 public:
  /// Errors, with their place: a broken template, another name.
  static Result<Transform> parse(const schema::Placed<std::string>& written);
  Result<std::string> apply(const Sample& sample) const;

 private:
  std::optional<templating::Template> template_;
};

}  // namespace llmops::score
