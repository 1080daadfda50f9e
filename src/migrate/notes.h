#pragma once
/// \file  What an import could not carry. Private to this room.
#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"

namespace llmops::migrate {

/// Collects; what is said twice of one place is kept once.
class Notes {
 public:
  void add(const SourcePos& at, std::string message, std::string hint = {}) {
    auto note = invalid_error(std::move(message), at, std::move(hint));
    if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(std::move(note));
  }
  /// `what` stays behind, because of `why`.
  void lost(const SourcePos& at, const std::string& what, const std::string& why, std::string hint = {}) {
    add(at, what + " is not carried: " + why, std::move(hint));
  }
  Errors take() && { return std::move(notes_); }

 private:
  Errors notes_;
};

}  // namespace llmops::migrate
