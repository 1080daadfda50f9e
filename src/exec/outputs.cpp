#include "exec/outputs.h"

#include <algorithm>

#include "base/text.h"
#include "recipe/outputs.h"
#include "sys/hash.h"

namespace llmops::exec {
namespace {

struct Listed {
  std::string path;  ///< From the folder.
  sys::FileStat stat;
};

bool is_inside(const sys::Path& root, const sys::Path& link, const sys::Path& target) {
  const auto full = target.is_absolute() ? target : link.parent_path() / target;
  const auto inside = full.lexically_normal().lexically_relative(root);
  return !inside.empty() && *inside.begin() != "..";
}

/// Bytes are kept, compared and brought back; a link has none, and what it points to is not ours to keep.
Error link_error(Services& services, const std::string& what, const sys::Path& link, const std::string& advice) {
  const auto target = services.system.files.read_link(link);
  std::string to;
  if (target) {
    to = ", to `" + text::printable(target->native()) + "`";
    if (!is_inside(services.repository.root(), link, *target)) to += " outside of the repository";
  }
  return step_error(what + " is a symbolic link" + to, advice);
}

Result<void> list_files(Services& services, const sys::Path& folder, const std::string& prefix,
                        std::vector<Listed>& into) {
  TRY(const auto names, services.system.files.list(folder));
  for (const auto& name : names) {
    TRY(const auto stat, services.system.files.stat(folder / name));
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    if (stat.kind == sys::FileKind::folder) {
      TRY_VOID(list_files(services, folder / name, path, into));
    } else if (stat.kind == sys::FileKind::regular) {
      into.push_back({path, stat});
    } else if (stat.kind == sys::FileKind::symlink) {
      return link_error(services, "`" + path + "` in an output's folder", folder / name,
                        "a folder is kept file by file: write the file itself there, or leave the link out of it");
    } else {
      return step_error("`" + path + "` in an output's folder is no regular file", "leave it out of the folder");
    }
  }
  return {};
}

/// The file's digest; `keep` also puts it into the content store.
enum class Keep { no, yes };
Result<Digest> digest_of(Services& services, const sys::Path& path, const sys::FileStat& stat, Keep keep) {
  const auto seen_at = sys::since_epoch_ns(services.system.clock);
  if (const auto known = services.cache.stats().get(path, stat); known && known->sha256) {
    if (keep == Keep::no) return *known->sha256;
    TRY(const bool stored, services.cache.content().contains(*known->sha256));
    if (stored) return *known->sha256;
  }
  Digest digest;
  if (keep == Keep::yes) {
    TRY(const auto stored, services.cache.content().put_file(path));
    digest = stored.digest;
  } else {
    TRY(digest, services.system.files.sha256(path));
  }
  services.cache.stats().put(path, {stat, seen_at, {}, digest});
  return digest;
}

/// As git tells files apart: other permissions depend on who made the file, and are not brought back.
bool is_executable(const sys::FileStat& stat) { return (stat.mode & 0100u) != 0; }

constexpr std::string_view kExecutable = "755", kPlain = "644";

/// A manifest comes from a cache that others may write: what it names stays in the folder.
bool stays_inside(const std::string& path) {
  const auto parts = text::split(path, '/');
  return std::none_of(parts.begin(), parts.end(),
                      [](const std::string& part) { return part.empty() || part == "." || part == ".."; });
}

struct Folder {
  std::string manifest;
  Bytes size;
};

Result<Folder> manifest_of(Services& services, const sys::Path& folder, Keep keep) {
  std::vector<Listed> files;
  TRY_VOID(list_files(services, folder, {}, files));
  Folder out;
  for (const auto& file : files) {
    TRY(const auto digest, digest_of(services, folder / file.path, file.stat, keep));
    const auto mode = is_executable(file.stat) ? kExecutable : kPlain;
    out.manifest += digest.hex() + " " + std::string(mode) + " " + file.path + "\n";
    out.size.value += file.stat.size;
  }
  return out;
}

/// What `restored` says, or false where the store has the bytes no more, or only damaged ones.
template <class Restored>
Result<bool> unless_lost(Services& services, const Digest& digest, const Restored& restored) {
  if (restored) return true;
  TRY(const bool stored, services.cache.content().contains(digest));
  if (stored) return restored.error();
  return false;
}

Result<bool> restore_file(Services& services, const Digest& digest, const sys::Path& to, bool executable) {
  return unless_lost(services, digest, services.cache.content().restore(digest, to, executable));
}

Result<bool> fill_folder(Services& services, const std::string& manifest, const sys::Path& to) {
  TRY_VOID(services.system.files.make_folders(to));
  for (const auto& line : text::split(manifest, '\n')) {
    if (line.size() < 70) continue;
    const auto file = Digest::parse(line.substr(0, 64));
    const auto path = line.substr(69);
    if (!file || !stays_inside(path)) return false;
    TRY(const bool there, restore_file(services, *file, to / path, line.substr(65, 3) == kExecutable));
    if (!there) return false;
  }
  return true;
}

/// The folder stands there whole, or not at all.
Result<bool> restore_folder(Services& services, const Digest& digest, const sys::Path& to) {
  auto& files = services.system.files;
  const auto manifest = services.cache.content().get(digest);
  TRY(const bool stored, unless_lost(services, digest, manifest));
  if (!stored) return false;
  const auto beside = to.parent_path() / (".incoming-" + sys::new_id(services.system.clock));
  auto filled = fill_folder(services, *manifest, beside);
  if (filled && *filled) {
    if (auto moved = files.rename(beside, to); !moved) filled = std::move(moved).error();
  }
  TRY_VOID(files.remove(beside));
  return filled;
}

}  // namespace

Result<step::Output> store_path(Services& services, const std::string& name, const std::string& path) {
  const auto full = services.repository.root() / path;
  TRY(const auto stat, services.system.files.stat(full));
  step::Output output;
  output.name = name;
  output.path = path;
  output.value = path;
  if (stat.kind == sys::FileKind::regular) {
    TRY(output.digest, digest_of(services, full, stat, Keep::yes));
    output.size = Bytes{stat.size};
    output.executable = is_executable(stat);
    return output;
  }
  if (stat.kind == sys::FileKind::folder) {
    auto folder = manifest_of(services, full, Keep::yes);
    if (!folder) return std::move(folder).error().within("keeping the output `" + path + "`");
    TRY(output.digest, services.cache.content().put(folder->manifest));
    output.size = folder->size;
    output.folder = true;
    return output;
  }
  if (stat.kind == sys::FileKind::symlink) {
    return link_error(services, "the output `" + path + "`", full,
                      "an output is kept by its bytes: let the program write the file itself in that place");
  }
  if (stat.kind == sys::FileKind::other) {
    return step_error("the output `" + path + "` is neither a file nor a folder", "let the program write a file");
  }
  return step_error("the output `" + path + "` was not made",
                    "the step declares it: let its program write it, or take it out");
}

Result<step::Output> store_bytes(Services& services, const std::string& name, std::string_view bytes) {
  step::Output output;
  output.name = name;
  TRY(output.digest, services.cache.content().put(bytes));
  output.size = Bytes{bytes.size()};
  output.value = output.digest->to_string();
  return output;
}

Result<Presence> check_output(Services& services, const step::Output& output) {
  if (!output.digest) return Presence::there;
  const auto full = services.repository.root() / output.path;
  sys::FileStat stat;
  if (!output.path.empty()) {
    TRY(stat, services.system.files.stat(full));
  }
  if (stat.kind == sys::FileKind::none) {
    TRY(const bool stored, services.cache.content().contains(*output.digest));
    if (!stored) return Presence::lost;
    return output.path.empty() ? Presence::there : Presence::deleted;
  }
  if (stat.kind == sys::FileKind::folder) {
    TRY(const auto now, manifest_of(services, full, Keep::no));
    return sys::sha256(now.manifest) == *output.digest ? Presence::there : Presence::changed;
  }
  if (stat.kind != sys::FileKind::regular) return Presence::changed;
  TRY(const auto digest, digest_of(services, full, stat, Keep::no));
  return digest == *output.digest ? Presence::there : Presence::changed;
}

Result<bool> bring_back(Services& services, const step::Output& output) {
  TRY(const auto place, recipe::free_place(services.source, output.path));
  const auto full = services.repository.root() / place;
  auto back = output.folder ? restore_folder(services, *output.digest, full)
                            : restore_file(services, *output.digest, full, output.executable);
  if (!back) return std::move(back).error().within("bringing back the output `" + output.path + "`");
  return back;
}

}  // namespace llmops::exec
