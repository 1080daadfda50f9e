#include "sys/real/running_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

namespace llmops::sys {
namespace {

constexpr std::size_t kMaxUnsent = std::size_t{1} << 20;
constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr int kLastChunks = 64;  // all that the largest pipe holds, and an end where somebody unkillable still writes

void make_nonblocking(const UniqueFd& fd) {
  if (fd) fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

RunningProgram::RunningProgram(EventLoop& loop, pid_t pid, UniqueFd control, SpawnFds ends, Process::OnOutput on_output,
                               GiveBack give_back)
    : loop_(loop),
      pid_(pid),
      ends_(std::move(ends)),
      on_output_(std::move(on_output)),
      give_back_(std::move(give_back)),
      control_(std::move(control)),
      input_open_(static_cast<bool>(ends_.input)) {
  for (const auto* const fd : {&ends_.out, &ends_.err, &ends_.input}) make_nonblocking(*fd);
}

void RunningProgram::begin() {
  loop_.post([self = shared_from_this()] {
    self->watch_output(Stream::out);
    self->watch_output(Stream::err);
    self->loop_.watch(self->control_.get(), EPOLLIN, [self](std::uint32_t) { self->on_control(); });
  });
}

void RunningProgram::watch_output(Stream stream) {
  loop_.watch(pipe_of(stream).get(), EPOLLIN,
              [self = shared_from_this(), stream](std::uint32_t) { self->read_output(stream); });
}

/// One chunk. False when there is none now, or never again.
bool RunningProgram::read_output(Stream stream) {
  auto& pipe = pipe_of(stream);
  if (!pipe) return false;
  std::array<char, kChunk> chunk;
  const auto got = read(pipe.get(), chunk.data(), chunk.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got > 0) {
    if (on_output_) on_output_(stream, {chunk.data(), static_cast<std::size_t>(got)});
    return true;
  }
  loop_.unwatch(pipe.get());
  pipe.reset();
  return false;
}

void RunningProgram::on_control() {
  SpawnReport report;
  const auto got = recv(control_.get(), &report, sizeof report, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  finish(got == sizeof report ? &report : nullptr);
}

/// Nobody writes any more: what the pipes hold now is the rest.
void RunningProgram::finish(const SpawnReport* report) {
  const auto self = shared_from_this();  // the loop's handlers may be the last to hold it
  loop_.unwatch(control_.get());
  if (report == nullptr) kill(-pid_, SIGKILL);
  for (const auto stream : {Stream::out, Stream::err}) {
    for (int i = 0; i < kLastChunks && read_output(stream); ++i) continue;
    loop_.unwatch(pipe_of(stream).get());
    pipe_of(stream).reset();
  }
  drop_input();

  const std::lock_guard lock(mutex_);
  auto& end = outcome_.end;
  const int status = report != nullptr ? report->wait_status : SIGKILL;
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (report != nullptr) {
    end.timed_out = report->timed_out != 0;
    end.stopped = report->stopped != 0;
    end.orphans_ended = report->orphans_ended;
  }
  outcome_.lost = report == nullptr;
  ended_ = true;
  if (report != nullptr && report->reusable != 0) give_back_(std::move(control_));
  changed_.notify_all();
}

void RunningProgram::stop() {
  const std::lock_guard lock(mutex_);
  if (control_) send(control_.get(), &kStopOrder, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

Result<void> RunningProgram::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (!loop_.on_thread()) changed_.wait(lock, [this] { return !input_open_ || unsent_ <= kMaxUnsent; });
  if (!input_open_ || !input_wanted_) {
    return environment_error("the program no longer reads its standard input", "see what it wrote before it ended");
  }
  queued_ += bytes;
  unsent_ += bytes.size();
  loop_.post([self = shared_from_this()] { self->flush_input(); });
  return {};
}

void RunningProgram::close_input() {
  const std::lock_guard lock(mutex_);
  input_wanted_ = false;
  loop_.post([self = shared_from_this()] { self->flush_input(); });
}

void RunningProgram::flush_input() {
  const std::unique_lock lock(mutex_);
  while (ends_.input) {
    if (sent_ == sending_.size()) {
      sending_ = std::move(queued_);
      queued_.clear();
      sent_ = 0;
    }
    if (sending_.empty()) break;
    const auto put = ::write(ends_.input.get(), sending_.data() + sent_, sending_.size() - sent_);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) {
      loop_.watch(ends_.input.get(), EPOLLOUT, [self = shared_from_this()](std::uint32_t) { self->flush_input(); });
      return;
    }
    if (put < 0) input_wanted_ = false;  // closed by the program; SIGPIPE is blocked on this thread
    if (put < 0) break;
    sent_ += static_cast<std::size_t>(put);
    unsent_ -= static_cast<std::size_t>(put);
  }
  if (ends_.input) loop_.unwatch(ends_.input.get());
  if (!input_wanted_) {
    ends_.input.reset();
    input_open_ = false;
  }
  changed_.notify_all();
}

void RunningProgram::drop_input() {
  const std::lock_guard lock(mutex_);
  if (ends_.input) loop_.unwatch(ends_.input.get());
  ends_.input.reset();
  input_open_ = false;
  changed_.notify_all();
}

RunningProgram::Outcome RunningProgram::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
  return outcome_;
}

}  // namespace llmops::sys
