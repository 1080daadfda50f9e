#include "sys/real/git_snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/text.h"
#include "sys/real/git_ref_update.h"
#include "sys/real/git_refs.h"
#include "sys/real/os_error.h"

namespace llmops::sys {
namespace {

/// A copy of the index with its times: git takes an entry for racy when it is not older than its index file.
class ScratchIndex {
 public:
  static Result<ScratchIndex> copy_of(const CommitTools& tools) {
    const Path real = tools.layout.git_dir / "index";
    const Path scratch =
        tools.layout.git_dir / "llmops" / ("snapshot-index-" + text::to_hex(random_bytes(tools.clock)));
    ScratchIndex out(scratch);
    TRY_VOID(tools.files.make_folders(scratch.parent_path()));
    struct ::stat raw {};
    if (::stat(real.c_str(), &raw) != 0) {
      if (errno == ENOENT) return out;
      return os_error("look at", real.native(), errno);
    }
    TRY_VOID(tools.files.copy(real, scratch));
    const std::array<timespec, 2> times = {raw.st_atim, raw.st_mtim};
    if (::utimensat(AT_FDCWD, scratch.c_str(), times.data(), 0) != 0) {
      return os_error("set the time of", scratch.native(), errno);
    }
    return out;
  }
  ScratchIndex(ScratchIndex&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchIndex& operator=(ScratchIndex&&) = delete;
  ~ScratchIndex() {
    if (path_.empty()) return;
    ::unlink(path_.c_str());
    ::unlink((path_.native() + ".lock").c_str());
  }
  std::map<std::string, std::string> env() const { return {{"GIT_INDEX_FILE", path_.native()}}; }

 private:
  explicit ScratchIndex(Path path) : path_(std::move(path)) {}
  static std::string random_bytes(Clock& clock) {
    const auto number = clock.random();
    return {reinterpret_cast<const char*>(&number), sizeof number};
  }
  Path path_;
};

/// The paths in which the index that `env` names differs from HEAD.
Result<std::vector<std::string>> changed_in(const CommitTools& tools, const std::optional<ObjectId>& head,
                                            const std::map<std::string, std::string>& env) {
  std::vector<std::string> args = {"ls-files", "-z"};
  if (head) args = {"diff-index", "--cached", "--name-only", "--no-renames", "-z", *head};
  TRY(const auto text, tools.git.output({.args = std::move(args), .env = env}));
  return paths_of(text);
}

}  // namespace

std::vector<std::string> paths_of(std::string_view text) {
  std::vector<std::string> out;
  for (auto& path : text::split(text, '\0')) {
    if (!path.empty() && path != ".llmops" && !path.starts_with(".llmops/")) out.push_back(std::move(path));
  }
  return out;
}

Result<DirtyTree> snapshot_work_tree(const CommitTools& tools, const std::vector<std::string>& hidden) {
  TRY(const auto scratch, ScratchIndex::copy_of(tools));
  if (!hidden.empty()) {
    std::string paths;
    for (const auto& path : hidden) paths += path + '\0';
    for (const auto* flag : {"--no-assume-unchanged", "--no-skip-worktree"}) {
      TRY_VOID(
          tools.git.output({.args = {"update-index", flag, "-z", "--stdin"}, .input = paths, .env = scratch.env()}));
    }
  }
  // `.llmops/` ignores itself; an exclude pattern for an ignored folder would make git refuse.
  TRY_VOID(tools.git.output(
      {.args = {"-c", "core.splitIndex=false", "-c", "advice.addEmbeddedRepo=false", "add", "-A", "--", ":(top)"},
       .env = scratch.env()}));
  TRY(const auto ignores_itself, tools.files.stat(tools.layout.root / ".llmops" / ".gitignore"));
  if (ignores_itself.kind == FileKind::none) {
    TRY_VOID(tools.git.output({.args = {"rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--", ":(top).llmops"},
                               .env = scratch.env()}));
  }
  TRY(const auto written, tools.git.output({.args = {"write-tree"}, .env = scratch.env()}));
  TRY(const auto head, read_ref(tools.layout, "HEAD"));
  DirtyTree out;
  out.tree = text::trim(written);
  TRY(out.changed, changed_in(tools, head.id, scratch.env()));
  CommitDraft draft{out.tree, {}, "The work tree, uncommitted changes included"};
  if (head.id) draft.parents.push_back(*head.id);
  TRY(out.commit, write_commit(tools, draft));
  return out;
}

Result<void> keep(const CommitTools& tools, const std::string& ref, const ObjectId& commit) {
  for (int race = 0; race < 5; ++race) {
    TRY(const auto now, read_ref(tools.layout, ref));
    TRY(const auto end, move_refs(tools.git, tools.layout, {{ref, now.id, commit}}, "llmops: work tree"));
    if (end == MoveEnd::moved) return {};
    if (end == MoveEnd::locked) remove_stale_locks(tools.layout, {{ref, now.id, commit}});
  }
  return environment_error("`" + ref + "` can't be updated: another process changes or locks it", "run it again");
}

}  // namespace llmops::sys
