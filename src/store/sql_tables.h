#pragma once
/// \file  What others see of the database.
#include "store/cache.h"
#include "store/database.h"

namespace llmops::store {

class SqlTable final : public Table {
 public:
  SqlTable(Database& database, TableName name) : database_(database), name_(name) {}
  Result<std::optional<std::string>> get(const Digest& key) override { return database_.get(name_, key); }
  Result<void> put(const Digest& key, std::string_view value) override { return database_.put(name_, key, value); }
  Result<void> flush() override { return database_.flush(); }
  Result<Size> size() override { return database_.size(name_); }

 private:
  Database& database_;
  TableName name_;
};

class SqlStatCache final : public StatCache {
 public:
  explicit SqlStatCache(Database& database) : database_(database) {}
  std::optional<StatEntry> get(const sys::Path& absolute, const sys::FileStat& now) override;
  void put(const sys::Path& absolute, const StatEntry& entry) override;

 private:
  Database& database_;
};

/// An entry as bytes, and back; nothing where the bytes are of another form.
std::string to_bytes(const StatEntry& entry);
std::optional<StatEntry> stat_entry_of(std::string_view bytes);

}  // namespace llmops::store
