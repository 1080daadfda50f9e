#pragma once
/// \file  Writing git objects as loose files, in the format of all of git's versions, without starting git.
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/real/git_layout.h"

namespace llmops::sys {

/// Writes one object (`blob`, `tree`, `commit`) where it is not there yet, and gives its id. A writer that is killed
/// leaves at most a `tmp_obj_…` file, which `git gc` removes. Like git's own loose objects, not forced to the disk.
Result<ObjectId> write_object(const GitLayout& layout, std::string_view type, std::string_view bytes);

/// Hands over, piece by piece, the bytes of a loose object of `head` and `bytes`: a zlib stream of stored blocks, as
/// `core.compression=0` makes it. `git gc` packs it. Stops at the first error.
Result<void> to_zlib_stored(std::string_view head, std::string_view bytes,
                            const std::function<Result<void>(std::string_view)>& piece);

}  // namespace llmops::sys
