#pragma once
#include "sys/terminal.h"

namespace llmops::sys {

/// Standard output and error of this process. A reader that went away is no signal (SIGPIPE is ignored).
class RealTerminal final : public Terminal {
 public:
  RealTerminal();
  void write(Stream stream, std::string_view text) override;
  Result<void> written() override { return written_; }
  bool is_terminal(Stream stream) override;
  std::optional<std::size_t> columns() override;

 private:
  Result<void> written_;
};

}  // namespace llmops::sys
