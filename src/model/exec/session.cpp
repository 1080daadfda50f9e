#include "model/exec/session.h"

#include <algorithm>

namespace llmops::model::exec {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} << 20;
constexpr std::size_t kLongestLogLine = std::size_t{1} << 20;
constexpr std::chrono::seconds kPatience{2};

}  // namespace

Session::Session(sys::System& system, const Redactor& redactor, Listener listener)
    : system_(system),
      redactor_(redactor),
      listener_(std::move(listener)),
      lines_(kLongestLine),
      log_lines_(kLongestLogLine) {}

Result<std::unique_ptr<Session>> Session::start(sys::System& system, const Redactor& redactor,
                                                const sys::ProcessSpec& spec, Listener listener) {
  std::unique_ptr<Session> out(new Session(system, redactor, std::move(listener)));
  auto* self = out.get();
  TRY(out->child_,
      system.process.start(spec, self->stop_.get_token(),
                           [self](sys::Stream stream, std::string_view bytes) { self->on_output(stream, bytes); }));
  out->watcher_ = std::jthread([self] { self->watch(); });
  return out;
}

Session::~Session() {
  if (!child_) return;
  child_->close_input();
  {
    std::unique_lock lock(end_mutex_);
    if (!over_changed_.wait_for(lock, kPatience, [this] { return over(); })) stop_.request_stop();
  }
  watcher_.join();
}

Result<void> Session::write(std::string_view line, std::int64_t query) {
  {
    const std::lock_guard lock(writers_mutex_);
    writers_.insert(query);
  }
  auto out = child_->write(line);
  const std::lock_guard lock(writers_mutex_);
  writers_.erase(query);
  return out;
}

void Session::unblock(std::int64_t query) {
  bool waits = false;
  {
    const std::lock_guard lock(writers_mutex_);
    waits = writers_.contains(query);
  }
  if (waits) stop_.request_stop();
}

void Session::on_output(sys::Stream stream, std::string_view bytes) {
  const std::lock_guard lock(output_mutex_);
  if (stream == sys::Stream::err) {
    log_lines_.feed(bytes, [this](std::int64_t, std::string_view line) { on_log_line(line); });
  } else if (!lines_.feed(bytes, [this](std::int64_t number, std::string_view line) { on_line(number, line); })) {
    listener_.on_long_line(lines_.next_number());
    stop_.request_stop();
  }
}

void Session::on_line(std::int64_t number, std::string_view line) {
  if (listener_.on_line(number, line) == Listener::Then::end_program) stop_.request_stop();
}

void Session::on_log_line(std::string_view line) {
  auto clean = redactor_.clean(line, 2000);
  if (clean.empty()) return;
  system_.log.write(sys::Log::Level::info, clean);
  last_words_ = std::move(clean);
}

void Session::watch() {
  const auto end = child_->wait();
  {
    const std::lock_guard lock(output_mutex_);
    lines_.finish([this](std::int64_t number, std::string_view line) { on_line(number, line); });
    log_lines_.finish([this](std::int64_t, std::string_view line) { on_log_line(line); });
    listener_.on_end(end, last_words_);
  }
  const std::lock_guard lock(end_mutex_);
  over_ = true;
  over_changed_.notify_all();
}

}  // namespace llmops::model::exec
