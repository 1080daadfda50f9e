#pragma once
/// \file  Files. Paths are absolute, or relative to the process's folder.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"

namespace llmops::sys {

using Path = std::filesystem::path;

enum class FileKind { none, regular, folder, symlink, other };

/// What the file system says of an entry, links not followed. Equal where nothing has changed.
struct FileStat {
  FileKind kind = FileKind::none;
  std::uint64_t size = 0, inode = 0, device = 0;
  std::int64_t mtime_ns = 0, ctime_ns = 0;
  std::uint32_t mode = 0;  ///< Permission bits and the file type, as stat(2) gives them.
  friend bool operator==(const FileStat&, const FileStat&) = default;
};

/// A lock on a file that dies with the process. Released when destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// A file that only grows. `append` writes the whole text or fails, and then takes back what it had written of it,
/// unless others have appended behind it or the file is none that can be cut.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  virtual Result<void> append(std::string_view bytes) = 0;
};

/// Errors are of kind `environment` and name the path and what the system said; "no space left" hints at what to free.
/// Safe to call from many threads.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// `kind == none` where nothing is there; an error only where that can't be told.
  virtual Result<FileStat> stat(const Path& path) = 0;
  /// The whole file. More than `limit` bytes is an error that says so.
  virtual Result<std::string> read(const Path& path, Bytes limit = {std::uint64_t{1} << 34}) = 0;
  /// Calls `chunk` with the file's bytes in order, at most 1 MiB each, until it returns false or the file ends.
  virtual Result<void> read_chunks(const Path& path, const std::function<bool(std::string_view)>& chunk) = 0;
  /// Writes beside, then renames: the file is the old one or the whole new one, even when the program is killed. Makes
  /// parent folders. Not forced to the disk: a power cut may lose it.
  virtual Result<void> write_atomically(const Path& path, std::string_view bytes) = 0;
  /// Opens to append, creating the file and its parents.
  virtual Result<std::unique_ptr<AppendFile>> append_to(const Path& path) = 0;
  virtual Result<void> make_folders(const Path& path) = 0;
  /// A folder's entries by name, sorted; symbolic links not followed.
  virtual Result<std::vector<std::string>> list(const Path& folder) = 0;
  /// A file, or a folder with all in it (links are removed, not followed). Nothing there is no error.
  virtual Result<void> remove(const Path& path) = 0;
  /// The same of `path`, which is relative to the folder `root`, and without following any link on the way to it: one
  /// that stands there is an error, even where it was put there a moment ago.
  virtual Result<void> remove_below(const Path& root, const Path& path) = 0;
  virtual Result<void> rename(const Path& from, const Path& to) = 0;
  /// Lets those execute the file who may read it, or nobody.
  virtual Result<void> set_executable(const Path& path, bool executable) = 0;
  /// Takes from everybody the permission to write the file.
  virtual Result<void> make_read_only(const Path& path) = 0;
  /// A copy by reflink where the file system can, else of the bytes; never a hard link. `to` is replaced atomically.
  virtual Result<void> copy(const Path& from, const Path& to) = 0;
  /// Where a symbolic link points, as written in it.
  virtual Result<Path> read_link(const Path& path) = 0;
  /// An exclusive lock on a file, which is made when missing (its parents too) and stays, unless who holds the lock
  /// removes it: then whoever waits makes a new one. With `Wait::no` and somebody holding it: a null pointer.
  enum class Wait { yes, no };
  virtual Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) = 0;
  /// The same of one named part of a file, so that many locks need no file each. Such a file is locked by parts only.
  virtual Result<std::unique_ptr<FileLock>> lock_part(const Path& path, std::string_view part, Wait wait) = 0;
  /// SHA-256 of the file's bytes.
  virtual Result<Digest> sha256(const Path& path) = 0;
};

}  // namespace llmops::sys
