#include "sys/real/git_layout.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sys/real/file_io.h"
#include "sys/real/git_config.h"

namespace llmops::sys {
namespace {

constexpr std::string_view kUnderstood[] = {
    "extensions.noop",         "extensions.preciousobjects", "extensions.partialclone",     "extensions.worktreeconfig",
    "extensions.objectformat", "extensions.refstorage",      "extensions.relativeworktrees"};

std::optional<struct ::stat> look_at(const Path& path) {
  struct ::stat raw {};
  if (::stat(path.c_str(), &raw) != 0) return std::nullopt;
  return raw;
}

bool is_folder(const Path& path) {
  const auto raw = look_at(path);
  return raw && S_ISDIR(raw->st_mode);
}

bool looks_like_git_dir(const Path& path) {
  return look_at(path / "HEAD") &&
         (look_at(path / "commondir") || (is_folder(path / "objects") && is_folder(path / "refs")));
}

std::string first_line(std::string_view text) { return std::string(text::trim(text.substr(0, text.find('\n')))); }

Error not_a_repository(const Path& folder) {
  return environment_error("`" + folder.native() + "` is not in a git repository",
                           "run `git init` in your project's top folder, or go to a folder of a repository");
}

Error bare(const Path& folder) {
  return environment_error("`" + folder.native() + "` is a bare git repository, and recipes need a work tree",
                           "clone it, or add a work tree with `git worktree add <folder>`");
}

/// The git folder that a `.git` file names.
Result<Path> follow_git_file(const Path& file) {
  TRY(const auto text, read_if_present(file));
  const std::string line = first_line(text.value_or(""));
  if (!line.starts_with("gitdir: ")) {
    return environment_error("`" + file.native() + "` should begin with `gitdir: `, and it does not",
                             "clone the repository again, or repair the file");
  }
  const Path git_dir = (file.parent_path() / line.substr(8)).lexically_normal();
  if (!looks_like_git_dir(git_dir)) {
    return environment_error("`" + file.native() + "` points to `" + git_dir.native() + "`, which is no git folder",
                             "run `git worktree repair` where the main work tree is");
  }
  return git_dir;
}

struct Found {
  Path root, git_dir;
};

bool is_ceiling(const Path& folder, const Env& env) {
  const auto ceilings = text::split(env.get("GIT_CEILING_DIRECTORIES").value_or(""), ':');
  return std::any_of(ceilings.begin(), ceilings.end(), [&](const auto& ceiling) {
    return !ceiling.empty() && Path(ceiling).lexically_normal() == folder;
  });
}

Result<Found> walk_up(const Path& start, const Env& env) {
  const auto here = look_at(start);
  if (!here) return environment_error("there is no folder `" + start.native() + "`");
  for (Path folder = start;; folder = folder.parent_path()) {
    const Path dot_git = folder / ".git";
    const auto raw = look_at(dot_git);
    if (raw && S_ISDIR(raw->st_mode) && looks_like_git_dir(dot_git)) return Found{folder, dot_git};
    if (raw && S_ISREG(raw->st_mode)) {
      TRY(auto git_dir, follow_git_file(dot_git));
      return Found{folder, std::move(git_dir)};
    }
    if (looks_like_git_dir(folder)) return bare(folder);
    const Path parent = folder.parent_path();
    const auto above = look_at(parent);
    const bool other_disk = above && above->st_dev != here->st_dev && !env.get("GIT_DISCOVERY_ACROSS_FILESYSTEM");
    if (parent == folder || !above || other_disk || is_ceiling(parent, env)) return not_a_repository(start);
  }
}

/// Git's rule of who may be trusted; where it is not plainly us, git decides.
bool owned_by_us(const Found& found) {
  const auto us = ::geteuid();
  const std::array<Path, 3> parts = {found.root, found.root / ".git", found.git_dir};
  return std::all_of(parts.begin(), parts.end(), [&](const Path& part) {
    struct ::stat raw {};
    return ::lstat(part.c_str(), &raw) == 0 && raw.st_uid == us;
  });
}

Result<void> read_format(GitLayout& layout) {
  TRY(const auto text, read_if_present(layout.common_dir / "config"));
  auto entries = parse_git_config(text.value_or(""));
  const auto version = text::to_int(config_value(entries, "core.repositoryformatversion").value_or("0")).value_or(0);
  layout.worktree_config = config_true(entries, "extensions.worktreeconfig");
  if (config_value(entries, "extensions.objectformat") == "sha256") layout.format = ObjectFormat::sha256;
  layout.files_refs = config_value(entries, "extensions.refstorage").value_or("files") == "files";
  const bool unknown = std::any_of(entries.begin(), entries.end(), [](const ConfigEntry& entry) {
    return entry.key.starts_with("extensions.") &&
           std::find(std::begin(kUnderstood), std::end(kUnderstood), entry.key) == std::end(kUnderstood);
  });
  layout.ask_git = layout.ask_git || version > 1 || (version == 1 && unknown);

  const auto note_modes = [&] {
    if (config_value(entries, "core.filemode")) layout.modes_count = config_true(entries, "core.filemode");
  };
  note_modes();
  if (layout.common_dir != layout.git_dir)
    entries.clear();  // `core.bare` and `core.worktree` are the main work tree's.
  if (layout.worktree_config) {
    TRY(const auto own, read_if_present(layout.git_dir / "config.worktree"));
    for (auto& entry : parse_git_config(own.value_or(""))) entries.push_back(std::move(entry));
    note_modes();
  }
  const auto elsewhere = config_value(entries, "core.worktree");
  if (elsewhere) layout.root = (layout.git_dir / *elsewhere).lexically_normal();
  if (elsewhere && layout.root.filename().empty()) layout.root = layout.root.parent_path();
  if (!elsewhere && config_true(entries, "core.bare")) return bare(layout.root);
  return {};
}

}  // namespace

Result<GitLayout> find_repository(const Path& folder, const Env& env) {
  std::error_code failed;
  const Path start = std::filesystem::canonical(env.current_folder() / folder, failed);
  if (failed) return environment_error("there is no folder `" + folder.native() + "`");
  TRY(auto found, walk_up(start, env));
  GitLayout layout;
  layout.ask_git = !owned_by_us(found);
  layout.root = std::move(found.root);
  layout.git_dir = std::move(found.git_dir);
  layout.common_dir = layout.git_dir;
  TRY(const auto common, read_if_present(layout.git_dir / "commondir"));
  if (common) layout.common_dir = (layout.git_dir / first_line(*common)).lexically_normal();
  if (layout.common_dir.filename().empty()) layout.common_dir = layout.common_dir.parent_path();
  TRY_VOID(read_format(layout));
  return layout;
}

}  // namespace llmops::sys
