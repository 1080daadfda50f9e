#pragma once
/// \file  Whether git may store other bytes than the work tree has (gitattributes(5)).
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/git.h"
#include "sys/real/git_layout.h"
#include "sys/system.h"

namespace llmops::sys {

/// Whether a line of a `.gitattributes` text may convert anything, whichever path it is for.
bool attributes_text_converts(std::string_view text);

/// Looks at each folder's `.gitattributes` once. Safe to call from many threads.
class GitAttributes {
 public:
  GitAttributes(const GitLayout& layout, const Env& env) : layout_(layout), env_(env) {}
  /// `index` tells of `.gitattributes` files that the work tree lacks: git then uses the index's.
  Result<bool> convert(std::string_view path, const Index& index);

 private:
  Result<bool> everywhere();
  Result<bool> in_folder(const std::string& folder, const Index& index);

  const GitLayout& layout_;
  const Env& env_;
  std::mutex mutex_;
  std::optional<bool> everywhere_;
  std::map<std::string, bool> folders_;
};

}  // namespace llmops::sys
