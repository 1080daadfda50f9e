#include "recipe/outputs.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace llmops::recipe {
namespace {

/// Without `.` and empty parts; nothing where a part is known only later.
std::optional<std::string> known_path(const std::string& written) {
  if (written.empty() || written.find("${") != std::string::npos) return std::nullopt;
  std::vector<std::string> parts;
  for (auto& part : text::split(written, '/')) {
    if (!part.empty() && part != ".") parts.push_back(std::move(part));
  }
  return text::join(parts, "/");
}

/// All that a step writes in the work tree.
std::vector<const step::OutputDeclaration*> written_by(const Step& step) {
  std::vector<const step::OutputDeclaration*> out;
  for (const auto& output : step.declared.outputs) out.push_back(&output);
  for (const auto& file : step.declared.written) out.push_back(&file);
  return out;
}

struct Made {
  const Step* step = nullptr;
  SourcePos at;
  std::string path;
};

/// The first step that makes a path for sure, and the first that may.
struct Makers {
  Made sure, perhaps;
};

class OverlapFinder {
 public:
  OverlapFinder(const Recipe& recipe, const Scope& scope) : recipe_(recipe), scope_(scope) {}

  Errors find() {
    for (const auto& step : recipe_.steps) {
      const auto runs = step.here ? decided(step) : std::optional(false);
      if (runs && !*runs) continue;
      for (const auto* output : written_by(step)) {
        if (auto path = known_path(output->path)) add({&step, output->at, *std::move(path)}, runs.has_value());
      }
    }
    return std::move(errors_);
  }

 private:
  /// Whether the step runs, where that is known before the run. What is wrong with its `if` is told elsewhere.
  std::optional<bool> decided(const Step& step) const {
    if (!step.condition) return true;
    auto scope = scope_;
    scope.matrix = step.matrix;
    const auto held = holds(*step.condition, scope);
    return held ? *held : std::nullopt;
  }

  void add(Made made, bool sure) {
    if (const auto* other = other_maker(made, sure)) report(*other, made);
    auto& makers = makers_[made.path];
    auto& slot = sure ? makers.sure : makers.perhaps;
    if (!slot.step) slot = std::move(made);
  }

  /// Of the same path, of a folder above it, or of something below it.
  const Made* other_maker(const Made& made, bool sure) const {
    const auto of = [&](const Makers& makers) -> const Made* {
      if (makers.sure.step && makers.sure.step != made.step) return &makers.sure;
      return sure && makers.perhaps.step && makers.perhaps.step != made.step ? &makers.perhaps : nullptr;
    };
    for (auto at = made.path;;) {
      const auto found = makers_.find(at);
      if (const auto* other = found == makers_.end() ? nullptr : of(found->second)) return other;
      const auto slash = at.rfind('/');
      if (slash == std::string::npos) break;
      at.resize(slash);
    }
    const auto below = made.path + "/";
    for (auto it = makers_.lower_bound(below); it != makers_.end() && it->first.starts_with(below); ++it) {
      if (const auto* other = of(it->second)) return other;
    }
    return nullptr;
  }

  /// Once for each place: the steps of a matrix share theirs.
  void report(const Made& first, const Made& second) {
    if (!told_.emplace(second.at.line, second.at.column).second) return;
    if (first.path != second.path) {
      const auto& outer = first.path.size() < second.path.size() ? first : second;
      const auto& inner = &outer == &first ? second : first;
      errors_.push_back(invalid_error("`" + inner.step->id + "` makes `" + inner.path + "` within `" + outer.path +
                                          "`, which `" + outer.step->id + "` makes",
                                      second.at, "a step's outputs are removed before it runs: keep them apart"));
      return;
    }
    const bool matrix = first.step->base_id == second.step->base_id;
    errors_.push_back(invalid_error(
        "`" + first.step->id + "` and `" + second.step->id + "` both make `" + second.path + "`", second.at,
        matrix ? "put the matrix into the path, as in `build/${matrix." + second.step->matrix.entries().front().key +
                     "}.txt`"
               : "give each a path of its own"));
  }

  const Recipe& recipe_;
  const Scope& scope_;
  std::map<std::string, Makers> makers_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> told_;
  Errors errors_;
};

constexpr const char* kInside = "outputs are removed before the step runs: write to a folder inside the repository";

/// Git's own files, and those of this program.
bool is_own_place(const std::string& path) {
  const auto parts = text::split(path, '/');
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return part == ".git" || part == ".llmops"; });
}

/// More outputs than this below one folder of the root are compared with one list of what is tracked there.
constexpr std::size_t kFew = 8;

class TrackedFinder {
 public:
  TrackedFinder(const Recipe& recipe, asset::AssetSource& source) : source_(source) {
    std::set<std::string> seen;
    for (const auto& step : recipe.steps) {
      if (!step.here) continue;
      for (const auto* output : written_by(step)) {
        auto path = known_path(output->path);
        if (!path || path->find_first_of("*?[") != std::string::npos || !seen.insert(*path).second) continue;
        below_[path->substr(0, path->find('/'))].push_back({&step, output->at, *std::move(path)});
      }
    }
  }

  Errors find() {
    for (const auto& [folder, all] : below_) {
      const bool few = all.size() <= kFew;
      auto listed = few ? Result<std::vector<std::string>>(std::vector<std::string>()) : source_.list(folder);
      if (!listed) return {std::move(listed).error()};
      for (const auto& made : all) {
        auto above = entry_above(made.path);
        if (!above) return {std::move(above).error()};
        if (!above->empty()) {
          report_above(made, *above);
          continue;
        }
        auto place = source_.place(made.path);
        if (!place && place.error().kind != ErrorKind::invalid) return {std::move(place).error()};
        if (!place) {
          report_outside(made, std::move(place).error());
          continue;
        }
        if (*place != made.path) {
          if (auto failed = check_behind_link(made, *place)) return {*std::move(failed)};
          continue;
        }
        auto tracked = few ? source_.list(made.path) : within(*listed, made.path);
        if (!tracked) return {std::move(tracked).error()};
        if (!tracked->empty()) report(made, tracked->front());
      }
    }
    return std::move(errors_);
  }

 private:
  /// The first of the sorted `all` that is `path` or lies below it.
  static Result<std::vector<std::string>> within(const std::vector<std::string>& all, const std::string& path) {
    for (const auto& wanted : {path, path + "/"}) {
      const auto at = std::lower_bound(all.begin(), all.end(), wanted);
      if (at != all.end() && (*at == path || at->starts_with(path + "/"))) return std::vector{*at};
    }
    return std::vector<std::string>();
  }

  /// The part of the path, or all of it, which is one entry of git that files can lie behind; empty where none is.
  Result<std::string> entry_above(const std::string& path) {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      auto folder = path.substr(0, slash);
      const auto known = entries_.find(folder);
      bool is_entry = known != entries_.end() && known->second;
      if (known == entries_.end()) {
        TRY(is_entry, source_.has_entry(folder));
        entries_.emplace(folder, is_entry);
      }
      if (is_entry) return folder;
    }
    return std::string();
  }

  /// Of an output that ignored links lead to another place of the repository.
  std::optional<Error> check_behind_link(const Made& made, const std::string& place) {
    auto above = entry_above(place);
    if (!above) return std::move(above).error();
    auto tracked = source_.list(place);
    if (!tracked) return std::move(tracked).error();
    if (is_own_place(place)) {
      report_behind_link(made, "leads to `" + place + "`, which is not for outputs");
    } else if (!above->empty()) {
      report_behind_link(made, "leads to `" + place + "`, behind `" + *above + "` that git tracks");
    } else if (!tracked->empty()) {
      const bool same = tracked->front() == place;
      report_behind_link(
          made, "leads to `" + place + "`, which " +
                    (same ? "is tracked by git" : "holds files tracked by git, such as `" + tracked->front() + "`"));
    }
    return std::nullopt;
  }

  void report_behind_link(const Made& made, const std::string& where) {
    errors_.push_back(
        invalid_error("`" + made.path + "` " + where + ", and `" + made.step->id + "` would remove it before it runs",
                      made.at, "the folders above it hold a symbolic link: write elsewhere, or remove it"));
  }

  void report_outside(const Made& made, Error error) {
    errors_.push_back(invalid_error("`" + made.path + "` can't be an output: " + error.message, made.at, kInside));
  }

  void report_above(const Made& made, const std::string& entry) {
    errors_.push_back(invalid_error("`" + made.path + "` lies behind `" + entry +
                                        "`, a file, link or submodule that git tracks: `" + made.step->id +
                                        "` would write outside this work tree",
                                    made.at, "write to a path that git ignores"));
  }

  void report(const Made& made, const std::string& tracked) {
    const bool file = tracked == made.path;
    const auto what = file ? "is tracked by git" : "holds files tracked by git, such as `" + tracked + "`";
    errors_.push_back(invalid_error(
        "`" + made.path + "` " + what + ", and `" + made.step->id + "` would remove it before it runs", made.at,
        "write to a path that git ignores, or take it out of git: `git rm " + std::string(file ? "" : "-r ") +
            "--cached " + made.path + "`"));
  }

  asset::AssetSource& source_;
  std::map<std::string, std::vector<Made>> below_;
  std::map<std::string, bool> entries_;  ///< Folders that were looked up.
  Errors errors_;
};

}  // namespace

Errors check_overlaps(const Recipe& recipe, const Scope& scope) { return OverlapFinder(recipe, scope).find(); }

Errors check_untracked(const Recipe& recipe, asset::AssetSource& source) {
  return TrackedFinder(recipe, source).find();
}

Result<std::string> free_place(asset::AssetSource& source, const std::string& path) {
  auto place = source.place(path);
  if (!place && place.error().kind != ErrorKind::invalid) return place;
  if (!place) return invalid_error("`" + path + "` can't be written to: " + place.error().message, {}, kInside);
  bool taken = is_own_place(*place);
  if (!taken) {
    TRY(taken, source.has_entry(*place));
  }
  if (!taken && place->find_first_of("*?[") == std::string::npos) {
    TRY(const auto below, source.list(*place));
    taken = !below.empty();
  }
  if (!taken) return place;
  const std::string where = *place == path ? "" : ", which leads to `" + *place + "`,";
  return invalid_error("`" + path + "`" + where + " is or holds what git tracks or keeps, and would be removed", {},
                       "write to a path that git ignores");
}

}  // namespace llmops::recipe
