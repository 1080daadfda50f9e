#include "sys/real/event_loop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace llmops::sys {
namespace {

/// Blocks all signals while a thread is made: a thread inherits the mask of its maker.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

EventLoop::~EventLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (!thread_.joinable()) return;
    wake();
  }
  thread_.join();
}

void EventLoop::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) start();
  posted_.push_back(std::move(task));
  if (posted_.size() == 1) wake();
}

bool EventLoop::on_thread() const { return std::this_thread::get_id() == thread_id_; }

void EventLoop::start() {
  epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_ || !wake_) fail("the I/O thread's descriptors");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) fail("epoll_ctl");
  const SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
  thread_id_ = thread_.get_id();
}

void EventLoop::run() {
  pthread_setname_np(pthread_self(), "llmops-io");
  while (true) {
    run_posted();
    run_due_timers();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ && posted_.empty()) return;
    }
    dispatch(wait_ms());
  }
}

void EventLoop::run_posted() {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) task();
}

void EventLoop::run_due_timers() {
  if (timers_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  const auto last = last_timer_;  // a timer made by one of these waits for the next round
  while (!timers_.empty()) {
    const auto first = timers_.begin();
    if (first->first.first > now || first->first.second > last) return;
    timer_times_.erase(first->first.second);
    auto node = timers_.extract(first);
    node.mapped()();
  }
}

int EventLoop::wait_ms() {
  if (timers_.empty()) return -1;
  const auto left = timers_.begin()->first.first - std::chrono::steady_clock::now();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 3'600'000));
}

void EventLoop::dispatch(int timeout_ms) {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const int fd = event.data.fd;
    if (fd == wake_.get()) {
      std::uint64_t ignored = 0;
      [[maybe_unused]] const auto got = read(fd, &ignored, sizeof ignored);
      continue;
    }
    const auto found = handlers_.find(fd);
    if (found == handlers_.end()) continue;
    const auto handler = found->second;  // stays alive while it runs
    (*handler)(event.events);
  }
}

void EventLoop::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof one);
}

void EventLoop::watch(int fd, std::uint32_t events, Handler handler) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const auto [at, added] = handlers_.insert_or_assign(fd, std::make_shared<Handler>(std::move(handler)));
  const int first = added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_.get(), first, fd, &event) == 0) return;
  if (errno == EEXIST) epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  if (errno == ENOENT) epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::unwatch(int fd) {
  if (handlers_.erase(fd) != 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::TimerId EventLoop::after(Duration delay, Task task) {
  const auto at = std::chrono::steady_clock::now() + std::max(delay, Duration{0});
  const auto id = ++last_timer_;
  timers_.emplace(std::pair(at, id), std::move(task));
  timer_times_.emplace(id, at);
  return id;
}

void EventLoop::cancel(TimerId timer) {
  const auto found = timer_times_.find(timer);
  if (found == timer_times_.end()) return;
  timers_.erase({found->second, timer});
  timer_times_.erase(found);
}

}  // namespace llmops::sys
