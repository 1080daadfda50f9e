#pragma once
/// \file  What the operating system said, as an error for people.
#include <string>
#include <string_view>

#include "base/error.h"

namespace llmops::sys {

/// "can't <action> `<path>`: <what the system said>" of kind `environment`. `code` is an errno.
Error os_error(std::string_view action, std::string_view path, int code);

}  // namespace llmops::sys
