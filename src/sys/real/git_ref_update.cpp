#include "sys/real/git_ref_update.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "sys/real/file_io.h"
#include "sys/real/git_refs.h"

namespace llmops::sys {
namespace {

constexpr std::time_t kStaleAfterSeconds = 10;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool inside(const Path& path, const Path& folder) {
  return path == folder || path.native().starts_with(folder.native() + "/");
}

Path link_target(const Path& link) {
  std::error_code failed;
  auto target = std::filesystem::read_symlink(link, failed);
  return failed ? Path() : target;
}

bool is_git(const Path& process) {
  const auto name = read_if_present(process / "comm");
  return name && *name && (**name).starts_with("git");
}

/// Whether a process has the file open, or is a git whose folder is in this repository.
bool owns(const Path& process, const Path& lock, const GitLayout& layout) {
  const Path folder = link_target(process / "cwd");
  if (is_git(process) && (inside(folder, layout.root) || inside(folder, layout.common_dir))) return true;
  std::error_code failed;
  for (auto at = std::filesystem::directory_iterator(process / "fd", failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    if (link_target(at->path()) == lock) return true;
  }
  return false;
}

bool has_owner(const Path& lock, const GitLayout& layout) {
  std::error_code failed;
  for (auto at = std::filesystem::directory_iterator("/proc", failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    const auto name = at->path().filename().native();
    if (name.find_first_not_of("0123456789") == std::string::npos && owns(at->path(), lock, layout)) return true;
  }
  return failed.operator bool();
}

/// Git takes all locks first, but then moves one ref after the other, and may fail in between.
Result<std::vector<RefMove>> moved_already(const GitLayout& layout, const std::vector<RefMove>& moves) {
  std::vector<RefMove> out;
  for (const auto& move : moves) {
    TRY(const auto now, read_ref(layout, move.ref));
    if (now.id == move.to) out.push_back(move);
  }
  return out;
}

Result<void> put_back(const GitCommand& git, const std::vector<RefMove>& moved) {
  GitCall call{.args = {"update-ref", "-m", "llmops: put back", "--stdin"}};
  for (const auto& move : moved) {
    call.input += move.from ? "update " + move.ref + " " + *move.from + " " + move.to + "\n"
                            : "delete " + move.ref + " " + move.to + "\n";
  }
  TRY_VOID(git.output(call));
  return {};
}

/// All or none, also where git failed with `error`.
Result<MoveEnd> settle(const GitCommand& git, const GitLayout& layout, const std::vector<RefMove>& moves, Error error) {
  const auto moved = moved_already(layout, moves);
  if (!moved || moved->empty()) return error;
  if (moved->size() == moves.size()) return MoveEnd::moved;
  if (put_back(git, *moved)) return error;
  for (const auto& move : *moved) {
    error.hint += "; `" + move.ref + "` was moved already and could not be put back";
  }
  return error;
}

}  // namespace

Result<MoveEnd> move_refs(const GitCommand& git, const GitLayout& layout, const std::vector<RefMove>& moves,
                          const std::string& reason) {
  const std::string zeros(layout.format == ObjectFormat::sha1 ? 40 : 64, '0');
  GitCall call{.args = {"update-ref", "-m", reason, "--stdin"}};
  call.input = "start\n";
  for (const auto& move : moves) {
    call.input += "update " + move.ref + " " + move.to + " " + move.from.value_or(zeros) + "\n";
  }
  call.input += "prepare\ncommit\n";
  TRY(const auto output, git.run(call));
  if (output.status == 0) return MoveEnd::moved;
  if (contains(output.err, ".lock': File exists")) return MoveEnd::locked;
  if (contains(output.err, "but expected") || contains(output.err, "reference already exists") ||
      contains(output.err, "unable to resolve reference")) {
    return MoveEnd::changed;
  }
  return settle(git, layout, moves, git_failed(call, output));
}

std::vector<std::string> remove_stale_locks(const GitLayout& layout, const std::vector<RefMove>& moves) {
  std::vector<std::string> removed;
  for (const auto& move : moves) {
    const Path lock = loose_ref_file(layout, move.ref).native() + ".lock";
    struct ::stat raw {};
    if (::lstat(lock.c_str(), &raw) != 0 || std::time(nullptr) - raw.st_mtime < kStaleAfterSeconds) continue;
    if (!has_owner(lock, layout) && ::unlink(lock.c_str()) == 0) removed.push_back(lock.native());
  }
  return removed;
}

}  // namespace llmops::sys
