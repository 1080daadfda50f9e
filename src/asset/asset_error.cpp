#include "asset/asset_error.h"

#include <algorithm>

#include "base/text.h"

namespace llmops::asset {
namespace {

constexpr std::size_t kMostCompared = 2000;

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}
std::string_view name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Comparing with all names of a large repository takes long: there, those of the same folder or the same name.
std::string hint_for(const std::string& path, const std::vector<std::string>& names) {
  if (names.empty()) return "add it with `git add`";
  std::vector<std::string> near, namesakes;
  for (const auto& name : names) {
    if (folder_of(name) == folder_of(path)) near.push_back(name);
    if (name_of(name) == name_of(path)) namesakes.push_back(name);
  }
  if (std::find(namesakes.begin(), namesakes.end(), path) != namesakes.end())
    return "git tracks it, but it is gone from the work tree: `git checkout -- " + path + "` brings it back";
  if (!namesakes.empty()) return "did you mean `" + namesakes.front() + "`?";
  const auto guess = text::closest(path, names.size() <= kMostCompared ? names : near);
  if (!guess.empty()) return "did you mean `" + guess + "`?";
  const auto listed = text::did_you_mean(path, near);
  return listed.empty() ? "`git ls-files` lists what there is" : listed;
}

}  // namespace

Error nothing_there(const std::string& path, const std::vector<std::string>& names) {
  return invalid_error("there is no file `" + text::printable(path) + "`", {}, hint_for(path, names));
}
Error nothing_matches(const std::string& pattern, const std::vector<std::string>& names) {
  return invalid_error("no file tracked by git matches `" + text::printable(pattern) + "`", {},
                       names.empty() ? "add files with `git add`" : "`git ls-files` lists what there is");
}
Error is_folder(const std::string& path) {
  return invalid_error("`" + text::printable(path) + "` is a folder, and a file is needed", {}, "name a file in it");
}
Error not_tracked(const std::string& path) {
  return invalid_error("`" + text::printable(path) + "` is not tracked by git", {}, "`git add " + path + "`");
}
Error within_submodule(const std::string& path, const std::string& submodule) {
  return invalid_error("`" + text::printable(path) + "` lies in the submodule `" + text::printable(submodule) +
                           "`, of which this repository tracks only the commit",
                       {}, "copy it here, or make it with a step");
}
Error no_file(const std::string& path) {
  return invalid_error("`" + text::printable(path) + "` is neither a file nor a folder", {}, "name a regular file");
}
Error lfs_pointer(const std::string& path) {
  return invalid_error("`" + text::printable(path) + "` is a Git LFS pointer, not the file itself", {},
                       "`git lfs pull --include " + path + "`");
}
Error dvc_pointer(const std::string& path) {
  return invalid_error("`" + text::printable(path) + "` is a DVC pointer, not the data itself", {},
                       "add the data to git, or pin it by `uri:` and `sha256:`");
}
Error kept_by_dvc(const std::string& path) {
  return invalid_error(
      "`" + text::printable(path) + "` is kept by DVC (`" + text::printable(path) + ".dvc`), not by git", {},
      "add the data to git, or pin it by `uri:` and `sha256:`");
}

bool is_lfs_pointer(std::string_view bytes) {
  return bytes.size() < kLongestPointer && bytes.starts_with("version https://git-lfs.github.com/spec/v1\n");
}

}  // namespace llmops::asset
