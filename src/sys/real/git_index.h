#pragma once
/// \file  The format of git's index file (gitformat-index(5)), versions 2 to 4.
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sys/git.h"

namespace llmops::sys {

/// The paths of an index file's bytes; nothing where it needs git itself: split or sparse, a version or a required
/// extension not known here, or bytes that don't add up.
std::optional<Index> parse_index(std::string_view bytes, ObjectFormat format);

/// The same from `git ls-files --stage --debug -z`.
std::optional<Index> parse_ls_files_debug(std::string_view text);

/// One entry for each path: of an unmerged one the first stage there is. Input sorted by path, then stage.
void keep_one_per_path(Index& index);

}  // namespace llmops::sys
