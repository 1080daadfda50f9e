#include "sys/real/stop_on_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace llmops::sys {
namespace {

sigset_t wanted() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

StopOnSignal::StopOnSignal() : wake_(eventfd(0, EFD_CLOEXEC)) {
  const auto set = wanted();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::jthread([this] { listen(); });
}

StopOnSignal::~StopOnSignal() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  listener_ = {};
  close(wake_);
}

void StopOnSignal::listen() {
  const auto set = wanted();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC);
  while (true) {
    pollfd watched[] = {{signals, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) break;
    signalfd_siginfo info{};
    if (read(signals, &info, sizeof info) != sizeof info) continue;
    if (source_.stop_requested()) _exit(130);
    source_.request_stop();
  }
  close(signals);
}

}  // namespace llmops::sys
