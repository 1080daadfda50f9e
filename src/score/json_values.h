#pragma once
/// \file  The JSON that stands somewhere in a text. Private to this room.
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::score {

/// The objects and arrays of a text from left to right. None of them starts within another.
class JsonValues {
 public:
  explicit JsonValues(std::string_view text);
  /// Nothing where there are no more. Errors: they could not all be found within a bound on the work.
  Result<std::optional<doc::Node>> next();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t left_;
};

}  // namespace llmops::score
