#include "sys/real/git_objects.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "sys/hash.h"
#include "sys/real/file_io.h"
#include "sys/real/os_error.h"

namespace llmops::sys {
namespace {

constexpr std::size_t kStoredBlock = 65535;

/// RFC 1950, section 9.
class Adler32 {
 public:
  void update(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto part = bytes.substr(0, kNoOverflow);
      for (const char c : part) {
        a_ += static_cast<unsigned char>(c);
        b_ += a_;
      }
      a_ %= 65521;
      b_ %= 65521;
      bytes.remove_prefix(part.size());
    }
  }
  std::uint32_t sum() const { return (b_ << 16) | a_; }

 private:
  static constexpr std::size_t kNoOverflow = 5552;
  std::uint32_t a_ = 1, b_ = 0;
};

void append_little_16(std::string& out, std::size_t value) {
  out += static_cast<char>(value & 255);
  out += static_cast<char>((value >> 8) & 255);
}

/// Makes `objects/ab` with the permissions of `objects`, so that a shared repository stays shared.
Result<void> make_fan_out_folder(const Path& folder) {
  struct ::stat above {};
  if (::stat(folder.parent_path().c_str(), &above) != 0)
    return os_error("look at", folder.parent_path().native(), errno);
  if (::mkdir(folder.c_str(), 0777) != 0) {
    if (errno == EEXIST) return {};
    return os_error("make the folder", folder.native(), errno);
  }
  if ((above.st_mode & (S_IWGRP | S_ISGID)) != 0) ::chmod(folder.c_str(), above.st_mode & 07777);
  return {};
}

Result<UniqueFd> open_temporary(std::string& name) {
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return os_error("write", name, errno);
  return fd;
}

}  // namespace

Result<void> to_zlib_stored(std::string_view head, std::string_view bytes,
                            const std::function<Result<void>(std::string_view)>& piece) {
  Adler32 sum;
  std::string out = "\x78\x01";
  do {
    const auto part = bytes.substr(0, kStoredBlock - head.size());
    bytes.remove_prefix(part.size());
    sum.update(head);
    sum.update(part);
    const auto size = head.size() + part.size();
    out += bytes.empty() ? '\1' : '\0';
    append_little_16(out, size);
    append_little_16(out, ~size);
    out += head;
    out += part;
    head = {};
    if (bytes.empty()) {
      for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((sum.sum() >> shift) & 255u);
    }
    TRY_VOID(piece(out));
    out.clear();
  } while (!bytes.empty());
  return {};
}

Result<ObjectId> write_object(const GitLayout& layout, std::string_view type, std::string_view bytes) {
  GitObjectHash hash(layout.format, type, {bytes.size()});
  hash.update(bytes);
  auto id = hash.finish();
  const Path folder = layout.common_dir / "objects" / id.substr(0, 2);
  const Path file = folder / id.substr(2);
  if (::access(file.c_str(), F_OK) == 0) return id;

  TRY_VOID(make_fan_out_folder(folder));
  std::string name = (folder / "tmp_obj_XXXXXX").native();
  TRY(auto fd, open_temporary(name));
  const auto head = std::string(type) + " " + std::to_string(bytes.size()) + '\0';
  auto written = to_zlib_stored(head, bytes, [&](std::string_view piece) { return write_all(fd, piece, file); });
  if (written && ::fchmod(fd.get(), 0444) != 0) written = os_error("write", file.native(), errno);
  if (written && !fd.close()) written = os_error("write", file.native(), errno);
  if (written && ::rename(name.c_str(), file.c_str()) != 0) written = os_error("write", file.native(), errno);
  if (!written) {
    ::unlink(name.c_str());
    return std::move(written).error();
  }
  return id;
}

}  // namespace llmops::sys
