#pragma once
/// \file  How many requests and tokens were sent in the last minute.
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace llmops::model {

/// What a server lets through in a minute; what is not given is not limited.
struct RateLimits {
  std::optional<std::int64_t> requests, tokens;

  bool any() const { return requests || tokens; }
  /// The smaller of each.
  static RateLimits narrower(const RateLimits& a, const RateLimits& b);
  friend bool operator==(const RateLimits&, const RateLimits&) = default;
};

/// Keeps what is sent within the limits in every span of 60 seconds, wherever it begins, also as the server sees it: a
/// request counts for a second longer, since not all take equally long to get there. For one thread at a time.
class RateWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateLimits limits;

  /// When a request of about so many tokens may be sent: `now`, or later. One of more tokens than the limit may be sent
  /// alone.
  Time next(Time now, std::int64_t tokens);
  /// A number by which `correct` knows it.
  std::uint64_t note_sent(Time now, std::int64_t tokens);
  /// What it took in truth. Nothing where the number is 0, or of one that counts no more.
  void correct(std::uint64_t number, std::int64_t tokens);

 private:
  struct Sent {
    Time at;
    std::int64_t tokens;
  };
  void forget(Time now);

  std::deque<Sent> sent_;
  std::uint64_t first_ = 1;  ///< The number of the oldest in `sent_`.
  std::int64_t tokens_ = 0;  ///< Of all in `sent_`.
};

}  // namespace llmops::model
