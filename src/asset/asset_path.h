#pragma once
/// \file  Paths as recipes write them: relative to the repository's root, never out of it.
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/file_system.h"

namespace llmops::asset {

/// Without `.`, `..` and double slashes; a slash at the end is dropped. An absolute path or one that leaves the root is
/// an error of kind `invalid`.
Result<std::string> clean_path(std::string_view path);

/// Whether the text has one of `*?[`.
bool has_wildcard(std::string_view pattern);

/// The path that a clean one stands for when the symbolic links in it are followed. One that leads out of the root, or
/// in a circle, is an error of kind `invalid`.
Result<std::string> follow_links(sys::FileSystem& files, const sys::Path& root, const std::string& path);

}  // namespace llmops::asset
