#include "exec/journal.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "doc/json.h"

namespace llmops::exec {
namespace {

constexpr std::uint64_t kLong = 1u << 20;  ///< Bytes after which finished runs are dropped from the journal.

/// A line that stands behind the torn one of a run that was killed, or that found no space, is still whole.
std::optional<doc::Node> parse_line(std::string_view line) {
  if (auto whole = doc::parse_json_data(line)) return *std::move(whole);
  const auto last = line.rfind(R"({"event":)");  // Within a text of the torn line its quotes would be escaped.
  auto behind = doc::parse_json_data(last == std::string_view::npos ? std::string_view() : line.substr(last));
  return behind && behind->is_map() ? std::optional(*std::move(behind)) : std::nullopt;
}

/// Calls `each` for every whole line that can be read.
template <class Each>
void for_each_line(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return;
    if (const auto line = parse_line(text.substr(0, end))) each(*line);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Result<void> keep_from_git(sys::FileSystem& files, const sys::Path& state_folder) {
  const auto ignore = state_folder / ".gitignore";
  TRY(const auto stat, files.stat(ignore));
  if (stat.kind != sys::FileKind::none) return {};
  return files.write_atomically(ignore, "*\n");
}

Result<std::optional<Unfinished>> Journal::unfinished(const std::string& recipe, const std::string& environment) {
  TRY(const auto stat, files_.stat(folder_ / "journal"));
  if (stat.kind != sys::FileKind::regular) return std::optional<Unfinished>();
  TRY(const auto text, files_.read(folder_ / "journal"));
  std::vector<Unfinished> open;  // Oldest first; whoever finishes has taken up those before it.
  for_each_line(text, [&](const doc::Node& line) {
    const auto event = line.get("event", ""), run = line.get("run", "");
    if (event == "begin" && line.get("recipe", "") == recipe && line.get("environment", "") == environment) {
      open.push_back({run, {}});
      return;
    }
    const auto found =
        std::find_if(open.begin(), open.end(), [&](const Unfinished& other) { return other.run == run; });
    if (found == open.end()) return;
    if (event == "finish") open.erase(open.begin(), found + 1);
    const auto* outcome = line.find("outcome");
    if (event != "step" || !outcome) return;
    if (auto read = step::outcome_from(*outcome)) {
      found->done[line.get("step", "")] = {line.get("key", ""), *std::move(read), run};
    }
  });
  if (open.empty()) return std::optional<Unfinished>();
  TRY(const bool running, alive(open.back().run));
  if (running) return std::optional<Unfinished>();
  auto newest = std::move(open.back());
  for (auto older = open.rbegin() + 1; older != open.rend(); ++older) newest.done.merge(older->done);
  return std::optional(std::move(newest));
}

Result<bool> Journal::alive(const std::string& run) {
  const auto lock_file = folder_ / "runs" / run / "lock";
  TRY(const auto stat, files_.stat(lock_file));
  if (stat.kind == sys::FileKind::none) return false;
  TRY(const auto lock, files_.lock(lock_file, sys::FileSystem::Wait::no));
  return lock == nullptr;
}

Result<void> Journal::begin(const std::string& run, const std::string& recipe, const std::string& environment) {
  run_ = run;
  if (auto made = files_.make_folders(run_folder()); !made) {
    auto error = std::move(made).error();
    if (error.hint.empty()) {
      error.hint = "`" + folder_.string() + "` must be a folder that can be written; it can be removed at any time";
    }
    return error;
  }
  TRY_VOID(keep_from_git(files_, folder_));
  TRY(lock_, files_.lock(run_folder() / "lock", sys::FileSystem::Wait::yes));
  TRY_VOID(start_anew_when_long());
  TRY(const bool torn, ends_torn());
  TRY(file_, files_.append_to(folder_ / "journal"));
  if (torn) TRY_VOID(file_->append("\n"));
  return write(doc::Node::map({{"event", "begin"}, {"run", run}, {"recipe", recipe}, {"environment", environment}}));
}

/// A killed run may have left half a line, which must not swallow the next one.
Result<bool> Journal::ends_torn() {
  TRY(const auto stat, files_.stat(folder_ / "journal"));
  if (stat.kind != sys::FileKind::regular || stat.size == 0) return false;
  TRY(const auto text, files_.read(folder_ / "journal"));
  return !text.ends_with('\n');
}

/// Only where no other run is under way, since its lines would be lost.
Result<void> Journal::start_anew_when_long() {
  TRY(const auto stat, files_.stat(folder_ / "journal"));
  if (stat.kind != sys::FileKind::regular || stat.size < kLong) return {};
  TRY(const auto text, files_.read(folder_ / "journal"));
  std::map<std::string, bool> open;
  for_each_line(text, [&](const doc::Node& line) {
    const auto event = line.get("event", "");
    if (event == "begin") open[line.get("run", "")] = true;
    if (event == "finish") open.erase(line.get("run", ""));
  });
  for (const auto& [run, unused] : open) {
    TRY(const bool running, alive(run));
    if (running) return {};
  }
  std::string kept;  // Unfinished runs can still be taken up.
  for_each_line(text, [&](const doc::Node& line) {
    if (open.contains(line.get("run", ""))) kept += doc::to_json(line) + "\n";
  });
  return files_.write_atomically(folder_ / "journal", kept.size() < kLong ? kept : std::string());
}

Result<std::optional<step::Outcome>> Journal::done(const std::string& step, const std::string& key) {
  TRY(const auto text, files_.read(folder_ / "journal"));
  std::optional<step::Outcome> last;
  for_each_line(text, [&](const doc::Node& line) {
    const auto* outcome = line.find("outcome");
    if (!outcome || line.get("step", "") != step || line.get("key", "") != key) return;
    if (auto read = step::outcome_from(*outcome); read && read->passed()) last = *std::move(read);
  });
  return last;
}

Result<void> Journal::step_done(const std::string& step, const std::string& key, const step::Outcome& outcome) {
  return write(doc::Node::map(
      {{"event", "step"}, {"run", run_}, {"step", step}, {"key", key}, {"outcome", step::to_node(outcome)}}));
}

Result<void> Journal::finish(const std::string& status) {
  TRY_VOID(write(doc::Node::map({{"event", "finish"}, {"run", run_}, {"status", status}})));
  lock_.reset();
  return files_.remove(run_folder() / "lock");
}

Result<void> Journal::write(doc::Node line) {
  const std::lock_guard lock(mutex_);
  return file_->append(doc::to_json(line) + "\n");
}

}  // namespace llmops::exec
