#pragma once
/// \file  The identity of what a recipe reads: git-tracked files, from the work tree or from a commit.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/cache.h"
#include "sys/file_system.h"
#include "sys/git.h"

namespace llmops::asset {

/// A file and what its bytes are.
struct Asset {
  std::string path;      ///< From the repository's root.
  std::string git_blob;  ///< The id of its bytes now (not of the index, where the two differ).
  bool tracked = false;
  bool executable = false;
  /// Where a symbolic link points, as written in it. What is told of it then is that of the file it leads to; the id is
  /// empty where it leads to a folder or nowhere. Only `glob` of a work tree fills it in.
  std::string link;
  friend bool operator==(const Asset&, const Asset&) = default;
};

/// Reads a repository's files and tells their identity. Safe to call from many threads.
///
/// Errors of kind `invalid`, each with its hint: nothing at this path (did you mean …), outside the repository, a
/// folder, not tracked by git (`git add`), a Git LFS pointer instead of the file (`git lfs pull`), a `.dvc` pointer.
class AssetSource {
 public:
  virtual ~AssetSource() = default;
  /// Must be tracked. `path` is relative to the root.
  virtual Result<Asset> file(const std::string& path) = 0;
  /// Like `file`, but nothing (instead of an error) where the path is not tracked.
  virtual Result<std::optional<Asset>> tracked(const std::string& path) = 0;
  /// Tracked files that match, sorted; an error when none does. Without `*?[` it is a file, or all below a folder. A
  /// link is there itself and, where it leads to a folder, all that is tracked in that; one that leads to what git does
  /// not track is an error.
  virtual Result<std::vector<Asset>> glob(const std::string& pattern) = 0;
  virtual Result<std::string> read(const std::string& path) = 0;
  /// Whether git tracks something at exactly this path: a file, a link, which is not followed, or a submodule.
  virtual Result<bool> has_entry(const std::string& path) = 0;
  /// Files that match one of these, and that git neither tracks nor ignores; sorted. Where there are none beside what
  /// is tracked, git need not be asked.
  virtual Result<std::vector<std::string>> untracked(const std::vector<std::string>& patterns) = 0;
  /// Where a file that is written at this path comes to lie, links among its folders followed: a path from the root. An
  /// error where they lead out of it.
  virtual Result<std::string> place(const std::string& path) = 0;
  /// Paths of all tracked files that match, for completion and for finding recipes.
  virtual Result<std::vector<std::string>> list(const std::string& pattern) = 0;
};

/// The work tree as it is. A blob id is taken from git's index only where the entry can be trusted: all stat fields
/// equal, mtime and ctime older than the index file by more than 20 ms, neither assume-valid nor skip-worktree nor
/// intent-to-add, and no attribute that converts contents; else the bytes are hashed once into the stat cache.
/// The index is read only when it changed since its needed entries were last seen: a run over unchanged files costs one
/// stat a file, whatever the repository's size.
std::unique_ptr<AssetSource> work_tree(sys::GitRepository& repository, sys::FileSystem& files, store::Cache& cache);

/// A commit's files.
std::unique_ptr<AssetSource> at_commit(sys::GitRepository& repository, sys::ObjectId commit);

}  // namespace llmops::asset
