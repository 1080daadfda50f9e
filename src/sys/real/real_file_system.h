#pragma once
/// \file  The machine's files.
#include "sys/file_system.h"

namespace llmops::sys {

class RealFileSystem final : public FileSystem {
 public:
  Result<FileStat> stat(const Path& path) override;
  Result<std::string> read(const Path& path, Bytes limit = {std::uint64_t{1} << 34}) override;
  Result<void> read_chunks(const Path& path, const std::function<bool(std::string_view)>& chunk) override;
  Result<void> write_atomically(const Path& path, std::string_view bytes) override;
  Result<std::unique_ptr<AppendFile>> append_to(const Path& path) override;
  Result<void> make_folders(const Path& path) override;
  Result<std::vector<std::string>> list(const Path& folder) override;
  Result<void> remove(const Path& path) override;
  Result<void> remove_below(const Path& root, const Path& path) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> set_executable(const Path& path, bool executable) override;
  Result<void> make_read_only(const Path& path) override;
  Result<void> copy(const Path& from, const Path& to) override;
  Result<Path> read_link(const Path& path) override;
  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override;
  Result<std::unique_ptr<FileLock>> lock_part(const Path& path, std::string_view part, Wait wait) override;
  Result<Digest> sha256(const Path& path) override;
};

}  // namespace llmops::sys
