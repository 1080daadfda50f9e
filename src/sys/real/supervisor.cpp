#include "sys/real/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <set>
#include <system_error>

#include "sys/real/guardian.h"
#include "sys/real/process_tree.h"
#include "sys/real/spawn_wire.h"

namespace llmops::sys {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSocket = 3;
constexpr Duration kLastWait{5'000};  // for guardians, once the maker is gone
constexpr int kStrayRounds = 200;     // then a stray can't be killed: another user's, or stuck in the kernel
constexpr int kStrayRoundMs = 5;

/// Only SIGCHLD is heard, through a descriptor; dispositions are the default ones, as an ignored SIGCHLD would lose
/// exit statuses.
UniqueFd take_signals() {
  sigset_t all, child_ended;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  return UniqueFd(signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Keeps `socket` alone, as descriptor 3, with /dev/null as the standard ones.
void keep_only(int socket) {
  if (socket != kSocket) dup2(socket, kSocket);
  fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  close_range(kSocket + 1, ~0U, 0);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < kSocket; ++fd) dup2(null, fd);
  close(null);
}

class Loop {
 public:
  Loop(UniqueFd orders, UniqueFd signals) : orders_(std::move(orders)), signals_(std::move(signals)) {}
  int run();

 private:
  void reap();
  void end_strays();
  void take_order();
  void wait();

  UniqueFd orders_, signals_;
  std::set<pid_t> guardians_;
  int stray_rounds_ = 0;  // left
  Clock::time_point last_ = Clock::time_point::max();
};

int Loop::run() {
  while (true) {
    reap();
    if (stray_rounds_ > 0) end_strays();
    if (!orders_ && stray_rounds_ == 0 && (guardians_.empty() || Clock::now() >= last_)) return 0;
    wait();
  }
}

void Loop::reap() {
  while (true) {
    int status = 0;
    const auto pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    if (guardians_.erase(pid) != 0 && status != 0) stray_rounds_ = kStrayRounds;
  }
}

void Loop::end_strays() {
  bool found = false;
  for (const auto pid : children_of(getpid())) {
    if (guardians_.contains(pid)) continue;
    found = true;
    kill_tree(pid);
  }
  stray_rounds_ = found ? stray_rounds_ - 1 : 0;
}

void Loop::take_order() {
  auto control = receive_fd(orders_.get());
  if (!control) {
    orders_.reset();
    last_ = Clock::now() + kLastWait;
    return;
  }
  if (!*control) return;
  const auto pid = fork();
  if (pid == 0) {
    orders_.reset();  // or our death would go unnoticed
    signals_.reset();
    _exit(guard_programs(*std::move(control)));
  }
  if (pid > 0) {
    guardians_.insert(pid);
    return;
  }
  SpawnReport refused;
  refused.kind = SpawnReport::Kind::no_program;
  refused.error_number = errno;
  send_bytes(control->get(), {reinterpret_cast<const char*>(&refused), sizeof refused});
}

void Loop::wait() {
  const int timeout_ms = stray_rounds_ > 0 ? kStrayRoundMs : orders_ ? -1 : 100;
  std::array<pollfd, 2> ready{{{signals_.get(), POLLIN, 0}, {orders_.get(), POLLIN, 0}}};
  poll(ready.data(), ready.size(), timeout_ms);
  if (ready[0].revents != 0) {
    signalfd_siginfo ignored;
    while (read(signals_.get(), &ignored, sizeof ignored) > 0) continue;
  }
  if (ready[1].revents != 0) take_order();
}

[[noreturn]] void supervise(int socket) {
  setsid();
  prctl(PR_SET_NAME, "llmops-super");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  keep_only(socket);
  [[maybe_unused]] const int stayed = chdir("/");  // no folder is kept busy
  auto signals = take_signals();
  _exit(Loop(UniqueFd(kSocket), std::move(signals)).run());
}

Error could_not_start(int error_number) {
  return environment_error("could not start the supervisor of child processes: " +
                           std::generic_category().message(error_number));
}

}  // namespace

Result<Supervisor> fork_supervisor() {
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return could_not_start(errno);
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // none of our handlers may run in the supervisor
  const auto pid = fork();
  if (pid == 0) supervise(theirs.get());
  const int error_number = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return could_not_start(error_number);
  return Supervisor{pid, std::move(ours)};
}

}  // namespace llmops::sys
