#include "sys/real/git_repository.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "sys/real/file_io.h"
#include "sys/real/git_batch.h"
#include "sys/real/git_config.h"
#include "sys/real/git_history.h"
#include "sys/real/git_index.h"
#include "sys/real/git_refs.h"
#include "sys/real/git_snapshot.h"

namespace llmops::sys {
namespace {

constexpr std::string_view kBranches = "refs/heads/";

Error unknown_revision(std::string_view revision) {
  return usage_error(
      "`" + text::printable(revision) + "` names no commit of this repository",
      "`git log --oneline --all` lists what there is; a shallow clone lacks older commits (`git fetch --unshallow`)");
}

/// Git takes what begins with `-` for an option, and a newline ends a line of its batches.
bool may_be_revision(std::string_view text) {
  return !text.empty() && !text.starts_with('-') &&
         std::none_of(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\0'; });
}

Result<TreeEntry> parse_tree_line(std::string_view line) {
  const auto tab = line.find('\t');
  const auto head = text::split(line.substr(0, tab), ' ');
  if (tab == std::string_view::npos || head.size() != 3) {
    return environment_error("`git ls-tree` printed something unexpected");
  }
  std::uint32_t mode = 0;
  for (const char c : head[0]) mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  return TreeEntry{std::string(line.substr(tab + 1)), head[2], mode};
}

}  // namespace

RealGitRepository::RealGitRepository(GitLayout layout, FileSystem& files, Clock& clock, const Env& env)
    : layout_(std::move(layout)),
      files_(files),
      clock_(clock),
      env_(env),
      git_(env, layout_.root),
      attributes_(layout_, env) {}

Result<GitHead> RealGitRepository::head() {
  TRY(const auto read, read_ref(layout_, "HEAD"));
  if (read.ask_git) return ask_for_head();
  GitHead out;
  out.commit = read.id.value_or("");
  if (read.target.starts_with(kBranches)) out.branch = read.target.substr(kBranches.size());
  return out;
}

Result<GitHead> RealGitRepository::ask_for_head() {
  GitHead out;
  TRY(const auto branch, git_.run({.args = {"symbolic-ref", "--short", "--quiet", "HEAD"}}));
  if (branch.status == 0) out.branch = text::trim(branch.out);
  TRY(const auto commit, git_.run({.args = {"rev-parse", "--verify", "--quiet", "HEAD"}}));
  if (commit.status == 0) out.commit = text::trim(commit.out);
  return out;
}

namespace {

/// The same for everybody who clones from there: no name, no password, no ending that says nothing.
std::string without_user(std::string url) {
  const auto scheme = url.find("://");
  if (scheme != std::string::npos) {
    const auto from = scheme + 3;
    const auto at = url.substr(from, url.find('/', from) - from).rfind('@');
    if (at != std::string::npos) url.erase(from, at + 1);
  }
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(".git")) url.resize(url.size() - 4);
  return url;
}

}  // namespace

Result<std::optional<ObjectId>> RealGitRepository::root_commit() {
  const Path cached = layout_.common_dir / "llmops" / "root-commit";
  TRY(const auto known, read_if_present(cached));
  if (known && is_object_id(text::trim(*known), layout_.format)) return std::optional<ObjectId>(text::trim(*known));
  TRY(const auto now, head());
  if (now.commit.empty()) return std::optional<ObjectId>{};
  TRY(const auto text, git_.output({.args = {"rev-list", "--first-parent", "--max-parents=0", now.commit}}));
  auto roots = text::split(text::trim(text), '\n');
  auto root = *std::min_element(roots.begin(), roots.end());
  TRY(const bool cut_off, shallow());
  if (cut_off) {
    TRY(const auto settings, read_git_settings(layout_, env_));
    if (const auto origin = config_value(settings.entries, "remote.origin.url")) {
      return std::optional<ObjectId>(git_blob_id("origin " + without_user(*origin), layout_.format));
    }
  }
  // A repository that can't be written is asked each time.
  if (!cut_off) static_cast<void>(files_.write_atomically(cached, root + "\n").has_value());
  return std::optional<ObjectId>(std::move(root));
}

Result<bool> RealGitRepository::shallow() {
  TRY(const auto text, read_if_present(layout_.common_dir / "shallow"));
  return text && !text->empty();
}

Result<FileStat> RealGitRepository::index_stat() { return files_.stat(layout_.git_dir / "index"); }

Result<std::shared_ptr<const Index>> RealGitRepository::index() {
  const std::lock_guard lock(index_mutex_);
  TRY(const auto now, index_stat());
  if (index_ && now == index_stat_) return index_;
  TRY(auto fresh, read_index());
  index_ = std::move(fresh);
  index_stat_ = now;
  return index_;
}

Result<std::shared_ptr<const Index>> RealGitRepository::read_index() {
  TRY(const auto bytes, read_if_present(layout_.git_dir / "index"));
  if (!bytes) return std::make_shared<const Index>();
  if (auto parsed = parse_index(*bytes, layout_.format)) return std::make_shared<const Index>(std::move(*parsed));
  TRY(const auto text, git_.output({.args = {"ls-files", "--stage", "--debug", "-z"}}));
  auto parsed = parse_ls_files_debug(text);
  if (!parsed) return environment_error("`git ls-files --debug` printed something unexpected");
  return std::make_shared<const Index>(std::move(*parsed));
}

Result<bool> RealGitRepository::attributes_convert(const std::string& path) {
  TRY(const auto entries, index());
  return attributes_.convert(path, *entries);
}

Result<ObjectId> RealGitRepository::resolve(std::string_view revision) {
  if (!may_be_revision(revision)) return unknown_revision(revision);
  if (revision == "HEAD") {
    TRY(auto now, head());
    if (!now.commit.empty()) return std::move(now.commit);
  }
  TRY(const auto output, git_.run({.args = {"rev-parse", "--verify", "--quiet", std::string(revision) + "^{}"}}));
  if (output.status != 0) return unknown_revision(revision);
  return ObjectId(text::trim(output.out));
}

Result<CommitInfo> RealGitRepository::commit(const ObjectId& id) {
  TRY(auto found, history(id, 1));
  if (found.empty()) return unknown_revision(id);
  return std::move(found.front());
}

Result<std::vector<CommitInfo>> RealGitRepository::history(std::string_view revision, std::size_t limit) {
  if (!may_be_revision(revision)) return unknown_revision(revision);
  GitCall call{.args = log_args(limit)};
  call.args.insert(call.args.end(), {std::string(revision), "--"});
  TRY(const auto output, git_.run(call));
  if (output.status != 0) {
    const bool unknown =
        output.err.find("bad revision") != std::string::npos || output.err.find("bad object") != std::string::npos;
    return unknown ? unknown_revision(revision) : git_failed(call, output);
  }
  return parse_log(output.out);
}

Result<std::vector<TreeEntry>> RealGitRepository::tree(std::string_view treeish, std::string_view prefix) {
  if (!may_be_revision(treeish)) return unknown_revision(treeish);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  GitCall call{.args = {"ls-tree", "-r", "-z", "--full-tree", std::string(treeish)}};
  if (!prefix.empty()) call.args.insert(call.args.end(), {"--", std::string(prefix) + "/"});
  TRY(const auto output, git_.run(call));
  if (output.status != 0) {
    const bool unknown = output.err.find("Not a valid object name") != std::string::npos;
    return unknown ? unknown_revision(treeish) : git_failed(call, output);
  }
  std::vector<TreeEntry> out;
  for (const auto& line : text::split(output.out, '\0')) {
    if (line.empty()) continue;
    TRY(auto entry, parse_tree_line(line));
    out.push_back(std::move(entry));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

Result<std::string> RealGitRepository::blob(const ObjectId& id) {
  std::string out;
  TRY_VOID(blobs({id}, [&out](std::size_t, std::string_view bytes) { out = bytes; }));
  return out;
}

Result<std::string> RealGitRepository::diff(const ObjectId& before, const ObjectId& after) {
  TRY(const auto whole,
      git_.output({{"diff", "--no-color", "--no-ext-diff", "--no-textconv", before, after}, {}, {}, {}}));
  const auto start = whole.find("\n@@");
  if (start == std::string::npos) return std::string();
  return whole.substr(start + 1);
}

Result<void> RealGitRepository::blobs(const std::vector<ObjectId>& ids,
                                      const std::function<void(std::size_t, std::string_view)>& each) {
  for (const auto& id : ids) {
    if (!is_object_id(id, layout_.format)) return usage_error("`" + text::printable(id) + "` is no object's full id");
  }
  std::string missing;
  TRY_VOID(read_objects(git_, ids, [&](std::size_t at, const BatchObject& object) {
    if (object.type == "blob") {
      each(at, object.bytes);
    } else if (missing.empty()) {
      missing = ids[at];
    }
  }));
  if (missing.empty()) return {};
  return environment_error("the repository has no blob `" + missing + "`",
                           "`git fetch` may bring it; `git fsck` tells more");
}

Result<std::vector<std::string>> RealGitRepository::changed_paths() {
  TRY(const auto text,
      git_.output({.args = {"status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"}}));
  std::string paths;  // Each record is two letters, a blank and the path.
  for (const auto& record : text::split(text, '\0')) {
    if (record.size() > 3) paths += record.substr(3) + '\0';
  }
  auto out = paths_of(paths);
  TRY(auto hidden, hidden_changes());
  out.insert(out.end(), std::make_move_iterator(hidden.begin()), std::make_move_iterator(hidden.end()));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Edits of files that git was told not to look at. What a sparse checkout left out is no edit.
Result<std::vector<std::string>> RealGitRepository::hidden_changes() {
  TRY(const auto index, this->index());
  std::vector<std::string> out;
  std::vector<const IndexEntry*> looked_at;
  std::string paths;
  for (const auto& entry : *index) {
    if (!entry.assume_valid && !entry.skip_worktree) continue;
    TRY(const auto stat, files_.stat(layout_.root / entry.path));
    if (stat.kind == FileKind::none && entry.skip_worktree) continue;
    if (stat.kind != FileKind::regular || entry.path.find('\n') != std::string::npos) {
      out.push_back(entry.path);  // `hash-object` parts its paths by newlines: such a one counts as changed.
      continue;
    }
    looked_at.push_back(&entry);
    paths += entry.path + '\n';
  }
  if (looked_at.empty()) return out;
  TRY(const auto text, git_.output({.args = {"hash-object", "--stdin-paths"}, .input = paths}));
  const auto ids = text::split(text::trim(text), '\n');
  for (std::size_t i = 0; i < looked_at.size(); ++i) {
    if (i >= ids.size() || ids[i] != looked_at[i]->id) out.push_back(looked_at[i]->path);
  }
  return out;
}

Result<DirtyTree> RealGitRepository::snapshot_work_tree() {
  TRY(const auto hidden, hidden_changes());
  return sys::snapshot_work_tree(tools(), hidden);
}

Result<void> RealGitRepository::keep(std::string_view ref, const ObjectId& commit) {
  return sys::keep(tools(), std::string(ref), commit);
}

Result<std::optional<ObjectId>> RealGitRepository::ref(std::string_view name) {
  TRY(auto read, read_ref(layout_, std::string(name)));
  if (!read.ask_git) return std::move(read.id);
  TRY(const auto output, git_.run({.args = {"rev-parse", "--verify", "--quiet", std::string(name)}}));
  if (output.status != 0) return std::optional<ObjectId>{};
  return std::optional<ObjectId>(text::trim(output.out));
}

Result<GitRepository::Committed> RealGitRepository::commit_files(const std::vector<RefUpdate>& updates) {
  return sys::commit_files(tools(), updates);
}

}  // namespace llmops::sys
