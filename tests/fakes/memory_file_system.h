#pragma once
/// \file  Files in memory that also tell what was done to them.
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sys/file_system.h"
#include "sys/hash.h"

namespace llmops::fakes {

/// Regular files, folders and symbolic links (kept, not followed). Each write gives a file a new inode and a later
/// time. Safe to call from many threads.
class MemoryFileSystem final : public sys::FileSystem {
 public:
  using Path = sys::Path;

  std::vector<std::string> reads;   ///< Paths whose bytes were read, in order.
  std::vector<std::string> writes;  ///< Paths that were written, appended to, renamed to or removed, in order.

  void put(const Path& path, std::string bytes) {
    const std::lock_guard lock(mutex_);
    store(path, std::move(bytes));
  }
  void link(const Path& path, Path target) {
    const std::lock_guard lock(mutex_);
    store(path, target.native()).kind = sys::FileKind::symlink;
  }
  bool has(const Path& path) {
    const std::lock_guard lock(mutex_);
    return files_.contains(key(path));
  }
  /// The bytes, without a trace in `reads`; empty where there is no such file.
  std::string at(const Path& path) {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(key(path));
    return found == files_.end() ? std::string() : found->second.bytes;
  }
  /// From now on this call on this path (`read`, `write`, `stat`, `lock`, `list`) fails, `after` so many that don't.
  void fail(const std::string& call, const Path& path, int after = 0) {
    const std::lock_guard lock(mutex_);
    failing_[call + " " + key(path)] = after;
  }
  /// From now on nothing fails.
  void heal() {
    const std::lock_guard lock(mutex_);
    failing_.clear();
  }

  Result<sys::FileStat> stat(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("stat", path));
    const auto found = files_.find(key(path));
    if (found == files_.end()) return is_folder(path) ? folder_stat() : sys::FileStat{};
    const auto& file = found->second;
    const std::uint32_t type = file.kind == sys::FileKind::symlink ? 0120000 : 0100000;
    return sys::FileStat{file.kind, file.bytes.size(), file.inode, 1, file.time_ns, file.time_ns, type | file.mode};
  }
  Result<std::string> read(const Path& path, Bytes limit = {std::uint64_t{1} << 34}) override {
    const std::lock_guard lock(mutex_);
    TRY(auto bytes, bytes_of(path));
    if (bytes.size() > limit.value) return environment_error("`" + path.native() + "` is too large to be read here");
    return bytes;
  }
  Result<void> read_chunks(const Path& path, const std::function<bool(std::string_view)>& chunk) override {
    std::string bytes;
    {
      const std::lock_guard lock(mutex_);
      TRY(bytes, bytes_of(path));
    }
    std::string_view left = bytes;
    for (; !left.empty(); left.remove_prefix(std::min<std::size_t>(left.size(), 1u << 20))) {
      if (!chunk(left.substr(0, 1u << 20))) break;
    }
    return {};
  }
  Result<void> write_atomically(const Path& path, std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("write", path));
    if (is_folder(path)) return environment_error("can't write `" + path.native() + "`: is a directory");
    store(path, std::string(bytes));
    writes.push_back(key(path));
    return {};
  }
  Result<std::unique_ptr<sys::AppendFile>> append_to(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("write", path));
    if (!files_.contains(key(path))) store(path, "");
    return std::make_unique<Appender>(*this, path);
  }
  Result<void> make_folders(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("write", path));
    add_folders(path);
    return {};
  }
  Result<std::vector<std::string>> list(const Path& folder) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("list", folder));
    if (!is_folder(folder)) return missing("list", folder);
    std::set<std::string> names;
    const std::string prefix = key(folder) == "/" ? "/" : key(folder) + "/";
    const auto add = [&](const std::string& path) {
      if (path.size() > prefix.size() && path.starts_with(prefix)) {
        names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
      }
    };
    for (const auto& [path, file] : files_) add(path);
    for (const auto& path : folders_) add(path);
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<void> remove(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("write", path));
    const auto below = [&](const std::string& other) {
      return other == key(path) || other.starts_with(key(path) + "/");
    };
    std::erase_if(files_, [&](const auto& file) { return below(file.first); });
    std::erase_if(folders_, below);
    writes.push_back(key(path));
    return {};
  }
  Result<void> remove_below(const Path& root, const Path& path) override {
    auto at = root;
    for (const auto& part : path.parent_path()) {
      at /= part;
      TRY(const auto entry, stat(at));
      if (entry.kind == sys::FileKind::symlink) {
        return environment_error("can't remove `" + path.native() + "`: `" + at.native() + "` is a symbolic link");
      }
    }
    return remove(root / path);
  }
  Result<void> rename(const Path& from, const Path& to) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("write", to));
    if (is_folder(from)) {
      rename_folder(key(from), key(to));
      return {};
    }
    auto found = files_.extract(key(from));
    if (found.empty()) return missing("rename", from);
    add_folders(to.parent_path());
    files_[key(to)] = std::move(found.mapped());
    writes.push_back(key(to));
    return {};
  }
  Result<void> set_executable(const Path& path, bool executable) override {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(key(path));
    if (found == files_.end()) return missing("change the permissions of", path);
    found->second.mode = executable ? found->second.mode | 0111u : found->second.mode & ~0111u;
    return {};
  }
  Result<void> make_read_only(const Path& path) override {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(key(path));
    if (found == files_.end()) return missing("make read-only", path);
    found->second.mode &= 0555;
    return {};
  }
  Result<void> copy(const Path& from, const Path& to) override {
    const std::lock_guard lock(mutex_);
    TRY_VOID(allowed("write", to));
    TRY(auto bytes, bytes_of(from));
    store(to, std::move(bytes));
    writes.push_back(key(to));
    return {};
  }
  Result<Path> read_link(const Path& path) override {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(key(path));
    if (found == files_.end() || found->second.kind != sys::FileKind::symlink) return missing("follow", path);
    return Path(found->second.bytes);
  }
  Result<std::unique_ptr<sys::FileLock>> lock_part(const Path& path, std::string_view part, Wait wait) override {
    return lock(path.native() + "#" + std::string(part), wait);
  }
  Result<std::unique_ptr<sys::FileLock>> lock(const Path& path, Wait wait) override {
    const std::lock_guard guard(mutex_);
    TRY_VOID(allowed("lock", path));
    if (!locked_.insert(key(path)).second) {
      if (wait == Wait::no) return std::unique_ptr<sys::FileLock>{};
      return environment_error("`" + path.native() + "` is locked, and in a test nobody would unlock it");
    }
    return std::make_unique<Lock>(*this, key(path));
  }
  Result<Digest> sha256(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TRY(const auto bytes, bytes_of(path));
    return sys::sha256(bytes);
  }

 private:
  struct File {
    std::string bytes;
    sys::FileKind kind = sys::FileKind::regular;
    std::uint64_t inode = 0;
    std::int64_t time_ns = 0;
    std::uint32_t mode = 0644;
  };
  class Appender final : public sys::AppendFile {
   public:
    Appender(MemoryFileSystem& files, Path path) : files_(files), path_(std::move(path)) {}
    Result<void> append(std::string_view bytes) override {
      const std::lock_guard lock(files_.mutex_);
      TRY_VOID(files_.allowed("write", path_));
      files_.store(path_, files_.files_[key(path_)].bytes + std::string(bytes));
      files_.writes.push_back(key(path_));
      return {};
    }

   private:
    MemoryFileSystem& files_;
    Path path_;
  };
  class Lock final : public sys::FileLock {
   public:
    Lock(MemoryFileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
    ~Lock() override {
      const std::lock_guard lock(files_.mutex_);
      files_.locked_.erase(path_);
    }

   private:
    MemoryFileSystem& files_;
    std::string path_;
  };

  static std::string key(const Path& path) {
    auto text = path.lexically_normal().native();
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
  }
  static sys::FileStat folder_stat() { return {sys::FileKind::folder, 0, 1, 1, 1, 1, 040755}; }
  static Error missing(const std::string& action, const Path& path) {
    return environment_error("can't " + action + " `" + path.native() + "`: no such file or directory");
  }
  Result<void> allowed(const std::string& call, const Path& path) {
    const auto found = failing_.find(call + " " + key(path));
    if (found == failing_.end() || found->second-- > 0) return {};
    found->second = 0;
    return environment_error("can't " + call + " `" + path.native() + "`: input/output error");
  }
  Result<std::string> bytes_of(const Path& path) {
    TRY_VOID(allowed("read", path));
    const auto found = files_.find(key(path));
    if (found == files_.end()) return missing("read", path);
    reads.push_back(key(path));
    return found->second.bytes;
  }
  void rename_folder(const std::string& from, const std::string& to) {
    const auto moved = [&](const std::string& path) {
      const bool below = path == from || path.starts_with(from + "/");
      return below ? to + path.substr(from.size()) : path;
    };
    std::map<std::string, File> files;
    std::set<std::string> folders;
    for (auto& [path, file] : files_) files[moved(path)] = std::move(file);
    for (const auto& path : folders_) folders.insert(moved(path));
    files_ = std::move(files);
    folders_ = std::move(folders);
    writes.push_back(to);
  }
  bool is_folder(const Path& path) const { return key(path) == "/" || folders_.contains(key(path)); }
  void add_folders(const Path& path) {
    for (auto at = path.lexically_normal(); !at.empty() && key(at) != "/"; at = at.parent_path())
      folders_.insert(key(at));
  }
  File& store(const Path& path, std::string bytes) {
    add_folders(path.parent_path());
    ++changes_;
    auto& file = files_[key(path)];
    file = {std::move(bytes), sys::FileKind::regular, changes_, static_cast<std::int64_t>(changes_) * 1'000'000'000,
            0644};
    return file;
  }

  std::mutex mutex_;
  std::map<std::string, File> files_;
  std::set<std::string> folders_, locked_;
  std::map<std::string, int> failing_;  ///< A call and its path → how often it still works.
  std::uint64_t changes_ = 0;
};

}  // namespace llmops::fakes
