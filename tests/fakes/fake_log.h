#pragma once
/// \file  A log kept in memory.
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "sys/system.h"

namespace llmops::fakes {

/// Safe to call from many threads.
class FakeLog final : public sys::Log {
 public:
  void write(Level, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(message);
  }
  std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  /// Whether any message holds this text.
  bool tells(std::string_view text) const {
    const auto all = messages();
    return std::any_of(all.begin(), all.end(), [&](const std::string& m) { return m.find(text) != std::string::npos; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
};

}  // namespace llmops::fakes
