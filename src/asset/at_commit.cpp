#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "asset/asset.h"
#include "asset/asset_error.h"
#include "asset/asset_path.h"
#include "base/text.h"

namespace llmops::asset {
namespace {

constexpr std::uint32_t kTypeBits = 0170000, kRegular = 0100000;

Asset to_asset(const sys::TreeEntry& entry) { return {entry.path, entry.id, true, (entry.mode & 0100u) != 0, {}}; }

/// Symbolic links are not followed in a commit: they are no files there.
class CommitFiles final : public AssetSource {
 public:
  CommitFiles(sys::GitRepository& repository, sys::ObjectId commit)
      : repository_(repository), commit_(std::move(commit)) {}

  Result<Asset> file(const std::string& path) override {
    TRY(auto found, tracked(path));
    if (found) return std::move(*found);
    TRY(const auto clean, clean_path(path));
    TRY(const auto names, list(""));
    const auto below = [&](const std::string& name) { return name.starts_with(clean + "/"); };
    if (std::any_of(names.begin(), names.end(), below)) return is_folder(clean);
    if (std::binary_search(names.begin(), names.end(), clean + ".dvc")) return kept_by_dvc(clean);
    auto error = nothing_there(clean, names);
    error.message += " in commit `" + commit_.substr(0, 12) + "`";
    return error;
  }

  Result<std::optional<Asset>> tracked(const std::string& path) override {
    TRY(const auto clean, clean_path(path));
    TRY(const auto* entries, tree());
    const auto at = std::lower_bound(entries->begin(), entries->end(), clean,
                                     [](const auto& entry, const std::string& wanted) { return entry.path < wanted; });
    if (at == entries->end() || at->path != clean) return std::optional<Asset>{};
    if (clean.ends_with(".dvc")) return dvc_pointer(clean);
    return std::optional(to_asset(*at));
  }

  Result<std::vector<Asset>> glob(const std::string& pattern) override {
    TRY(const auto clean, clean_path(pattern));
    TRY(const auto* entries, tree());
    std::vector<Asset> out;
    for (const auto& entry : *entries) {
      if (matches(clean, entry.path)) out.push_back(to_asset(entry));
    }
    if (!out.empty()) return out;
    if (!has_wildcard(clean)) {
      TRY(auto one, file(clean));
      return std::vector{std::move(one)};
    }
    TRY(const auto names, list(""));
    return nothing_matches(pattern, names);
  }

  Result<std::string> read(const std::string& path) override {
    TRY(const auto found, file(path));
    TRY(auto bytes, repository_.blob(found.git_blob));
    if (is_lfs_pointer(bytes)) return lfs_pointer(found.path);
    return bytes;
  }

  Result<bool> has_entry(const std::string& path) override {
    TRY(const auto clean, clean_path(path));
    TRY_VOID(tree());
    return paths_.contains(clean);
  }

  Result<std::vector<std::string>> untracked(const std::vector<std::string>&) override {
    return std::vector<std::string>();
  }

  Result<std::string> place(const std::string& path) override { return clean_path(path); }

  Result<std::vector<std::string>> list(const std::string& pattern) override {
    TRY(const auto clean, clean_path(pattern));
    TRY(const auto* entries, tree());
    std::vector<std::string> out;
    for (const auto& entry : *entries) {
      if (matches(clean, entry.path)) out.push_back(entry.path);
    }
    return out;
  }

 private:
  static bool matches(const std::string& clean, const std::string& path) {
    if (has_wildcard(clean)) return text::glob_match(clean, path);
    return clean.empty() || path == clean || path.starts_with(clean + "/");
  }

  Result<const std::vector<sys::TreeEntry>*> tree() {
    const std::lock_guard lock(mutex_);
    if (!entries_) {
      TRY(auto entries, repository_.tree(commit_));
      for (const auto& entry : entries) paths_.insert(entry.path);
      std::erase_if(entries, [](const auto& entry) { return (entry.mode & kTypeBits) != kRegular; });
      entries_ = std::make_unique<std::vector<sys::TreeEntry>>(std::move(entries));
    }
    return entries_.get();
  }

  sys::GitRepository& repository_;
  sys::ObjectId commit_;
  std::mutex mutex_;
  std::unique_ptr<std::vector<sys::TreeEntry>> entries_;
  std::unordered_set<std::string> paths_;  ///< Links and submodules included.
};

}  // namespace

std::unique_ptr<AssetSource> at_commit(sys::GitRepository& repository, sys::ObjectId commit) {
  return std::make_unique<CommitFiles>(repository, std::move(commit));
}

}  // namespace llmops::asset
