#include "sys/real/os_error.h"

#include <cerrno>
#include <system_error>

#include "base/text.h"

namespace llmops::sys {
namespace {

std::string hint_of(int code) {
  switch (code) {
    case ENOSPC:
      return "free some space on this disk";
    case EDQUOT:
      return "your disk quota is used up: free some space";
    case EACCES:
    case EPERM:
      return "check the owner and the permissions";
    case EROFS:
      return "the file system is mounted read-only: choose another folder";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files (`ulimit -n`)";
    default:
      return {};
  }
}

}  // namespace

Error os_error(std::string_view action, std::string_view path, int code) {
  const auto said = text::lower(std::generic_category().message(code));
  return environment_error("can't " + std::string(action) + " `" + text::printable(path) + "`: " + said, hint_of(code));
}

}  // namespace llmops::sys
