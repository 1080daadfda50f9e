#pragma once
/// \file  The repository: its state, its objects, its refs.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/file_system.h"
#include "sys/hash.h"

namespace llmops::sys {

using ObjectId = std::string;  ///< Lower-case hexadecimal, 40 or 64 digits.

struct GitHead {
  ObjectId commit;     ///< Empty: no commits yet.
  std::string branch;  ///< Short name; empty when detached.
};

/// One path of git's index.
struct IndexEntry {
  std::string path;  ///< From the repository's root, `/` between parts.
  ObjectId id;
  std::uint32_t mode = 0;
  std::uint64_t size = 0;  ///< As git noted it; low 32 bits of it.
  FileStat stat;           ///< As git noted it; `inode`, `device` are the low 32 bits.
  bool assume_valid = false, skip_worktree = false, intent_to_add = false;
  bool unmerged = false;  ///< In conflict: `id` and `stat` are one of the sides'.
};
using Index = std::vector<IndexEntry>;  ///< Sorted by path, bytewise.

struct TreeEntry {
  std::string path;
  ObjectId id;
  std::uint32_t mode = 0;  ///< 0100644, 0100755, 0120000, 040000, 0160000.
};

struct CommitInfo {
  ObjectId id, tree;
  std::vector<ObjectId> parents;
  std::string author, author_email, message;  ///< The message without newlines at its end.
  std::int64_t time_s = 0;                    ///< Author's, seconds since 1970.
};

/// A file to put into a commit: path → bytes.
struct CommitFile {
  std::string path;
  std::string bytes;
};

/// What a change of the work tree looks like as git objects.
struct DirtyTree {
  ObjectId tree;                     ///< A tree of the work tree as it is, untracked (not ignored) files included.
  ObjectId commit;                   ///< A commit of it, on HEAD.
  std::vector<std::string> changed;  ///< Paths that differ from HEAD.
};

/// One repository. Calls start `git` only where its own files can't be read directly; errors are of kind `environment`
/// (git missing, repository damaged) unless said otherwise. Safe to call from many threads.
class GitRepository {
 public:
  virtual ~GitRepository() = default;

  virtual const Path& root() const = 0;        ///< The work tree's top.
  virtual const Path& git_dir() const = 0;     ///< This work tree's own git folder.
  virtual const Path& common_dir() const = 0;  ///< The folder shared by linked work trees.

  virtual ObjectFormat object_format() const = 0;
  /// Whether the work tree's permissions say which files can be executed (`core.fileMode`); else the index does.
  virtual bool modes_count() const = 0;

  virtual Result<GitHead> head() = 0;
  /// The root commit (first parent chain's end; smallest id of several), cached under `common_dir()/llmops`.
  /// Nothing in a repository without commits. In a shallow clone an id made of the address of `origin` stands in, so
  /// that all such clones agree; without one, the deepest commit there is.
  virtual Result<std::optional<ObjectId>> root_commit() = 0;
  virtual Result<bool> shallow() = 0;
  /// The index's stat, to know whether `index()` would differ.
  virtual Result<FileStat> index_stat() = 0;
  /// Read directly where the index is a plain one of version 2 to 4. Never null; kept until the file changes.
  virtual Result<std::shared_ptr<const Index>> index() = 0;
  /// Whether the bytes of this path in the work tree may differ from those that git stores: by a `filter`, `eol`,
  /// `text`, `ident` or `working-tree-encoding` attribute of any `.gitattributes` on the way to it, or by
  /// `core.autocrlf`. In doubt it is true. Each folder is looked at once.
  virtual Result<bool> attributes_convert(const std::string& path) = 0;
  /// Any commit-ish or tree-ish to a full id, tags followed; kind `usage` when unknown.
  virtual Result<ObjectId> resolve(std::string_view revision) = 0;
  virtual Result<CommitInfo> commit(const ObjectId& id) = 0;
  /// Newest first, following all parents, at most `limit`.
  virtual Result<std::vector<CommitInfo>> history(std::string_view revision, std::size_t limit) = 0;
  /// All blobs, links and submodules below a tree-ish (or those under the folder `prefix`), sorted by path.
  virtual Result<std::vector<TreeEntry>> tree(std::string_view treeish, std::string_view prefix = {}) = 0;
  virtual Result<std::string> blob(const ObjectId& id) = 0;
  /// Many blobs in one go, in order.
  virtual Result<void> blobs(const std::vector<ObjectId>& ids,
                             const std::function<void(std::size_t, std::string_view)>& each) = 0;
  /// What changed from one blob to the other, as git's unified diff without its head: the lines from the first `@@` on;
  /// empty where nothing did. Binary ones differ without lines.
  virtual Result<std::string> diff(const ObjectId& before, const ObjectId& after) = 0;
  /// Paths that differ from HEAD (index and work tree), untracked and not ignored ones included, and those that git was
  /// told not to look at (`assume-unchanged`, `skip-worktree`); `.llmops/` left out.
  virtual Result<std::vector<std::string>> changed_paths() = 0;
  /// Writes the work tree as it is into the object store, without touching the index. git removes the objects some
  /// weeks later, unless they are kept.
  virtual Result<DirtyTree> snapshot_work_tree() = 0;
  /// Makes `ref` name `commit`, whatever it named before.
  virtual Result<void> keep(std::string_view ref, const ObjectId& commit) = 0;
  /// A ref's commit, or nothing.
  virtual Result<std::optional<ObjectId>> ref(std::string_view name) = 0;

  /// A commit for each ref, made on top of what the ref holds now: every file of `files` is added to (or replaced in)
  /// its tree. All refs move together, under a lock in `common_dir()`, with compare-and-swap and retry; a lock left by
  /// a killed process is removed and `said` tells. Under `refs/notes/` a file's path is a commit's id and its bytes are
  /// a line, which is appended to that commit's note.
  struct RefUpdate {
    std::string ref, message;
    std::vector<CommitFile> files;
  };
  struct Committed {
    std::vector<ObjectId> commits;  ///< One for each update, in order.
    std::string said;               ///< A word for the person, usually empty.
  };
  virtual Result<Committed> commit_files(const std::vector<RefUpdate>& updates) = 0;
};

/// Finds repositories.
class Git {
 public:
  virtual ~Git() = default;
  /// The repository that `folder` lies in. Kind `environment`: not a repository (hint: `git init`), bare, unsafe owner.
  virtual Result<std::unique_ptr<GitRepository>> open(const Path& folder) = 0;
};

}  // namespace llmops::sys
