/// \file  Removal that follows no link: each folder is opened from the one above it.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "sys/real/os_error.h"
#include "sys/real/real_file_system.h"
#include "sys/real/unique_fd.h"

namespace llmops::sys {
namespace {

bool is_link(const UniqueFd& folder, const Path& name) {
  struct ::stat raw {};
  return ::fstatat(folder.get(), name.c_str(), &raw, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(raw.st_mode);
}

/// `shown` is the entry's path, for errors.
Result<void> remove_entry(const UniqueFd& folder, const Path& name, const Path& shown);

Result<void> empty_folder(UniqueFd folder, const Path& shown) {
  const UniqueFd below(::dup(folder.get()));
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(folder.get()), ::closedir);
  if (!open || !below) return os_error("list", shown.native(), errno);
  folder.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return os_error("list", shown.native(), errno);
  for (const auto& name : names) TRY_VOID(remove_entry(below, name, shown / name));
  return {};
}

Result<void> remove_entry(const UniqueFd& folder, const Path& name, const Path& shown) {
  if (::unlinkat(folder.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return os_error("remove", shown.native(), errno);
  const int refused = errno;
  UniqueFd inside(::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inside) return os_error("remove", shown.native(), errno == ENOTDIR ? refused : errno);
  TRY_VOID(empty_folder(std::move(inside), shown));
  if (::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return os_error("remove", shown.native(), errno);
}

}  // namespace

Result<void> RealFileSystem::remove_below(const Path& root, const Path& path) {
  UniqueFd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return os_error("open", root.native(), errno);
  auto shown = root;
  for (const auto& part : path.parent_path()) {
    shown /= part;
    UniqueFd next(::openat(folder.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && is_link(folder, part)) {
      return environment_error(
          "can't remove `" + (root / path).native() + "`: `" + shown.native() + "` is a symbolic link",
          "what a link leads to is not removed: put a folder in its place");
    }
    if (!next && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (!next) return os_error("open", shown.native(), errno);
    folder = std::move(next);
  }
  return remove_entry(folder, path.filename(), root / path);
}

}  // namespace llmops::sys
