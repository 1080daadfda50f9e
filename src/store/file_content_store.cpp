#include "store/file_content_store.h"

#include <random>

#include "sys/hash.h"

namespace llmops::store {
namespace {

constexpr std::uint64_t kSmall = 256u << 10;  ///< Bytes up to which a file is read whole rather than copied first.

/// A name that no other thread or process uses.
std::string unique_name() {
  std::random_device chance;
  return "incoming-" + std::to_string((std::uint64_t{chance()} << 32) | chance());
}

}  // namespace

sys::Path FileContentStore::path(const Digest& digest) const {
  const auto name = digest.hex();
  return folder_ / name.substr(0, 2) / name;
}

Result<bool> FileContentStore::contains(const Digest& digest) {
  TRY(const auto stat, files_.stat(path(digest)));
  return stat.kind == sys::FileKind::regular;
}

Result<Digest> FileContentStore::put(std::string_view bytes) {
  const auto digest = sys::sha256(bytes);
  const auto target = path(digest);
  TRY(const auto present, files_.stat(target));
  if (present.kind == sys::FileKind::regular && present.size == bytes.size()) return digest;
  TRY_VOID(files_.write_atomically(target, bytes));
  TRY_VOID(files_.make_read_only(target));
  return digest;
}

Result<ContentStore::Stored> FileContentStore::put_file(const sys::Path& from) {
  TRY(const auto found, files_.stat(from));
  if (found.kind == sys::FileKind::regular && found.size <= kSmall) {
    TRY(const auto bytes, files_.read(from));
    TRY(const auto digest, put(bytes));
    return Stored{digest, {bytes.size()}};
  }
  const auto incoming = folder_ / unique_name();
  const auto store = [&]() -> Result<Stored> {
    TRY_VOID(files_.copy(from, incoming));
    TRY(const auto digest, files_.sha256(incoming));
    TRY(const auto stat, files_.stat(incoming));
    const auto target = path(digest);
    TRY(const auto present, files_.stat(target));
    if (present.kind != sys::FileKind::regular || present.size != stat.size) {
      TRY_VOID(files_.make_read_only(incoming));
      TRY_VOID(files_.make_folders(target.parent_path()));
      TRY_VOID(files_.rename(incoming, target));
    }
    return Stored{digest, {stat.size}};
  };
  auto stored = store();
  TRY_VOID(files_.remove(incoming));
  return stored;
}

Result<std::string> FileContentStore::get(const Digest& digest) {
  TRY(const bool there, contains(digest));
  if (!there) return missing(digest);
  TRY(auto bytes, files_.read(path(digest)));
  if (sys::sha256(bytes) != digest) return set_aside(digest);
  return bytes;
}

Result<void> FileContentStore::restore(const Digest& digest, const sys::Path& to, bool executable) {
  TRY(const bool there, contains(digest));
  if (!there) return missing(digest);
  const auto beside = to.parent_path() / ("." + unique_name());
  const auto restore = [&]() -> Result<void> {
    TRY_VOID(files_.copy(path(digest), beside));
    TRY(const auto copied, files_.sha256(beside));
    if (copied != digest) return set_aside(digest);
    TRY_VOID(
        files_.set_executable(beside, executable));  // Whoever stored the same bytes first may have had it otherwise.
    return files_.rename(beside, to);
  };
  auto restored = restore();
  TRY_VOID(files_.remove(beside));
  return restored;
}

Error FileContentStore::missing(const Digest& digest) const {
  return environment_error("the cache `" + folder_.native() + "` has no bytes of digest `" + digest.to_string() + "`",
                           "run the step that makes them again");
}

Error FileContentStore::set_aside(const Digest& digest) {
  const auto damaged = path(digest);
  const sys::Path aside = damaged.native() + ".damaged";
  const auto moved = files_.rename(damaged, aside);
  return environment_error(
      "`" + damaged.native() + "` does not have the digest of its name: its bytes were damaged",
      (moved ? "it is now `" + aside.native() + "`; " : std::string()) + "run the step that makes it again");
}

}  // namespace llmops::store
