#include "sys/real/real_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "sys/hash.h"
#include "sys/real/file_io.h"
#include "sys/real/os_error.h"

namespace llmops::sys {
namespace {

constexpr std::size_t kChunk = 1u << 20;

/// Not filled with zeros: most files are far smaller than it.
std::unique_ptr<char[]> chunk_buffer() { return std::make_unique_for_overwrite<char[]>(kChunk); }

/// The descriptor keeps the lock; the system lets go of it when the process dies.
class FlockedFile final : public FileLock {
 public:
  explicit FlockedFile(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  UniqueFd fd_;
};

class OpenAppendFile final : public AppendFile {
 public:
  OpenAppendFile(UniqueFd fd, Path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Result<void> append(std::string_view bytes) override {
    off_t began = 0, ended = 0;  // Where what is written of `bytes` lies.
    while (!bytes.empty()) {
      const auto written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const int code = errno;
        take_back(began, ended);
        return os_error("write", path_.native(), code);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
      const off_t now = bytes.empty() ? 0 : ::lseek(fd_.get(), 0, SEEK_CUR);
      if (now - written != ended) began = now - written;
      ended = now;
    }
    return {};
  }

 private:
  /// Unless others have appended since. What can't be taken back, as in a pipe, stays.
  void take_back(off_t began, off_t ended) const {
    struct ::stat raw {};
    if (began >= ended || ::fstat(fd_.get(), &raw) != 0 || !S_ISREG(raw.st_mode) || raw.st_size != ended) return;
    if (::ftruncate(fd_.get(), began) != 0) return;  // It stays torn; whoever reads it passes over that.
  }

  UniqueFd fd_;
  Path path_;
};

/// Opens with `flags`, making the parent folders when they are missing.
Result<UniqueFd> open_with_parents(FileSystem& files, const Path& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0666));
  if (!fd && errno == ENOENT) {
    TRY_VOID(files.make_folders(path.parent_path()));
    fd = UniqueFd(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0666));
  }
  if (!fd) return os_error("write", path.native(), errno);
  return fd;
}

/// False where the file was removed, or another stands in its place.
bool is_file_at(const UniqueFd& file, const Path& path) {
  struct ::stat ours {};
  struct ::stat there {};
  return ::fstat(file.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

Result<std::size_t> read_some(const UniqueFd& file, char* to, std::size_t size, const Path& path) {
  while (true) {
    const auto got = ::read(file.get(), to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return os_error("read", path.native(), errno);
  }
}

Result<void> copy_bytes(const UniqueFd& from, const UniqueFd& to, const Path& source, const Path& target) {
  while (true) {
    const auto copied = ::copy_file_range(from.get(), nullptr, to.get(), nullptr, std::size_t{1} << 30, 0);
    if (copied == 0) break;
    if (copied < 0 && errno != EINTR) break;
  }
  const auto buffer = chunk_buffer();  // What is left, where the kernel can't copy between these two files.
  while (true) {
    TRY(const auto got, read_some(from, buffer.get(), kChunk, source));
    if (got == 0) return {};
    TRY_VOID(write_all(to, {buffer.get(), got}, target));
  }
}

}  // namespace

Result<FileStat> RealFileSystem::stat(const Path& path) {
  struct ::stat raw {};
  if (::lstat(path.c_str(), &raw) == 0) return to_file_stat(raw);
  if (errno == ENOENT || errno == ENOTDIR) return FileStat{};
  return os_error("look at", path.native(), errno);
}

Result<std::string> RealFileSystem::read(const Path& path, Bytes limit) {
  TRY(const auto file, open_to_read(path));
  struct ::stat raw {};
  if (::fstat(file.get(), &raw) != 0) return os_error("read", path.native(), errno);
  std::string out;
  std::size_t size = 0;
  std::size_t expected = S_ISREG(raw.st_mode) ? static_cast<std::size_t>(raw.st_size) : 0;
  while (true) {
    if (size > limit.value || expected > limit.value) {
      return environment_error("`" + path.native() + "` is larger than the " + units::to_string(limit) +
                               " that may be read here");
    }
    if (out.size() == size) out.resize(std::max(size == 0 ? expected + 1 : size * 2, std::size_t{4096}));
    TRY(const auto got, read_some(file, out.data() + size, out.size() - size, path));
    if (got == 0) break;
    size += got;
  }
  out.resize(size);
  return out;
}

Result<void> RealFileSystem::read_chunks(const Path& path, const std::function<bool(std::string_view)>& chunk) {
  TRY(const auto file, open_to_read(path));
  const auto buffer = chunk_buffer();
  while (true) {
    TRY(const auto got, read_some(file, buffer.get(), kChunk, path));
    if (got == 0 || !chunk({buffer.get(), got})) return {};
  }
}

Result<void> RealFileSystem::write_atomically(const Path& path, std::string_view bytes) {
  TRY(auto file, TemporaryFile::beside(path));
  TRY_VOID(write_all(file.fd(), bytes, path));
  return file.commit();
}

Result<std::unique_ptr<AppendFile>> RealFileSystem::append_to(const Path& path) {
  TRY(auto fd, open_with_parents(*this, path, O_WRONLY | O_APPEND));
  return std::make_unique<OpenAppendFile>(std::move(fd), path);
}

Result<void> RealFileSystem::make_folders(const Path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return os_error("make the folder", path.native(), failed.value());
  return {};
}

Result<std::vector<std::string>> RealFileSystem::list(const Path& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return os_error("list", folder.native(), errno);
  std::vector<std::string> out;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") out.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return os_error("list", folder.native(), errno);
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> RealFileSystem::remove(const Path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
  std::error_code failed;
  std::filesystem::remove_all(path, failed);
  if (failed) return os_error("remove", path.native(), failed.value());
  return {};
}

Result<void> RealFileSystem::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return os_error("rename `" + from.native() + "` to", to.native(), errno);
  }
  return {};
}

Result<void> RealFileSystem::set_executable(const Path& path, bool executable) {
  struct ::stat raw {};
  if (::stat(path.c_str(), &raw) != 0) return os_error("look at", path.native(), errno);
  const auto readers = (raw.st_mode & 0444u) >> 2;
  const auto mode = executable ? (raw.st_mode & 07777u) | readers : raw.st_mode & 07666u;
  if (::chmod(path.c_str(), mode) != 0) return os_error("change the permissions of", path.native(), errno);
  return {};
}

Result<void> RealFileSystem::make_read_only(const Path& path) {
  struct ::stat raw {};
  if (::lstat(path.c_str(), &raw) != 0) return os_error("look at", path.native(), errno);
  if (::chmod(path.c_str(), raw.st_mode & 07555) != 0) return os_error("make read-only", path.native(), errno);
  return {};
}

Result<void> RealFileSystem::copy(const Path& from, const Path& to) {
  TRY(const auto source, open_to_read(from));
  struct ::stat raw {};
  if (::fstat(source.get(), &raw) != 0) return os_error("read", from.native(), errno);
  if (!S_ISREG(raw.st_mode)) return environment_error("can't copy `" + from.native() + "`: it is not a regular file");
  TRY(auto target, TemporaryFile::beside(to));
  if (::ioctl(target.fd().get(), FICLONE, source.get()) != 0) {
    TRY_VOID(copy_bytes(source, target.fd(), from, to));
  }
  if ((raw.st_mode & 0111) != 0 && ::fchmod(target.fd().get(), 0755) != 0) {
    return os_error("make executable", to.native(), errno);
  }
  return target.commit();
}

Result<Path> RealFileSystem::read_link(const Path& path) {
  std::error_code failed;
  auto target = std::filesystem::read_symlink(path, failed);
  if (failed) return os_error("follow", path.native(), failed.value());
  return target;
}

Result<std::unique_ptr<FileLock>> RealFileSystem::lock(const Path& path, Wait wait) {
  const int operation = wait == Wait::no ? LOCK_EX | LOCK_NB : LOCK_EX;
  while (true) {
    TRY(auto fd, open_with_parents(*this, path, O_RDWR));
    while (::flock(fd.get(), operation) != 0) {
      if (errno == EWOULDBLOCK) return std::unique_ptr<FileLock>{};
      if (errno != EINTR) return os_error("lock", path.native(), errno);
    }
    if (is_file_at(fd, path)) return std::make_unique<FlockedFile>(std::move(fd));
  }
}

/// The part's lock is one byte at a place made from its name; places are many enough that no two names meet.
Result<std::unique_ptr<FileLock>> RealFileSystem::lock_part(const Path& path, std::string_view part, Wait wait) {
  TRY(auto fd, open_with_parents(*this, path, O_RDWR));
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(std::stoull(sys::sha256(part).hex().substr(0, 15), nullptr, 16));
  range.l_len = 1;
  // F_OFD: the lock is the open file's, not the process's, so another thread waits too.
  while (fcntl(fd.get(), wait == Wait::no ? F_OFD_SETLK : F_OFD_SETLKW, &range) != 0) {
    if (wait == Wait::no && (errno == EAGAIN || errno == EACCES)) return std::unique_ptr<FileLock>{};
    if (errno != EINTR) return os_error("lock", path.native(), errno);
  }
  return std::make_unique<FlockedFile>(std::move(fd));
}

Result<Digest> RealFileSystem::sha256(const Path& path) {
  Sha256 hash;
  TRY_VOID(read_chunks(path, [&hash](std::string_view bytes) {
    hash.update(bytes);
    return true;
  }));
  return hash.finish();
}

}  // namespace llmops::sys
