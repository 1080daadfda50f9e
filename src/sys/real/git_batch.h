#pragma once
/// \file  Many objects from one `git cat-file --batch`.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/real/git_command.h"

namespace llmops::sys {

struct BatchObject {
  std::string_view id, type, bytes;  ///< All empty where there is no such object. Valid during the call.
};

/// Calls `each` for every request (anything that names an object, without a newline) in order.
Result<void> read_objects(const GitCommand& git, const std::vector<std::string>& requests,
                          const std::function<void(std::size_t, const BatchObject&)>& each);

}  // namespace llmops::sys
