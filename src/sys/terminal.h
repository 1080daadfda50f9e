#pragma once
/// \file  The streams that a person may be looking at.
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sys/process.h"

namespace llmops::sys {

class Terminal {
 public:
  virtual ~Terminal() = default;
  /// Writes all of it. A stream that is closed, or that nobody reads any more, swallows it; after an error it does too.
  virtual void write(Stream stream, std::string_view text) = 0;
  /// Why some of what was written to standard output is not there, as on a full disk.
  virtual Result<void> written() = 0;
  virtual bool is_terminal(Stream stream) = 0;
  /// Columns of the terminal; nothing where there is none.
  virtual std::optional<std::size_t> columns() = 0;
};

}  // namespace llmops::sys
