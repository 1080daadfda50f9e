#pragma once
/// \file  The one SQLite file: four tables of values by digest.
#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "store/cache.h"
#include "sys/system.h"

struct sqlite3;

namespace llmops::store {

enum class TableName { answers, steps, parses, stats };
constexpr std::size_t kTables = 4;

/// Opened on first use. Values that were put are seen by this process at once and written together, at the latest at
/// the next call after 100 ms, with the 64th, or at the end. Safe to call from many threads.
class Database {
 public:
  Database(sys::Path folder, sys::FileSystem& files, sys::Log* log);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<std::optional<std::string>> get(TableName table, const Digest& key);
  Result<void> put(TableName table, const Digest& key, std::string_view value);
  Result<void> flush();
  /// Whether a database that is there can be written.
  Result<void> writable();
  void many_reads(bool begin);
  Result<Table::Size> size(TableName table);

 private:
  struct Said;
  struct Connection;
  using Pending = std::unordered_map<Digest, std::string>;

  Result<void> open();
  Result<void> move_aside();
  Error failure(const Said& said) const;
  /// Runs `work` on the open database; where that finds damage, once more on a new one.
  template <class Work>
  Result<void> on_database(const Work& work);
  bool flush_is_due() const;
  Result<void> write_pending();
  int write_all();
  void end_snapshot();

  sys::Path folder_, file_;
  sys::FileSystem& files_;
  sys::Log* log_;
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
  std::array<Pending, kTables> pending_;
  std::size_t pending_count_ = 0;
  int many_reads_ = 0;     // how many want one snapshot
  bool snapshot_ = false;  // a read transaction is open
  std::chrono::steady_clock::time_point first_put_;
};

}  // namespace llmops::store
