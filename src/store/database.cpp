#include "store/database.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "store/connection.h"
#include "sys/hash.h"

namespace llmops::store {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::chrono::milliseconds kBatchAge{100};
constexpr int kBusyTimeoutMs = 10'000;
/// A write-ahead log left behind larger than this slows the next start: whoever closes last folds it in.
constexpr std::uint64_t kLongLog = 256u << 10;
constexpr std::array<const char*, kTables> kNames = {"answers", "steps", "parses", "stats"};

/// Tells damage, not malice: eight bytes at a time, each step a bijection (multiply by an odd number, fold the high
/// half).
sqlite3_int64 checksum(const Digest& key, std::string_view value) {
  std::uint64_t sum = 0x9E3779B97F4A7C15u + value.size();
  const auto mix = [&sum](const char* at, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, size);
    sum = (sum ^ word) * 0xD6E8FEB86659FD93u;
    sum ^= sum >> 32;
  };
  for (auto rest : {bytes_of(key), value}) {
    for (; rest.size() >= 8; rest.remove_prefix(8)) mix(rest.data(), 8);
    if (!rest.empty()) mix(rest.data(), rest.size());
  }
  return static_cast<sqlite3_int64>(sum);
}

bool is_damage(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR || primary == SQLITE_SCHEMA ||
         primary == SQLITE_MISMATCH;
}

}  // namespace

struct Database::Connection {
  DatabaseHandle database;
  std::array<StatementHandle, kTables> gets, puts;
  sys::FileStat file;  ///< Which file it is.
  bool wrote = false;

  int run(const char* sql) { return sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr); }

  int prepare(StatementHandle& into, const std::string& sql) {
    if (into) return SQLITE_OK;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database.get(), sql.c_str(), static_cast<int>(sql.size()) + 1,
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    into.reset(statement);
    return code;
  }
  int prepare_get(std::size_t table) {
    return prepare(gets[table], std::string("SELECT value, sum FROM ") + kNames[table] + " WHERE key = ?1");
  }
  int prepare_put(std::size_t table) {
    return prepare(puts[table], std::string("INSERT INTO ") + kNames[table] +
                                    " (key, value, sum) VALUES (?1, ?2, ?3) "
                                    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, sum = excluded.sum");
  }
  int create() {
    int code = run("PRAGMA journal_mode = WAL");
    for (const char* name : kNames) {
      if (code != SQLITE_OK) break;
      const auto sql = std::string("CREATE TABLE IF NOT EXISTS ") + name +
                       " (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL)";
      code = run(sql.c_str());
    }
    return code;
  }
};

Database::Database(sys::Path folder, sys::FileSystem& files, sys::Log* log)
    : folder_(std::move(folder)), file_(folder_ / "cache.db"), files_(files), log_(log) {}

Database::~Database() {
  const auto written = flush();
  if (!written && log_ != nullptr) log_->write(sys::Log::Level::warning, written.error().message);
  if (!connection_) return;
  const auto log_file = files_.stat(file_.native() + "-wal");
  const bool fold_in = connection_->wrote || (log_file && log_file->size > kLongLog);
  sqlite3_db_config(connection_->database.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, fold_in ? 0 : 1, nullptr);
}

Error Database::failure(int code, const std::string& said) const {
  const int primary = code & 0xff;
  const auto* database = connection_ ? connection_->database.get() : nullptr;
  const bool full = primary == SQLITE_FULL || (primary == SQLITE_IOERR && database != nullptr &&
                                               sqlite3_system_errno(connection_->database.get()) == ENOSPC);
  if (full) {
    return environment_error("the disk of the cache `" + folder_.native() + "` is full",
                             "free some space, or set `LLMOPS_CACHE_DIR` to a folder on another disk");
  }
  const bool forbidden = primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM;
  return environment_error("can't use the cache `" + file_.native() + "`: " + text::lower(said),
                           forbidden ? "make the folder writable, or set `LLMOPS_CACHE_DIR` to another one"
                                     : "another process may be using it; run it again");
}

Result<void> Database::open() {
  if (connection_) return {};
  auto fresh = std::make_unique<Connection>();
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  TRY(const auto present, files_.stat(file_));
  if (present.kind == sys::FileKind::none) {
    TRY_VOID(files_.make_folders(folder_));
  }
  int code = sqlite3_open_v2(file_.c_str(), &raw, flags, nullptr);
  fresh->database.reset(raw);
  if (code == SQLITE_OK) {
    sqlite3_busy_timeout(raw, kBusyTimeoutMs);
    if (present.kind == sys::FileKind::none || fresh->prepare_get(0) == SQLITE_ERROR) {
      TRY(const auto lock, files_.lock(folder_ / "cache.lock", sys::FileSystem::Wait::yes));
      code = fresh->create();
    }
  }
  if (code == SQLITE_OK) code = fresh->run("PRAGMA synchronous = NORMAL");
  if (code != SQLITE_OK && !is_damage(code)) return failure(code, raw ? sqlite3_errmsg(raw) : sqlite3_errstr(code));
  TRY(fresh->file, files_.stat(file_));
  connection_ = std::move(fresh);
  return {};
}

Result<void> Database::move_aside(const std::string& reason) {
  const auto mine = connection_->file;
  connection_.reset();
  snapshot_ = false;
  TRY(const auto lock, files_.lock(folder_ / "cache.lock", sys::FileSystem::Wait::yes));
  TRY(const auto now, files_.stat(file_));
  if (now.inode != mine.inode || now.device != mine.device) return {};  // Another process was first.
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto suffix = std::to_string(std::chrono::floor<std::chrono::milliseconds>(since).count());
  const sys::Path aside = file_.native() + ".damaged-" + suffix;
  TRY_VOID(files_.rename(file_, aside));
  for (const char* companion : {"-wal", "-shm"}) {
    TRY_VOID(files_.remove(file_.native() + companion));
  }
  if (log_ != nullptr) {
    log_->write(sys::Log::Level::warning,
                "the cache was damaged (" + reason + ") and begins anew; the old file is `" + aside.native() + "`");
  }
  return {};
}

template <class Work>
Result<void> Database::on_database(const Work& work) {
  for (int attempt = 0;; ++attempt) {
    TRY_VOID(open());
    const int code = work(*connection_);
    if (code == SQLITE_OK) return {};
    const std::string said = sqlite3_errmsg(connection_->database.get());
    if (!is_damage(code) || attempt > 0) return failure(code, said);
    TRY_VOID(move_aside(said));
  }
}

Result<std::optional<std::string>> Database::get(TableName table, const Digest& key) {
  const std::lock_guard lock(mutex_);
  if (flush_is_due()) {
    TRY_VOID(write_pending());
  }
  const auto at = static_cast<std::size_t>(table);
  const auto waiting = pending_[at].find(key);
  if (waiting != pending_[at].end()) return std::optional(waiting->second);
  std::optional<std::string> out;
  TRY_VOID(on_database([&](Connection& connection) {
    if (const int code = connection.prepare_get(at); code != SQLITE_OK) return code;
    if (many_reads_ > 0 && !snapshot_) snapshot_ = connection.run("BEGIN") == SQLITE_OK;
    StatementUse row(connection.gets[at].get());
    row.bind(1, bytes_of(key));
    const int code = row.step();
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_OK : code;
    const auto value = row.bytes(0);
    if (row.number(1) == checksum(key, value)) out = std::string(value);
    return SQLITE_OK;
  }));
  return out;
}

Result<void> Database::put(TableName table, const Digest& key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  if (pending_count_ == 0) first_put_ = std::chrono::steady_clock::now();
  if (pending_[static_cast<std::size_t>(table)].insert_or_assign(key, std::string(value)).second) ++pending_count_;
  return flush_is_due() ? write_pending() : Result<void>();
}

void Database::many_reads(bool begin) {
  const std::lock_guard lock(mutex_);
  many_reads_ += begin ? 1 : -1;
  if (many_reads_ == 0) end_snapshot();
}

void Database::end_snapshot() {
  if (std::exchange(snapshot_, false) && connection_) connection_->run("COMMIT");
}

Result<void> Database::flush() {
  const std::lock_guard lock(mutex_);
  return write_pending();
}

Result<Table::Size> Database::size(TableName table) {
  const std::lock_guard lock(mutex_);
  TRY_VOID(write_pending());
  Table::Size out;
  TRY_VOID(on_database([&](Connection& connection) {
    StatementHandle statement;
    const std::string name = kNames[static_cast<std::size_t>(table)];
    const int code = connection.prepare(statement, "SELECT count(*), coalesce(sum(length(value)), 0) FROM " + name);
    if (code != SQLITE_OK) return code;
    StatementUse row(statement.get());
    const int stepped = row.step();
    if (stepped != SQLITE_ROW) return stepped;
    out = {static_cast<std::uint64_t>(row.number(0)), {static_cast<std::uint64_t>(row.number(1))}};
    return SQLITE_OK;
  }));
  return out;
}

bool Database::flush_is_due() const {
  return pending_count_ >= kBatch || (pending_count_ > 0 && std::chrono::steady_clock::now() - first_put_ >= kBatchAge);
}

Result<void> Database::write_pending() {
  if (pending_count_ == 0) return {};
  TRY_VOID(on_database([&](Connection&) { return write_all(); }));
  for (auto& table : pending_) table.clear();
  pending_count_ = 0;
  return {};
}

/// All waiting values in one transaction.
int Database::write_all() {
  auto& connection = *connection_;
  end_snapshot();
  int code = connection.run("BEGIN IMMEDIATE");
  if (code != SQLITE_OK) return code;
  for (std::size_t table = 0; table < kTables && code == SQLITE_OK; ++table) {
    if (pending_[table].empty()) continue;
    code = connection.prepare_put(table);
    for (const auto& [key, value] : pending_[table]) {
      if (code != SQLITE_OK) break;
      StatementUse row(connection.puts[table].get());
      row.bind(1, bytes_of(key));
      row.bind(2, value);
      row.bind(3, checksum(key, value));
      const int stepped = row.step();
      if (stepped != SQLITE_DONE) code = stepped;
    }
  }
  if (code == SQLITE_OK) code = connection.run("COMMIT");
  if (code != SQLITE_OK) {
    connection.run("ROLLBACK");
    return code;
  }
  connection.wrote = true;
  return SQLITE_OK;
}

}  // namespace llmops::store
