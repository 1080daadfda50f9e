#include "sys/real/real_terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "sys/real/os_error.h"

namespace llmops::sys {
namespace {

int file_of(Stream stream) { return stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO; }

}  // namespace

RealTerminal::RealTerminal() { std::signal(SIGPIPE, SIG_IGN); }

void RealTerminal::write(Stream stream, std::string_view text) {
  if (stream == Stream::out && !written_) return;
  while (!text.empty()) {
    const auto written = ::write(file_of(stream), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // Somebody made it so that it does not wait.
      pollfd wait{file_of(stream), POLLOUT, 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    if (written < 0) {
      if (stream == Stream::out && errno != EPIPE && errno != EBADF) {
        written_ = os_error("write", "standard output", errno);
      }
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool RealTerminal::is_terminal(Stream stream) { return isatty(file_of(stream)) != 0; }

std::optional<std::size_t> RealTerminal::columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace llmops::sys
