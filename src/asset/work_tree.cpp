#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "asset/asset.h"
#include "asset/asset_error.h"
#include "asset/asset_path.h"
#include "asset/seen_file.h"
#include "base/text.h"
#include "sys/hash.h"

namespace llmops::asset {
namespace {

constexpr std::int64_t kRacyNs = 20'000'000;
constexpr std::uint64_t kLow32 = 0xFFFFFFFFu;
constexpr std::uint32_t kSubmodule = 0160000;

std::int64_t now_ns() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

const sys::IndexEntry* find_entry(const sys::Index& index, std::string_view path) {
  const auto at =
      std::lower_bound(index.begin(), index.end(), path,
                       [](const sys::IndexEntry& entry, std::string_view wanted) { return entry.path < wanted; });
  return at != index.end() && at->path == path ? &*at : nullptr;
}

/// Whether git saw the file as it is now, and long enough before it wrote the index that a later change would show.
bool vouches(const sys::IndexEntry& entry, const sys::FileStat& stat, const sys::FileStat& index) {
  return !entry.assume_valid && !entry.skip_worktree && !entry.intent_to_add && !entry.unmerged &&
         stat.kind == sys::FileKind::regular && entry.stat.kind == sys::FileKind::regular &&
         entry.stat.mtime_ns == stat.mtime_ns && entry.stat.ctime_ns == stat.ctime_ns &&
         entry.size == (stat.size & kLow32) && entry.stat.inode == (stat.inode & kLow32) &&
         entry.stat.device == (stat.device & kLow32) &&
         std::max(stat.mtime_ns, stat.ctime_ns) + kRacyNs < index.mtime_ns;
}

class WorkTree final : public AssetSource {
 public:
  WorkTree(sys::GitRepository& repository, sys::FileSystem& files, store::Cache& cache)
      : repository_(repository), files_(files), cache_(cache) {}
  ~WorkTree() override {
    if (seen_) seen_->save();
  }

  Result<Asset> file(const std::string& path) override {
    TRY(auto found, look_at(path));
    if (!found.tracked) return untracked(found);
    return to_asset(std::move(found));
  }

  Result<std::optional<Asset>> tracked(const std::string& path) override {
    TRY(auto found, look_at(path));
    if (!found.tracked) return std::optional<Asset>{};
    TRY(auto asset, to_asset(std::move(found)));
    return std::optional(std::move(asset));
  }

  Result<std::vector<Asset>> glob(const std::string& pattern) override {
    TRY(const auto clean, clean_path(pattern));
    if (!has_wildcard(clean)) {
      TRY(const auto stat, files_.stat(repository_.root() / clean));
      if (stat.kind != sys::FileKind::folder) {
        TRY(auto one, file(clean));
        return std::vector{std::move(one)};
      }
    }
    TRY(const auto paths, list(clean));
    std::map<std::string, Asset> found;
    for (const auto& path : paths) TRY_VOID(collect(path, found));
    if (found.empty()) return nothing_matches(pattern, names());
    std::vector<Asset> out;
    for (auto& [path, asset] : found) out.push_back(std::move(asset));
    return out;
  }

  Result<std::string> read(const std::string& path) override {
    TRY(auto found, look_at(path));
    const auto real = repository_.root() / found.real;
    if (!found.tracked) return untracked(found);
    TRY_VOID(to_asset(std::move(found)));
    return files_.read(real);
  }

  Result<bool> has_entry(const std::string& path) override {
    TRY(const auto clean, clean_path(path));
    TRY(auto* seen, seen_file());
    const auto pattern = "/" + clean;  // No pattern of `list` begins so.
    if (const auto known = seen->matches(pattern)) return !known->empty();
    TRY(const auto index, repository_.index());
    const bool there = find_entry(*index, clean) != nullptr;
    seen->put_matches(pattern, there ? std::vector{clean} : std::vector<std::string>());
    return there;
  }

  Result<std::vector<std::string>> untracked(const std::vector<std::string>& patterns) override {
    std::vector<std::string> doubtful, out;
    for (const auto& pattern : patterns) {
      TRY(auto clean, clean_path(pattern));
      TRY(const bool all_known, only_tracked_in(fixed_folder(clean)));
      if (!all_known) doubtful.push_back(std::move(clean));
    }
    if (doubtful.empty()) return out;
    TRY(const auto changed, repository_.changed_paths());
    TRY(const auto index, repository_.index());
    for (const auto& path : changed) {
      const auto fits = [&](const std::string& pattern) { return matches(pattern, path); };
      if (std::none_of(doubtful.begin(), doubtful.end(), fits) || find_entry(*index, path) != nullptr) continue;
      TRY(const auto stat, files_.stat(repository_.root() / path));
      if (stat.kind != sys::FileKind::none) out.push_back(path);
    }
    return out;
  }

  Result<std::string> place(const std::string& path) override {
    TRY(const auto clean, clean_path(path));
    const auto slash = clean.rfind('/');
    if (slash == std::string::npos) return clean;
    TRY(const auto folder, real_folder(clean.substr(0, slash)));
    return folder.empty() ? clean.substr(slash + 1) : folder + clean.substr(slash);
  }

  Result<std::vector<std::string>> list(const std::string& pattern) override {
    TRY(const auto clean, clean_path(pattern));
    TRY(auto* seen, seen_file());
    if (auto known = seen->matches(clean)) return std::move(*known);
    TRY(const auto index, repository_.index());
    std::vector<std::string> out;
    for (const auto& entry : *index) {
      if (matches(clean, entry.path) && entry.mode != kSubmodule) out.push_back(entry.path);
    }
    seen->put_matches(clean, out);
    return out;
  }

 private:
  struct Found {
    std::string path;  ///< As asked for, clean.
    std::string real;  ///< With links followed.
    sys::FileStat stat;
    std::int64_t seen_at_ns = 0;
    std::string git_blob;  ///< Empty: not known yet.
    std::string link;      ///< Its target, where the path itself is a symbolic link.
    bool tracked = false;
  };

  static bool matches(const std::string& clean, const std::string& path) {
    if (has_wildcard(clean)) return text::glob_match(clean, path);
    const bool below = path.size() > clean.size() && path[clean.size()] == '/' && path.starts_with(clean);
    return clean.empty() || below || path == clean;
  }

  /// The folder that holds all that a pattern can match; empty for the root.
  static std::string fixed_folder(const std::string& clean) {
    if (!has_wildcard(clean)) return clean;
    const auto slash = clean.rfind('/', clean.find_first_of("*?["));
    return slash == std::string::npos ? std::string() : clean.substr(0, slash);
  }

  /// False where there may be more than tracked files in a folder. The root has `.git` and often much that is ignored.
  Result<bool> only_tracked_in(const std::string& folder) {
    if (folder.empty()) return false;
    TRY(const auto stat, files_.stat(repository_.root() / folder));
    if (stat.kind != sys::FileKind::folder) return true;
    TRY(const auto tracked, list(folder));
    return only_tracked_in(folder, tracked);
  }

  Result<bool> only_tracked_in(const std::string& folder, const std::vector<std::string>& tracked) {
    TRY(const auto names, files_.list(repository_.root() / folder));
    for (const auto& name : names) {
      const auto path = folder + "/" + name;
      const auto at = std::lower_bound(tracked.begin(), tracked.end(), path);
      if (at != tracked.end() && *at == path) continue;
      const auto below = std::lower_bound(at, tracked.end(), path + "/");
      if (below == tracked.end() || !below->starts_with(path + "/")) return false;
      TRY(const bool all_known, only_tracked_in(path, tracked));
      if (!all_known) return false;
    }
    return true;
  }

  /// A tracked path and, where it is a link, what is tracked behind it.
  Result<void> collect(const std::string& path, std::map<std::string, Asset>& into) {
    if (into.contains(path)) return {};
    TRY(auto found, look_at(path));
    const auto kind = found.stat.kind;
    if (found.link.empty()) {
      if (!found.tracked || kind == sys::FileKind::none || kind == sys::FileKind::folder) return {};
      TRY(auto asset, to_asset(std::move(found)));
      into.emplace(path, std::move(asset));
      return {};
    }
    auto& link = into.emplace(path, Asset{path, {}, true, false, found.link}).first->second;
    if (kind == sys::FileKind::none) return {};
    if (kind == sys::FileKind::folder) return collect_behind(found, into);
    if (!found.tracked) return behind_link(found, "`, which git does not track");
    TRY(auto asset, to_asset(found));
    asset.link = std::move(found.link);
    link = std::move(asset);
    return {};
  }

  Result<void> collect_behind(const Found& link, std::map<std::string, Asset>& into) {
    TRY(const auto below, list(link.real));
    if (below.empty()) return behind_link(link, "`, in which git tracks nothing");
    for (const auto& path : below) TRY_VOID(collect(path, into));
    return {};
  }

  static Error behind_link(const Found& link, const std::string& what) {
    return invalid_error(
        "`" + text::printable(link.path) + "` is a symbolic link to `" + text::printable(link.real) + what, {},
        "`git add` what the link leads to, or take the link out of the inputs");
  }

  Result<SeenFile*> seen_file() {
    const std::lock_guard lock(mutex_);
    if (seen_) return seen_.get();
    const auto now = now_ns();
    TRY(index_stat_, repository_.index_stat());
    std::optional<sys::FileStat> known;
    if (store::settled(index_stat_, now)) known = index_stat_;
    seen_ = std::make_unique<SeenFile>(files_, repository_.git_dir() / "llmops" / "seen", known);
    return seen_.get();
  }

  /// A folder's path, symbolic links followed; a folder that was found to be one is not looked at again.
  Result<std::string> real_folder(const std::string& folder) {
    {
      const std::lock_guard lock(mutex_);
      if (plain_folders_.contains(folder)) return folder;
    }
    TRY(auto real, follow_links(files_, repository_.root(), folder));
    if (real != folder) return real;
    const std::lock_guard lock(mutex_);
    plain_folders_.insert(folder);
    return folder;
  }

  Result<std::string> real_path(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return path;
    const auto folder = path.substr(0, slash);
    TRY(const auto real, real_folder(folder));
    return real == folder ? Result<std::string>(path) : follow_links(files_, repository_.root(), path);
  }

  Result<Found> look_at(const std::string& path) {
    Found out;
    TRY(out.path, clean_path(path));
    TRY(auto* seen, seen_file());
    TRY(out.real, real_path(out.path));
    out.seen_at_ns = now_ns();
    TRY(out.stat, files_.stat(repository_.root() / out.real));
    if (out.stat.kind == sys::FileKind::symlink) {
      TRY(const auto target, files_.read_link(repository_.root() / out.real));
      out.link = target.native();
      TRY(out.real, follow_links(files_, repository_.root(), out.path));
      TRY(out.stat, files_.stat(repository_.root() / out.real));
    }
    const auto known = seen->find(out.real);
    if (known && known->stat == out.stat) out.git_blob = known->git_blob;
    if (known && known->current) {
      out.tracked = known->tracked;
      if (known->stat == out.stat) return out;
    } else {
      TRY(const auto index, repository_.index());
      out.tracked = find_entry(*index, out.real) != nullptr;
    }
    remember(*seen, out);
    return out;
  }

  void remember(SeenFile& seen, const Found& found) {
    if (store::settled(found.stat, found.seen_at_ns))
      seen.put(found.real, {found.stat, found.git_blob, found.tracked, true});
  }

  Error untracked(const Found& found) {
    const auto pointer = files_.stat(repository_.root() / (found.real + ".dvc"));
    if (pointer && pointer->kind == sys::FileKind::regular) return kept_by_dvc(found.path);
    if (found.stat.kind == sys::FileKind::none) return nothing_there(found.path, names());
    if (found.stat.kind == sys::FileKind::folder) return is_folder(found.path);
    if (found.stat.kind != sys::FileKind::regular) return no_file(found.path);
    if (const auto submodule = submodule_of(found.real); !submodule.empty()) {
      return within_submodule(found.path, submodule);
    }
    return not_tracked(found.path);
  }

  /// The submodule that a path lies in; empty where it lies in none.
  std::string submodule_of(const std::string& path) {
    const auto index = repository_.index();
    if (!index) return {};
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const auto* entry = find_entry(**index, path.substr(0, slash));
      if (entry != nullptr && entry->mode == kSubmodule) return entry->path;
    }
    return {};
  }

  Result<Asset> to_asset(Found found) {
    if (found.stat.kind != sys::FileKind::regular) return untracked(found);
    if (found.real.ends_with(".dvc")) return dvc_pointer(found.path);
    if (found.git_blob.empty()) {
      TRY_VOID(identify(found));
      TRY(auto* seen, seen_file());
      remember(*seen, found);
    }
    TRY(const bool executable, is_executable(found));
    return Asset{std::move(found.path), std::move(found.git_blob), true, executable, {}};
  }

  /// As git would note it.
  Result<bool> is_executable(const Found& found) {
    if (repository_.modes_count()) return (found.stat.mode & 0100u) != 0;
    TRY(const auto index, repository_.index());
    const auto* entry = find_entry(*index, found.real);
    return entry != nullptr && (entry->mode & 0100u) != 0;
  }

  /// The id of the file's bytes: git's where it vouches for it, the stat cache's, or from hashing them.
  Result<void> identify(Found& found) {
    const auto file = repository_.root() / found.real;
    if (found.stat.size < kLongestPointer) {
      TRY(const auto bytes, files_.read(file));
      if (is_lfs_pointer(bytes)) return lfs_pointer(found.path);
    }
    TRY(const auto index, repository_.index());
    const auto* entry = find_entry(*index, found.real);
    if (entry != nullptr && vouches(*entry, found.stat, index_stat_)) {
      TRY(const bool converted, repository_.attributes_convert(found.real));
      if (!converted) {
        found.git_blob = entry->id;
        return {};
      }
    }
    if (const auto known = cache_.stats().get(file, found.stat); known && fits_format(known->git_blob)) {
      found.git_blob = known->git_blob;
      return {};
    }
    return hash(file, found);
  }

  bool fits_format(const std::string& id) const {
    return id.size() == (repository_.object_format() == sys::ObjectFormat::sha1 ? 40 : 64);
  }

  /// Again when the file changes meanwhile.
  Result<void> hash(const sys::Path& file, Found& found) {
    for (int attempt = 0; attempt < 5; ++attempt) {
      sys::GitObjectHash hash(repository_.object_format(), "blob", {found.stat.size});
      TRY_VOID(files_.read_chunks(file, [&](std::string_view bytes) {
        hash.update(bytes);
        return true;
      }));
      const auto after_ns = now_ns();
      TRY(const auto after, files_.stat(file));
      if (after == found.stat) {
        found.git_blob = hash.finish();
        cache_.stats().put(file, {found.stat, found.seen_at_ns, found.git_blob, {}});
        return {};
      }
      found.stat = after;
      found.seen_at_ns = after_ns;
    }
    return environment_error("`" + found.path + "` changes all the time while it is read", "wait until it is written");
  }

  std::vector<std::string> names() {
    std::vector<std::string> out;
    const auto index = repository_.index();
    if (!index) return out;
    for (const auto& entry : **index) out.push_back(entry.path);
    return out;
  }

  sys::GitRepository& repository_;
  sys::FileSystem& files_;
  store::Cache& cache_;
  std::mutex mutex_;
  std::unique_ptr<SeenFile> seen_;
  sys::FileStat index_stat_;
  std::set<std::string> plain_folders_;
};

}  // namespace

std::unique_ptr<AssetSource> work_tree(sys::GitRepository& repository, sys::FileSystem& files, store::Cache& cache) {
  return std::make_unique<WorkTree>(repository, files, cache);
}

}  // namespace llmops::asset
