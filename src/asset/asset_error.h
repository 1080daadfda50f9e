#pragma once
/// \file  What can be wrong with a path, each with its next action.
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace llmops::asset {

/// `names` are those of all tracked files.
Error nothing_there(const std::string& path, const std::vector<std::string>& names);
Error nothing_matches(const std::string& pattern, const std::vector<std::string>& names);
Error is_folder(const std::string& path);
Error not_tracked(const std::string& path);
Error no_file(const std::string& path);
/// A file of another repository, of which this one tracks only the commit.
Error within_submodule(const std::string& path, const std::string& submodule);
Error lfs_pointer(const std::string& path);
Error dvc_pointer(const std::string& path);
/// A file that DVC keeps outside of git.
Error kept_by_dvc(const std::string& path);

/// Whether bytes are a Git LFS pointer (git-lfs spec v1).
bool is_lfs_pointer(std::string_view bytes);
/// No pointer is as long as this.
constexpr std::size_t kLongestPointer = 1024;

}  // namespace llmops::asset
