#include "sys/real/file_io.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "base/text.h"
#include "sys/real/os_error.h"

namespace llmops::sys {
namespace {

constexpr int kAttempts = 8;

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::regular;
  if (S_ISDIR(mode)) return FileKind::folder;
  if (S_ISLNK(mode)) return FileKind::symlink;
  return FileKind::other;
}

std::int64_t nanoseconds(const timespec& at) { return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec; }

std::string random_suffix() {
  std::string bytes(6, '\0');
  if (::getrandom(bytes.data(), bytes.size(), 0) < 0) bytes = std::to_string(::getpid());
  return text::to_hex(bytes);
}

Result<void> make_parents(const Path& path) {
  const Path parent = path.parent_path();
  if (parent.empty()) return {};
  std::error_code failed;
  std::filesystem::create_directories(parent, failed);
  if (failed) return os_error("make the folder", parent.native(), failed.value());
  return {};
}

}  // namespace

FileStat to_file_stat(const struct ::stat& raw) {
  return {kind_of(raw.st_mode),
          static_cast<std::uint64_t>(raw.st_size),
          raw.st_ino,
          raw.st_dev,
          nanoseconds(raw.st_mtim),
          nanoseconds(raw.st_ctim),
          raw.st_mode};
}

Result<UniqueFd> open_to_read(const Path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return os_error("read", path.native(), errno);
  return fd;
}

Result<std::optional<std::string>> read_if_present(const Path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>{};
  if (!file) return os_error("read", path.native(), errno);
  std::string out(1024, '\0');
  std::size_t size = 0;
  while (true) {
    const auto got = ::read(file.get(), out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EISDIR) return std::optional<std::string>{};
    if (got < 0) return os_error("read", path.native(), errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size == out.size()) out.resize(size * 2);
  }
  out.resize(size);
  return std::optional(std::move(out));
}

Result<void> write_all(const UniqueFd& file, std::string_view bytes, const Path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_error("write", path.native(), errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<TemporaryFile> TemporaryFile::beside(const Path& target) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Path path = target.parent_path() / (".tmp-" + random_suffix());
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (fd) return TemporaryFile(std::move(fd), path, target);
    if (errno == ENOENT) {
      TRY_VOID(make_parents(target));
    } else if (errno != EEXIST) {
      return os_error("write", target.native(), errno);
    }
  }
  return os_error("write", target.native(), EEXIST);
}

TemporaryFile::TemporaryFile(UniqueFd fd, Path path, Path target)
    : fd_(std::move(fd)), path_(std::move(path)), target_(std::move(target)) {}
TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, {})), target_(std::move(other.target_)) {}
TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> TemporaryFile::commit() {
  if (!fd_.close()) return os_error("write", target_.native(), errno);
  if (::rename(path_.c_str(), target_.c_str()) != 0) return os_error("replace", target_.native(), errno);
  path_.clear();
  return {};
}

}  // namespace llmops::sys
