#pragma once
/// \file  What is kept between runs and shared by all repositories of the machine: bytes by digest, and small values by
/// key. Deleting the folder loses time, never lineage. The only user of SQLite.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "sys/file_system.h"
#include "sys/system.h"

namespace llmops::store {

/// Small values by digest. Safe to call from many threads and processes. A value that was damaged counts as absent.
class Table {
 public:
  virtual ~Table() = default;
  virtual Result<std::optional<std::string>> get(const Digest& key) = 0;
  /// Kept at the latest after 100 ms, 64 puts, or `flush`; replaces what was there.
  virtual Result<void> put(const Digest& key, std::string_view value) = 0;
  virtual Result<void> flush() = 0;
  /// How many values there are, and their bytes.
  struct Size {
    std::uint64_t values = 0;
    Bytes bytes;
  };
  virtual Result<Size> size() = 0;
};

/// What was known of a file when it was last hashed.
struct StatEntry {
  sys::FileStat stat;           ///< Taken before its bytes were read, and the same after.
  std::int64_t seen_at_ns = 0;  ///< When `stat` was taken: nanoseconds since 1970.
  std::string git_blob;         ///< Empty when not computed.
  std::optional<Digest> sha256;
};

/// Whether a file's times lay so long before `seen_at_ns` (20 ms) that a change after it would show in them.
bool settled(const sys::FileStat& stat, std::int64_t seen_at_ns);

/// Hashes of files. Safe to call from many threads. A cache that can't be read is an empty one.
class StatCache {
 public:
  virtual ~StatCache() = default;
  /// What is known of the file while its stat is `now`; nothing when it was another.
  virtual std::optional<StatEntry> get(const sys::Path& absolute, const sys::FileStat& now) = 0;
  /// Kept only where the file was `settled`.
  virtual void put(const sys::Path& absolute, const StatEntry& entry) = 0;
};

/// Bytes by SHA-256, each once per machine, as read-only files. They are not forced to the disk one by one: whoever
/// reads them back checks them. Safe to call from many threads and processes.
class ContentStore {
 public:
  virtual ~ContentStore() = default;
  virtual Result<Digest> put(std::string_view bytes) = 0;
  struct Stored {
    Digest digest;
    Bytes size;
  };
  /// Hashes while it copies (reflink where it can). The file may change meanwhile: the digest is of what was stored.
  virtual Result<Stored> put_file(const sys::Path& from) = 0;
  virtual Result<bool> contains(const Digest& digest) = 0;
  /// Checked against the digest; damaged bytes are moved aside, and the error says so and what to do.
  virtual Result<std::string> get(const Digest& digest) = 0;
  /// A checked copy (never a hard link) at `to`, put there atomically.
  virtual Result<void> restore(const Digest& digest, const sys::Path& to, bool executable = false) = 0;
  /// Where the bytes lie, for reading in place.
  virtual sys::Path path(const Digest& digest) const = 0;
};

/// All of it, below one folder. Opened on first use; a damaged database is moved aside with a word in the log and made
/// anew. A folder that can't be written is an error of kind `environment`.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual Table& answers() = 0;  ///< Model answers by query key.
  virtual Table& steps() = 0;    ///< Outcomes of steps by step key.
  virtual Table& parses() = 0;   ///< Checked parses by the digest of text and program version.
  virtual StatCache& stats() = 0;
  virtual ContentStore& content() = 0;
  virtual Result<void> flush() = 0;
  /// Whether the folder, and the database where there is one, can be written; the folder is made when missing.
  virtual Result<void> writable() = 0;
  /// See `ManyReads`.
  virtual void many_reads(bool) {}
};

/// While it lives, reads cost less each, and need not see what other processes write meanwhile. Keep it short: what
/// others write can't be folded into the file meanwhile. May be made within another one.
class ManyReads {
 public:
  explicit ManyReads(Cache& cache) : cache_(cache) { cache_.many_reads(true); }
  ~ManyReads() { cache_.many_reads(false); }
  ManyReads(const ManyReads&) = delete;
  ManyReads& operator=(const ManyReads&) = delete;

 private:
  Cache& cache_;
};

/// Borrows `files` and `log` (which may be null).
std::unique_ptr<Cache> open_cache(sys::Path folder, sys::FileSystem& files, sys::Log* log = nullptr);

}  // namespace llmops::store
