#include "model/backoff.h"

#include <algorithm>

namespace llmops::model {

Duration wait_before_retry(const RetryConfig& config, int retries, std::uint64_t random) {
  constexpr std::int64_t longest = 60'000;
  const auto most = std::min(longest, std::min(config.backoff.count(), longest) << std::clamp(retries, 0, 16));
  return Duration(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(most + 1)));
}

Duration spread(Duration asked_for, std::uint64_t random) {
  const auto tenth = static_cast<std::uint64_t>(std::max<std::int64_t>(asked_for.count(), 0) / 10);
  return asked_for + Duration(static_cast<std::int64_t>(random % (tenth + 1)));
}

}  // namespace llmops::model
