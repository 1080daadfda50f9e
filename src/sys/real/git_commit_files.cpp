#include "sys/real/git_commit_files.h"

#include <algorithm>

#include "base/text.h"
#include "sys/real/git_batch.h"
#include "sys/real/git_identity.h"
#include "sys/real/git_objects.h"
#include "sys/real/git_ref_update.h"
#include "sys/real/git_refs.h"
#include "sys/real/git_tree_edit.h"

namespace llmops::sys {
namespace {

using RefUpdate = GitRepository::RefUpdate;

constexpr int kRaces = 5;
constexpr Duration kLockPause{100};
constexpr int kLockPauses = 120;

bool is_notes(std::string_view ref) { return ref.starts_with("refs/notes/"); }

Result<void> check(const RefUpdate& update, ObjectFormat format) {
  const bool printable =
      std::none_of(update.ref.begin(), update.ref.end(), [](char c) { return c <= ' ' || c == 127; });
  if (!update.ref.starts_with("refs/") || !printable || !valid_tree_path(update.ref)) {
    return usage_error("`" + text::printable(update.ref) + "` is no ref, which should begin with `refs/`");
  }
  for (const auto& file : update.files) {
    const bool fits = is_notes(update.ref) ? is_object_id(file.path, format) : valid_tree_path(file.path);
    if (!fits) return usage_error("`" + text::printable(file.path) + "` can't be a path in `" + update.ref + "`");
  }
  return {};
}

/// Where git may have put a commit's note, by the fan-out it had; ours is the first.
std::vector<std::string> note_places(const std::string& id) {
  return {id.substr(0, 2) + "/" + id.substr(2), id, id.substr(0, 2) + "/" + id.substr(2, 2) + "/" + id.substr(4)};
}

/// What one update reads and changes of the tree that its ref holds.
struct Draft {
  std::optional<ObjectId> parent;
  TreeEdit edit;
  std::map<std::string, std::string> notes;  ///< A place of a note → what stands there.
  std::map<std::string, std::string> made;   ///< A place of a note → what is to stand there.
};

std::set<std::string> wanted_folders(const RefUpdate& update) {
  std::set<std::string> out;
  for (const auto& file : update.files) {
    const auto places = is_notes(update.ref) ? note_places(file.path) : std::vector{file.path};
    for (const auto& place : places) out.merge(folders_above(place));
  }
  return out;
}

/// One process reads all that is needed of all refs.
Result<void> read_present(const GitCommand& git, const std::vector<RefUpdate>& updates, std::vector<Draft>& drafts) {
  std::vector<std::string> requests;
  std::vector<std::pair<std::size_t, std::string>> meaning;
  for (std::size_t at = 0; at < updates.size(); ++at) {
    if (!drafts[at].parent) continue;
    auto paths = wanted_folders(updates[at]);
    for (const auto& file : updates[at].files) {
      if (is_notes(updates[at].ref)) {
        for (auto& place : note_places(file.path)) paths.insert(std::move(place));
      }
    }
    for (const auto& path : paths) {
      requests.push_back(*drafts[at].parent + ":" + path);
      meaning.emplace_back(at, path);
    }
  }
  return read_objects(git, requests, [&](std::size_t number, const BatchObject& object) {
    const auto& [at, path] = meaning[number];
    if (object.type == "tree") drafts[at].edit.folders[path] = object.bytes;
    if (object.type == "blob" && is_notes(updates[at].ref)) drafts[at].notes[path] = object.bytes;
  });
}

void put_files(const RefUpdate& update, Draft& draft) {
  for (const auto& file : update.files) {
    if (!is_notes(update.ref)) {
      draft.edit.put[file.path] = file.bytes;
      continue;
    }
    const auto places = note_places(file.path);
    auto& note = draft.made[places[0]];
    for (const auto& place : places) {
      note += std::exchange(draft.notes[place], {});
      if (place != places[0]) draft.edit.removed.insert(place);
    }
    if (!note.empty() && !note.ends_with('\n')) note += '\n';
    note += file.bytes;
    if (!note.ends_with('\n')) note += '\n';
  }
  for (const auto& [place, note] : draft.made) draft.edit.put[place] = note;
}

/// Builds the commits on what the refs hold now.
Result<std::vector<RefMove>> draft_moves(const CommitTools& tools, const std::vector<RefUpdate>& updates) {
  std::vector<Draft> drafts(updates.size());
  for (std::size_t at = 0; at < updates.size(); ++at) {
    TRY(auto read, read_ref(tools.layout, updates[at].ref));
    if (read.ask_git) {
      TRY(const auto output, tools.git.run({.args = {"rev-parse", "--verify", "--quiet", updates[at].ref}}));
      if (output.status == 0) read.id = text::trim(output.out);
    }
    drafts[at].parent = read.id;
  }
  TRY_VOID(read_present(tools.git, updates, drafts));
  std::vector<RefMove> moves;
  for (std::size_t at = 0; at < updates.size(); ++at) {
    auto& draft = drafts[at];
    put_files(updates[at], draft);
    TRY(auto tree, write_edited_tree(tools.layout, draft.edit));
    CommitDraft commit{std::move(tree), {}, updates[at].message};
    if (draft.parent) commit.parents.push_back(*draft.parent);
    TRY(auto id, write_commit(tools, commit));
    moves.push_back({updates[at].ref, draft.parent, std::move(id)});
  }
  return moves;
}

/// Waits until nobody holds the refs' lock files, or removes those that a killed git left.
Result<MoveEnd> move_when_unlocked(const CommitTools& tools, const std::vector<RefMove>& moves, std::string& said) {
  for (int pause = 0;; ++pause) {
    TRY(const auto end, move_refs(tools.git, tools.layout, moves, "llmops: record"));
    if (end != MoveEnd::locked) return end;
    const auto removed = remove_stale_locks(tools.layout, moves);
    for (const auto& lock : removed) {
      said += (said.empty() ? "" : "\n") + ("removed `" + lock + "`, which a killed git left behind");
    }
    if (pause == kLockPauses) {
      return environment_error("`" + moves.front().ref + "` can't be updated: another git process holds a lock on it",
                               "wait for it to end; if none runs, remove `" +
                                   loose_ref_file(tools.layout, moves.front().ref).native() + ".lock`");
    }
    if (removed.empty()) tools.clock.sleep(kLockPause, {});
  }
}

}  // namespace

Result<ObjectId> write_commit(const CommitTools& tools, const CommitDraft& draft) {
  TRY(const auto identity, read_identity(tools.layout, tools.env, tools.git));
  const auto now = std::chrono::floor<std::chrono::seconds>(tools.clock.now().time_since_epoch()).count();
  const std::string when = " " + std::to_string(now) + " +0000\n";
  std::string text = "tree " + draft.tree + "\n";
  for (const auto& parent : draft.parents) text += "parent " + parent + "\n";
  text += "author " + identity.author + when + "committer " + identity.committer + when + "\n" + draft.message;
  if (!text.ends_with('\n')) text += '\n';
  return write_object(tools.layout, "commit", text);
}

Result<GitRepository::Committed> commit_files(const CommitTools& tools, const std::vector<RefUpdate>& updates) {
  GitRepository::Committed out;
  if (updates.empty()) return out;
  for (const auto& update : updates) {
    TRY_VOID(check(update, tools.layout.format));
  }
  TRY(const auto lock, tools.files.lock(tools.layout.common_dir / "llmops" / "refs.lock", FileSystem::Wait::yes));
  for (int race = 0; race < kRaces; ++race) {
    TRY(auto moves, draft_moves(tools, updates));
    TRY(const auto end, move_when_unlocked(tools, moves, out.said));
    if (end != MoveEnd::moved) continue;
    for (auto& move : moves) out.commits.push_back(std::move(move.to));
    return out;
  }
  return environment_error("`" + updates.front().ref + "` was changed by others " + std::to_string(kRaces) +
                               " times while it was being updated",
                           "run it again");
}

}  // namespace llmops::sys
