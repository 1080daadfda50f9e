#pragma once
/// \file  How fast one model of one server is asked.
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/units.h"
#include "model/congestion.h"
#include "model/rate_window.h"

namespace llmops::model {

class Inbox;
struct Query;

/// About how many tokens a query's prompt has: four bytes each.
std::int64_t about_tokens(const Query& query);

/// Whether one more query may be sent.
struct Turn {
  enum class Verdict {
    go,
    later,  ///< Not before `at`.
    full,   ///< When something that is on its way is answered.
  };
  enum class Hold { rate, server };
  Verdict verdict = Verdict::go;
  std::chrono::steady_clock::time_point at{};
  Hold hold = Hold::rate;  ///< What it is that `later` waits for: limits of the recipe, or the server's word.
  std::uint64_t number = 0, in_window = 0;  ///< Where it may go.
  std::int64_t prompt_tokens = 0;           ///< About; 0 where no limit is in tokens.
};

/// How a query that was sent has ended.
struct TurnEnd {
  bool answered = false, overloaded = false;
  std::optional<std::int64_t> input_tokens, output_tokens;
  std::optional<Duration> pause;  ///< For so long the server wants nothing more.
};

/// Of all queries to one model of one server with one key, whoever asks them: the limits of a minute, the server's
/// requests to wait, and how many are on their way. Safe to call from many threads.
class Throttle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A model of this server was opened. Of several limits the narrowest counts.
  void add(const RateLimits& limits, std::int64_t places);
  /// Where it says `full` and `inbox` is given, that is nudged when it may have changed.
  Turn take(Time now, const Query& query, const std::shared_ptr<Inbox>& inbox);
  /// The turn's query has ended.
  void end(const Turn& turn, const TurnEnd& how, Time now);

 private:
  std::int64_t expected_tokens(const Query& query, std::int64_t prompt_tokens) const;

  std::mutex mutex_;
  RateWindow window_;
  Congestion congestion_;
  Time paused_until_{};
  std::int64_t on_their_way_ = 0;
  std::int64_t answers_ = 0, output_tokens_ = 0;  ///< Of those that told.
  std::int64_t prompts_ = 0, more_tokens_ = 0;    ///< The same; what prompts had beyond `about_tokens`.
  std::vector<std::shared_ptr<Inbox>> waiting_;
};

}  // namespace llmops::model
