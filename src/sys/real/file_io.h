#pragma once
/// \file  Opening, writing and replacing files, for the rest of this folder.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/file_system.h"
#include "sys/real/unique_fd.h"

struct stat;

namespace llmops::sys {

FileStat to_file_stat(const struct ::stat& raw);
Result<UniqueFd> open_to_read(const Path& path);
/// A small file's bytes, links followed; nothing where there is no such file (a folder counts as none).
Result<std::optional<std::string>> read_if_present(const Path& path);
/// All of `bytes`, or an error that names `path`.
Result<void> write_all(const UniqueFd& file, std::string_view bytes, const Path& path);

/// A new file beside `target` that takes its place with `commit`, and vanishes when that is not called.
class TemporaryFile {
 public:
  /// Makes the parent folders where missing.
  static Result<TemporaryFile> beside(const Path& target);
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();
  const UniqueFd& fd() const { return fd_; }
  const Path& path() const { return path_; }
  /// Closes the file first.
  Result<void> commit();

 private:
  TemporaryFile(UniqueFd fd, Path path, Path target);
  UniqueFd fd_;
  Path path_, target_;
};

}  // namespace llmops::sys
