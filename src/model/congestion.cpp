#include "model/congestion.h"

#include <algorithm>

namespace llmops::model {

void Congestion::add_room(std::int64_t places) {
  most_ += static_cast<double>(places);
  size_ += static_cast<double>(places);
}

void Congestion::answered(std::uint64_t number) {
  if (number > halved_at_) size_ = std::min(most_, size_ + 1 / std::max(size_, 1.0));
}

void Congestion::overloaded(std::uint64_t number, std::int64_t on_their_way) {
  if (number <= halved_at_) return;
  halved_at_ = last_sent_;
  size_ = std::max(1.0, std::min(size_, static_cast<double>(on_their_way)) / 2);
}

}  // namespace llmops::model
