#include "sys/real/real_clock.h"

#include <sys/random.h>

#include <condition_variable>
#include <mutex>

namespace llmops::sys {

std::chrono::system_clock::time_point RealClock::now() { return std::chrono::system_clock::now(); }
std::chrono::steady_clock::time_point RealClock::monotonic() { return std::chrono::steady_clock::now(); }

void RealClock::sleep(Duration duration, StopToken stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, std::move(stop), duration, [] { return false; });
}

std::uint64_t RealClock::random() {
  std::uint64_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
    value = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  return value;
}

}  // namespace llmops::sys
