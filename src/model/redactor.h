#pragma once
/// \file  What others say, with our secrets taken out of it.
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace llmops::model {

/// Replaces every secret it knows by `***`. Texts of fewer than four bytes are not taken for secrets.
class Redactor {
 public:
  /// A scheme in front of it (`Bearer …`) is no part of the secret.
  void add(const std::string& secret);
  /// The text without secrets, safe on a terminal, in at most `width` code points.
  std::string clean(std::string_view text, std::size_t width) const;

 private:
  std::vector<Secret> secrets_;
};

}  // namespace llmops::model
