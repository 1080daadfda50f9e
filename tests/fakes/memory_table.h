#pragma once
/// \file  A table of values in memory that counts what is done to it.
#include <map>
#include <mutex>
#include <string>

#include "store/cache.h"

namespace llmops::fakes {

/// Safe to call from many threads.
class MemoryTable final : public store::Table {
 public:
  Result<std::optional<std::string>> get(const Digest& key) override {
    const std::lock_guard lock(mutex_);
    ++gets;
    if (broken) return *broken;
    const auto found = values_.find(key);
    if (found == values_.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }
  Result<void> put(const Digest& key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    if (broken) return *broken;
    if (puts_to_lose > 0) {
      --puts_to_lose;
      return {};
    }
    values_[key] = value;
    ++unflushed;
    return {};
  }
  Result<void> flush() override {
    const std::lock_guard lock(mutex_);
    unflushed = 0;
    return {};
  }
  Result<Size> size() override {
    const std::lock_guard lock(mutex_);
    Size out;
    out.values = values_.size();
    for (const auto& [key, value] : values_) out.bytes.value += value.size();
    return out;
  }

  int gets = 0;
  int puts_to_lose = 0;         ///< The next puts are lost, as those of a process that ends before it writes them.
  int unflushed = 0;            ///< Puts since the last flush.
  std::optional<Error> broken;  ///< Where set, every get and put fails with it.

 private:
  std::mutex mutex_;
  std::map<Digest, std::string> values_;
};

}  // namespace llmops::fakes
