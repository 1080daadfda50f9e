#pragma once
/// \file  A text to look for in upper or lower case. Private to this room.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace llmops::score {

/// Letters are alike by Unicode's simple case folding (Ä and ä; s, S and U+017F; not ß and ss). Immutable.
class AnyCase {
 public:
  explicit AnyCase(std::string text);
  const std::string& text() const { return text_; }
  /// Linear in the other text. Errors (kind `invalid`): this text is too long to be looked for so (only beyond ASCII).
  Result<bool> in(std::string_view other) const;

  struct Compiled;

 private:
  std::string text_;
  std::string folded_;                        ///< Where it is ASCII.
  std::shared_ptr<const Compiled> compiled_;  ///< Where it is not.
};

}  // namespace llmops::score
