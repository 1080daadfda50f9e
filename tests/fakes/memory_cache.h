#pragma once
/// \file  A cache in memory.
#include <map>
#include <mutex>
#include <string>

#include "fakes/memory_table.h"
#include "store/cache.h"
#include "sys/hash.h"

namespace llmops::fakes {

/// Keeps every entry, settled or not. Safe to call from many threads.
class MemoryStats final : public store::StatCache {
 public:
  std::optional<store::StatEntry> get(const sys::Path& absolute, const sys::FileStat& now) override {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(absolute.native());
    if (found == entries_.end() || !(found->second.stat == now)) return std::nullopt;
    return found->second;
  }
  void put(const sys::Path& absolute, const store::StatEntry& entry) override {
    const std::lock_guard lock(mutex_);
    entries_[absolute.native()] = entry;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, store::StatEntry> entries_;
};

/// Copies go to and come from `files`. Safe to call from many threads.
class MemoryContent final : public store::ContentStore {
 public:
  explicit MemoryContent(sys::FileSystem& files) : files_(files) {}

  Result<Digest> put(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    const auto digest = sys::sha256(bytes);
    bytes_[digest] = bytes;
    return digest;
  }
  Result<Stored> put_file(const sys::Path& from) override {
    TRY(const auto bytes, files_.read(from));
    TRY(const auto digest, put(bytes));
    return Stored{digest, Bytes{bytes.size()}};
  }
  Result<bool> contains(const Digest& digest) override {
    const std::lock_guard lock(mutex_);
    return bytes_.contains(digest);
  }
  Result<std::string> get(const Digest& digest) override {
    const std::lock_guard lock(mutex_);
    const auto found = bytes_.find(digest);
    if (found == bytes_.end()) return environment_error("`" + digest.brief() + "` is not in the cache");
    return found->second;
  }
  Result<void> restore(const Digest& digest, const sys::Path& to, bool executable) override {
    TRY(const auto bytes, get(digest));
    TRY_VOID(files_.write_atomically(to, bytes));
    return files_.set_executable(to, executable);
  }
  sys::Path path(const Digest& digest) const override { return sys::Path("/content") / digest.hex(); }

 private:
  sys::FileSystem& files_;
  std::mutex mutex_;
  std::map<Digest, std::string> bytes_;
};

class MemoryCache final : public store::Cache {
 public:
  explicit MemoryCache(sys::FileSystem& files) : kept_content(files) {}

  store::Table& answers() override { return kept_answers; }
  store::Table& steps() override { return kept_steps; }
  store::Table& parses() override { return kept_parses; }
  store::StatCache& stats() override { return kept_stats; }
  store::ContentStore& content() override { return kept_content; }
  Result<void> flush() override { return {}; }
  Result<void> writable() override { return {}; }

  MemoryTable kept_answers, kept_steps, kept_parses;
  MemoryStats kept_stats;
  MemoryContent kept_content;
};

}  // namespace llmops::fakes
