#include "sys/real/real_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/text.h"
#include "sys/real/running_program.h"
#include "sys/real/spawn_wire.h"

namespace llmops::sys {
namespace {

std::string system_said(int error_number) { return std::generic_category().message(error_number); }

std::string named(std::string_view name) { return "`" + text::printable(name) + "`"; }

/// Both sides of what connects us with a program.
struct Connection {
  SpawnFds ours, theirs;
};

Error no_pipes(int error_number) {
  return environment_error("could not make pipes for a program: " + system_said(error_number),
                           "raise the limit of open files (`ulimit -n`), or run fewer steps at once");
}

Result<Connection> connect(bool with_input) {
  std::array<int, 6> fds;
  fds.fill(-1);
  const bool made = pipe2(&fds[0], O_CLOEXEC) == 0 && pipe2(&fds[2], O_CLOEXEC) == 0 &&
                    (!with_input || pipe2(&fds[4], O_CLOEXEC) == 0);
  const int error_number = errno;
  Connection out{{UniqueFd(fds[0]), UniqueFd(fds[2]), UniqueFd(fds[5])},
                 {UniqueFd(fds[1]), UniqueFd(fds[3]), UniqueFd(fds[4])}};
  if (made) return out;
  return no_pipes(error_number);
}

Result<void> check(const ProcessSpec& spec) {
  if (spec.argv.empty() || spec.argv.front().empty()) return environment_error("the program to start has no name");
  const auto holds_nul = [](const std::string& word) { return word.find('\0') != std::string::npos; };
  const bool in_argv = std::ranges::any_of(spec.argv, holds_nul);
  const bool in_env = std::ranges::any_of(
      spec.env, [&](const auto& setting) { return holds_nul(setting.first) || holds_nul(setting.second); });
  if (in_argv || in_env || holds_nul(spec.folder.native())) {
    return environment_error("could not start " + named(spec.argv.front()) + ": " +
                             (in_argv  ? "an argument"
                              : in_env ? "a variable"
                                       : "the folder's name") +
                             " holds a zero byte, which no program can be given");
  }
  return {};
}

Error not_found(const ProcessSpec& spec) {
  const auto& name = spec.argv.front();
  if (name.find('/') == std::string::npos) {
    const auto path = spec.env.find("PATH");
    return environment_error("program " + named(name) + " was not found in `PATH`, which is " +
                                 (path == spec.env.end() ? "not set" : named(path->second)),
                             "install it, or write its path");
  }
  const auto full = spec.folder / name;
  if (access(full.c_str(), F_OK) == 0) {
    return environment_error("could not start " + named(name) + ": the interpreter that it names was not found",
                             "look at its first line (`#!…`)");
  }
  return environment_error("program " + named(name) + " was not found in folder " + named(spec.folder.native()),
                           "check the path");
}

Error refusal(const ProcessSpec& spec, const SpawnReport& report) {
  const auto start = "could not start " + named(spec.argv.front()) + ": ";
  if (report.kind == SpawnReport::Kind::no_folder) {
    return environment_error(start + "folder " + named(spec.folder.native()) + ": " + system_said(report.error_number));
  }
  switch (report.error_number) {
    case ENOENT:
      return not_found(spec);
    case EACCES:
      return environment_error(start + "it is not an executable file", "make it one with `chmod +x`");
    case ENOEXEC:
      return environment_error(start + "it is neither a program of this machine nor a script with an interpreter named",
                               "begin the script with a line such as `#!/bin/sh`");
    case E2BIG:
      return environment_error(start + "its arguments and variables are longer than the system allows",
                               "pass long values in a file");
    default:
      return environment_error(start + system_said(report.error_number));
  }
}

Error supervisor_gone(const std::string& program) {
  return environment_error("could not start " + named(program) + ": the supervisor of child processes has ended",
                           "something killed process `llmops-super`; start again");
}

class RealChild : public Child {
 public:
  RealChild(std::shared_ptr<RunningProgram> program, StopToken stop)
      : program_(std::move(program)), on_stop_(std::move(stop), Stop{program_.get()}) {}
  ~RealChild() override {
    program_->close_input();
    program_->stop();
    program_->wait();
  }
  Result<void> write(std::string_view bytes) override { return program_->write(bytes); }
  void close_input() override { program_->close_input(); }
  ProcessEnd wait() override { return program_->wait().end; }

 private:
  struct Stop {
    RunningProgram* program;
    void operator()() const { program->stop(); }
  };

  std::shared_ptr<RunningProgram> program_;
  std::stop_callback<Stop> on_stop_;
};

}  // namespace

void RealProcess::Idle::give(UniqueFd guardian) {
  const std::lock_guard lock(mutex);
  if (!closed) guardians.push_back(std::move(guardian));
}

UniqueFd RealProcess::Idle::take() {
  const std::lock_guard lock(mutex);
  if (guardians.empty()) return {};
  auto out = std::move(guardians.back());
  guardians.pop_back();
  return out;
}

RealProcess::~RealProcess() {
  {
    const std::lock_guard lock(idle_->mutex);
    idle_->closed = true;
    idle_->guardians.clear();
  }
  if (!supervisor_) return;
  supervisor_->socket.reset();
  while (waitpid(supervisor_->pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

Result<void> RealProcess::start_supervisor() {
  const std::lock_guard lock(mutex_);
  if (supervisor_) return {};
  TRY(supervisor_, fork_supervisor());
  return {};
}

Result<ProcessEnd> RealProcess::run(const ProcessSpec& spec, StopToken stop, const OnOutput& on_output) {
  if (stop.stop_requested()) return ProcessEnd{.stopped = true};
  TRY(const auto program, launch(spec, Input::none, on_output));
  const std::stop_callback on_stop(std::move(stop), [&program] { program->stop(); });
  const auto outcome = program->wait();
  if (!outcome.lost) return outcome.end;
  return environment_error(
      "lost " + named(spec.argv.front()) + ": the process that guarded it was killed, so it was too",
      "something killed process `llmops-guard`; start again");
}

Result<std::unique_ptr<Child>> RealProcess::start(const ProcessSpec& spec, StopToken stop, OnOutput on_output) {
  TRY(auto program, launch(spec, Input::piped, std::move(on_output)));
  return std::make_unique<RealChild>(std::move(program), std::move(stop));
}

Result<std::shared_ptr<RunningProgram>> RealProcess::launch(const ProcessSpec& spec, Input input, OnOutput on_output) {
  TRY_VOID(check(spec));
  TRY_VOID(start_supervisor());
  TRY(auto connection, connect(input == Input::piped));
  TRY(auto control, order(spec, connection.theirs));
  connection.theirs = {};
  SpawnReport report;
  if (!receive_bytes(control.get(), reinterpret_cast<char*>(&report), sizeof report)) {
    return supervisor_gone(spec.argv.front());
  }
  if (report.kind != SpawnReport::Kind::started) {
    if (report.reusable != 0) idle_->give(std::move(control));
    return refusal(spec, report);
  }
  auto program = std::make_shared<RunningProgram>(
      loop_, report.pid, std::move(control), std::move(connection.ours), std::move(on_output),
      [idle = idle_](UniqueFd guardian) { idle->give(std::move(guardian)); });
  program->begin();
  return program;
}

Result<UniqueFd> RealProcess::order(const ProcessSpec& spec, const SpawnFds& fds) {
  while (auto idle = idle_->take()) {
    if (send_order(idle.get(), spec, fds)) return idle;  // else it was killed meanwhile
  }
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return no_pipes(errno);
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  {
    const std::lock_guard lock(mutex_);
    if (!send_fd(supervisor_->socket.get(), theirs.get())) return supervisor_gone(spec.argv.front());
  }
  if (!send_order(ours.get(), spec, fds)) return supervisor_gone(spec.argv.front());
  return ours;
}

}  // namespace llmops::sys
