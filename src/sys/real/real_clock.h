#pragma once
/// \file  The machine's clock and its chance.
#include "sys/system.h"

namespace llmops::sys {

class RealClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() override;
  std::chrono::steady_clock::time_point monotonic() override;
  void sleep(Duration duration, StopToken stop) override;
  std::uint64_t random() override;
};

}  // namespace llmops::sys
