#include "sys/real/guardian.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "sys/real/process_tree.h"

namespace llmops::sys {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kGraceWhenAlone{250};  // the starter is gone
constexpr Duration kGraceOfOrphans{100};  // the program ended by itself
constexpr Duration kKillEvery{5};         // a process may fork between being listed and being killed
constexpr Duration kGiveUpAfter{10'000};  // what SIGKILL does not end: another user's, or stuck in the kernel
constexpr Duration kForever = std::chrono::hours(24 * 365);

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

/// Starts `spec` with the descriptors as its standard ones. The pid, or a negative errno.
pid_t spawn(ProcessSpec& spec, const SpawnFds& fds) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : spec.env) settings.push_back(name + "=" + value);
  auto envp = pointers_to(settings);
  auto argv = pointers_to(spec.argv);
  environ = envp.data();  // posix_spawnp looks for the program in this process's PATH

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (fds.input) posix_spawn_file_actions_adddup2(&actions, fds.input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fds.out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fds.err.get(), STDERR_FILENO);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  std::memset(&all, 0xff, sizeof all);  // sigfillset leaves out two, which posix_spawn would then ignore
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  static char* empty[] = {nullptr};
  environ = empty;
  return failed != 0 ? -failed : pid;
}

/// Of one program.
class Guardian {
 public:
  Guardian(UniqueFd& control, int signals, SpawnOrder order)
      : control_(control), signals_(signals), spec_(std::move(order.spec)), fds_(std::move(order.fds)) {}
  /// False when something is left that can't be killed.
  bool run();

 private:
  enum class Cause { none, timeout, stop, alone };

  bool start();
  void refuse(SpawnReport::Kind kind, int error_number);
  void reap();
  void on_program_end();
  void end_program(Cause cause, Duration grace);
  void read_control();
  void on_deadline();
  void wait();
  void report(const SpawnReport& report);

  UniqueFd& control_;
  const int signals_;
  ProcessSpec spec_;
  SpawnFds fds_;
  pid_t pid_ = -1;
  Clock::time_point deadline_ = Clock::now() + kForever;
  Clock::time_point give_up_ = Clock::now() + kForever;
  Cause cause_ = Cause::none;
  bool ended_ = false;         // the program itself
  bool nothing_left_ = false;  // it, and all below this process
  bool killing_ = false;
  SpawnReport end_;
};

bool Guardian::run() {
  if (!start()) return true;
  while (true) {
    reap();
    if (nothing_left_ || (ended_ && Clock::now() >= give_up_)) break;
    wait();
  }
  end_.kind = SpawnReport::Kind::ended;
  end_.timed_out = cause_ == Cause::timeout;
  end_.stopped = cause_ == Cause::stop;
  end_.reusable = nothing_left_ ? 1 : 0;
  [[maybe_unused]] const int left = chdir("/");  // no folder is kept busy
  report(end_);
  return nothing_left_;
}

bool Guardian::start() {
  if (!spec_.folder.empty() && chdir(spec_.folder.c_str()) != 0) {
    refuse(SpawnReport::Kind::no_folder, errno);
    return false;
  }
  pid_ = spawn(spec_, fds_);
  if (pid_ < 0) {
    refuse(SpawnReport::Kind::no_program, -pid_);
    return false;
  }
  for (auto* const fd : {&fds_.out, &fds_.err, &fds_.input}) fd->reset();
  if (spec_.timeout) deadline_ = Clock::now() + std::min(*spec_.timeout, kForever);
  SpawnReport started;
  started.kind = SpawnReport::Kind::started;
  started.pid = pid_;
  report(started);
  return true;
}

void Guardian::refuse(SpawnReport::Kind kind, int error_number) {
  SpawnReport refused;
  refused.kind = kind;
  refused.error_number = error_number;
  refused.reusable = 1;
  [[maybe_unused]] const int left = chdir("/");
  report(refused);
}

void Guardian::report(const SpawnReport& report) {
  if (control_) send_bytes(control_.get(), {reinterpret_cast<const char*>(&report), sizeof report});
}

void Guardian::reap() {
  while (true) {
    int status = 0;
    const auto pid = waitpid(-1, &status, WNOHANG);
    if (pid == 0) break;
    if (pid < 0) {
      nothing_left_ = true;
      return;
    }
    if (pid == pid_) {
      ended_ = true;
      end_.wait_status = status;
    } else if (ended_ && WIFSIGNALED(status)) {
      ++end_.orphans_ended;
    }
    if (pid == pid_) on_program_end();
  }
}

void Guardian::on_program_end() {
  if (killing_) {
    give_up_ = Clock::now() + kGiveUpAfter;
  } else if (cause_ == Cause::none) {
    deadline_ = Clock::now() + kGraceOfOrphans;
  } else {
    for (const auto pid : descendants_of(getpid())) kill(pid, SIGTERM);  // those that had left its group
  }
}

void Guardian::end_program(Cause cause, Duration grace) {
  const auto deadline = Clock::now() + std::min(grace, kForever);
  if (cause_ == Cause::none && !ended_) {
    cause_ = cause;
    deadline_ = deadline;
    kill(-pid_, SIGTERM);
    kill(-pid_, SIGCONT);
  } else {
    deadline_ = std::min(deadline_, deadline);
  }
}

void Guardian::read_control() {
  char order = 0;
  const auto got = recv(control_.get(), &order, 1, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got == 1) return end_program(Cause::stop, spec_.grace);
  control_.reset();
  end_program(Cause::alone, kGraceWhenAlone);
}

void Guardian::on_deadline() {
  if (cause_ == Cause::none && !ended_) return end_program(Cause::timeout, spec_.grace);
  if (!killing_ && ended_) give_up_ = Clock::now() + kGiveUpAfter;
  killing_ = true;
  deadline_ = Clock::now() + kKillEvery;
  if (!ended_) kill(-pid_, SIGKILL);
  for (const auto pid : children_of(getpid())) kill_tree(pid);
}

void Guardian::wait() {
  const auto left = std::chrono::ceil<Duration>(deadline_ - Clock::now()).count();
  const int timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  std::array<pollfd, 2> ready{{{signals_, POLLIN, 0}, {control_.get(), POLLIN, 0}}};
  poll(ready.data(), ready.size(), timeout_ms);  // a negative descriptor is passed over
  if (ready[0].revents != 0) {
    signalfd_siginfo ignored;
    while (read(signals_, &ignored, sizeof ignored) > 0) continue;
  }
  if (ready[1].revents != 0) read_control();
  if (Clock::now() >= deadline_) on_deadline();
}

}  // namespace

int guard_programs(UniqueFd control) {
  prctl(PR_SET_NAME, "llmops-guard");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  const UniqueFd signals(signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK));
  while (control) {
    auto order = receive_order(control.get());
    if (!order) break;
    if (!Guardian(control, signals.get(), *std::move(order)).run()) return 1;
  }
  return 0;
}

}  // namespace llmops::sys
