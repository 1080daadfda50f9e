#pragma once
/// \file  How much at once a server can take, found out by asking.
#include <cstdint>

namespace llmops::model {

/// Additive increase, multiplicative decrease, as TCP's congestion avoidance does it (Jacobson, "Congestion Avoidance
/// and Control", 1988; RFC 5681): when the server says that it is too much, half as many are let be on their way; each
/// such number of answers lets one more. What was sent before the last halving tells nothing new, so that one moment of
/// too much halves once. For one thread at a time.
class Congestion {
 public:
  /// Lets so many more be on their way, at most.
  void add_room(std::int64_t places);
  /// At least 1.
  std::int64_t at_once() const { return size_ < 1 ? 1 : static_cast<std::int64_t>(size_); }

  /// Numbers the queries in the order of their sending.
  std::uint64_t note_sent() { return ++last_sent_; }
  void answered(std::uint64_t number);
  /// `on_their_way`: with this one.
  void overloaded(std::uint64_t number, std::int64_t on_their_way);

 private:
  double size_ = 0, most_ = 0;
  std::uint64_t last_sent_ = 0;
  std::uint64_t halved_at_ = 0;  ///< The last that had been sent then.
};

}  // namespace llmops::model
