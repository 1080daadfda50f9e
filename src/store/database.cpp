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

/// What SQLite said of a failure, and the `errno` behind it.
struct Database::Said {
  int code = SQLITE_OK;
  std::string text;
  int system = 0;
};

struct Database::Connection {
  DatabaseHandle database;
  std::array<StatementHandle, kTables> gets, puts;
  sys::FileStat file;  ///< Which file it is.
  bool wrote = false;
  Said said;  ///< Of the last failure.

  /// Keeps what is known of a failure, before a further call replaces it.
  int failed(int code) {
    said = {code, sqlite3_errmsg(database.get()), sqlite3_system_errno(database.get())};
    return code;
  }
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
  /// All tables or none: a database with some of them would count as damaged.
  int create() {
    std::string sql = "BEGIN IMMEDIATE;";
    for (const char* name : kNames) {
      sql += std::string("CREATE TABLE IF NOT EXISTS ") + name +
             " (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL);";
    }
    sql += "COMMIT";
    const int code = run("PRAGMA journal_mode = WAL");
    return code == SQLITE_OK ? run(sql.c_str()) : code;
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

Error Database::failure(const Said& said) const {
  const int primary = said.code & 0xff;
  const bool full = said.system == ENOSPC || said.system == EDQUOT;
  if (primary == SQLITE_FULL || (full && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN))) {
    return environment_error("can't write the cache `" + file_.native() + "`: its disk is full",
                             "free some space, or set `LLMOPS_CACHE_DIR` to a folder on another disk");
  }
  std::string hint = "another process may be using it; run it again";
  if (primary == SQLITE_READONLY || primary == SQLITE_PERM) {
    hint = "make the folder writable, or set `LLMOPS_CACHE_DIR` to another one";
  } else if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) {  // SQLite doesn't always know why.
    hint = "make the folder writable, free some space if its disk is full, or set `LLMOPS_CACHE_DIR` to another one";
  }
  return environment_error("can't use the cache `" + file_.native() + "`: " + text::lower(said.text), std::move(hint));
}

Result<void> Database::open() {
  if (connection_) return {};
  auto fresh = std::make_unique<Connection>();
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  TRY(const auto present, files_.stat(file_));
  if (present.kind == sys::FileKind::none) {
    TRY_VOID(files_.append_to(file_));  // SQLite would not say why it can't be made.
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
  if (code != SQLITE_OK && !is_damage(code)) {
    fresh->failed(code);
    return failure(fresh->said);
  }
  TRY(fresh->file, files_.stat(file_));
  connection_ = std::move(fresh);
  return {};
}

Result<void> Database::move_aside() {
  const auto mine = connection_->file;
  const auto reason = connection_->said.text;
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
    connection_->said = {};
    const int code = work(*connection_);
    if (code == SQLITE_OK) return {};
    if (connection_->said.code == SQLITE_OK) connection_->failed(code);
    if (!is_damage(code) || attempt > 0) return failure(connection_->said);
    TRY_VOID(move_aside());
  }
}

Result<std::optional<std::string>> Database::get(TableName table, const Digest& key) {
  const std::lock_guard lock(mutex_);
  // What can't be written is read nevertheless: whoever puts or flushes the next time hears of it.
  if (flush_is_due()) static_cast<void>(write_pending().has_value());
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

Result<void> Database::writable() {
  const std::lock_guard lock(mutex_);
  TRY(const auto present, files_.stat(file_));
  if (present.kind == sys::FileKind::none) return {};
  TRY_VOID(write_pending());
  return on_database([&](Connection& connection) {
    end_snapshot();
    const int code = connection.run("BEGIN IMMEDIATE");
    return code == SQLITE_OK ? connection.run("COMMIT") : code;
  });
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
  first_put_ = std::chrono::steady_clock::now();
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
    connection.failed(code);
    connection.run("ROLLBACK");
    return code;
  }
  connection.wrote = true;
  return SQLITE_OK;
}

}  // namespace llmops::store
