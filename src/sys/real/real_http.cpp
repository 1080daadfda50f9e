#include "sys/real/real_http.h"

#include <sys/epoll.h>

#include <future>
#include <optional>
#include <unordered_map>

#include "sys/real/curl_transfer.h"

namespace llmops::sys {
namespace {

constexpr long kKeptConnections = 256;

std::uint32_t epoll_events(int what) {
  std::uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  return events;
}

int curl_events(std::uint32_t events) {
  int what = 0;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) what |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if ((events & EPOLLERR) != 0) what |= CURL_CSELECT_ERR;
  return what;
}

/// What `send` was given, on its way to the I/O thread.
struct Order {
  HttpRequest request;
  StopToken stop;
  CurlTransfer::Done done;
};

}  // namespace

/// libcurl's multi handle driven by the loop. All of it is the I/O thread's.
class RealHttp::Engine : public std::enable_shared_from_this<Engine> {
 public:
  Engine(EventLoop& loop, HttpTrust trust, std::vector<const char*> libraries)
      : loop_(loop), trust_(std::move(trust)), libraries_(std::move(libraries)) {}
  void begin(Order order);
  void close();

 private:
  using Id = std::uint64_t;
  struct Stop {
    EventLoop* loop;
    std::weak_ptr<Engine> engine;
    Id id;
    void operator()() const;
  };
  struct Active {
    std::unique_ptr<CurlTransfer> transfer;
    std::optional<std::stop_callback<Stop>> on_stop;
  };

  Result<void> open();
  CURL* take_handle();
  void interrupt(Id id);
  std::unique_ptr<CurlTransfer> release(std::unordered_map<Id, Active>::iterator at);
  void drive(curl_socket_t socket, int what);
  void collect();
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* engine, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* engine);

  EventLoop& loop_;
  const HttpTrust trust_;
  std::vector<const char*> libraries_;
  std::optional<Result<CurlApi>> curl_;
  CURLM* multi_ = nullptr;
  std::vector<CURL*> idle_;
  std::unordered_map<Id, Active> active_;
  std::unordered_map<const CurlTransfer*, Id> ids_;
  Id last_id_ = 0;
  EventLoop::TimerId timer_ = 0;
  bool closed_ = false;
};

void RealHttp::Engine::Stop::operator()() const {
  loop->post([held = engine, which = id] {
    if (const auto alive = held.lock()) alive->interrupt(which);
  });
}

Result<void> RealHttp::Engine::open() {
  if (!curl_) curl_ = open_curl(libraries_.empty() ? curl_library_names() : std::span<const char* const>(libraries_));
  if (!*curl_) return curl_->error();
  if (multi_ != nullptr) return {};
  const CurlApi& curl = **curl_;
  multi_ = curl.multi_init();
  if (multi_ == nullptr) return environment_error("libcurl did not start up: there is not enough memory");
  curl.multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::on_socket);
  curl.multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
  curl.multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Engine::on_timer);
  curl.multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
  curl.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kKeptConnections);
  return {};
}

CURL* RealHttp::Engine::take_handle() {
  if (idle_.empty()) return (*curl_)->easy_init();
  CURL* const easy = idle_.back();
  idle_.pop_back();
  return easy;
}

void RealHttp::Engine::begin(Order order) {
  if (auto opened = open(); !opened) return order.done(HttpFailure{std::move(opened).error(), HttpFailure::Of::server});
  const CurlApi& curl = **curl_;
  auto transfer = std::make_unique<CurlTransfer>(curl, std::move(order.request), std::move(order.done));
  if (closed_ || order.stop.stop_requested()) return transfer->finish(transfer->stopped());
  if (auto checked = transfer->check(); !checked)
    return transfer->finish(HttpFailure{std::move(checked).error(), HttpFailure::Of::server});
  CURL* const easy = take_handle();
  if (easy == nullptr) {
    return transfer->finish(HttpFailure{environment_error("no memory is left for an HTTP request")});
  }
  auto ready = transfer->prepare(easy, trust_);
  if (ready && curl.multi_add_handle(multi_, easy) != CURLM_OK) {
    ready = HttpFailure{environment_error("libcurl refused an HTTP request")};
  }
  if (!ready) {
    curl.easy_cleanup(easy);
    return transfer->finish(std::move(ready).error());
  }
  const auto id = ++last_id_;
  ids_.emplace(transfer.get(), id);
  auto& active = active_[id];
  active.transfer = std::move(transfer);
  if (order.stop.stop_possible()) active.on_stop.emplace(std::move(order.stop), Stop{&loop_, weak_from_this(), id});
}

/// Takes a transfer out of libcurl and keeps its handle for the next.
std::unique_ptr<CurlTransfer> RealHttp::Engine::release(std::unordered_map<Id, Active>::iterator at) {
  const CurlApi& curl = **curl_;
  auto transfer = std::move(at->second.transfer);
  CURL* const easy = transfer->easy();
  curl.multi_remove_handle(multi_, easy);
  curl.easy_reset(easy);
  idle_.push_back(easy);
  ids_.erase(transfer.get());
  active_.erase(at);
  return transfer;
}

void RealHttp::Engine::interrupt(Id id) {
  const auto found = active_.find(id);
  if (found == active_.end()) return;
  const auto transfer = release(found);
  transfer->finish(transfer->stopped());
}

void RealHttp::Engine::drive(curl_socket_t socket, int what) {
  int running = 0;
  (*curl_)->multi_socket_action(multi_, socket, what, &running);
  collect();
}

void RealHttp::Engine::collect() {
  const CurlApi& curl = **curl_;
  int left = 0;
  while (const CURLMsg* const message = curl.multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CurlTransfer* ended = nullptr;
    curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
    auto result = ended->outcome(code);
    const auto transfer = release(active_.find(ids_.at(ended)));
    transfer->finish(std::move(result));
  }
}

int RealHttp::Engine::on_socket(CURL*, curl_socket_t socket, int what, void* engine, void*) {
  auto* const self = static_cast<Engine*>(engine);
  if (what == CURL_POLL_REMOVE) {
    self->loop_.unwatch(socket);
    return 0;
  }
  self->loop_.watch(socket, epoll_events(what),
                    [self, socket](std::uint32_t events) { self->drive(socket, curl_events(events)); });
  return 0;
}

int RealHttp::Engine::on_timer(CURLM*, long timeout_ms, void* engine) {
  auto* const self = static_cast<Engine*>(engine);
  self->loop_.cancel(self->timer_);
  self->timer_ = 0;
  if (timeout_ms >= 0) {
    self->timer_ = self->loop_.after(Duration(timeout_ms), [self] { self->drive(CURL_SOCKET_TIMEOUT, 0); });
  }
  return 0;
}

void RealHttp::Engine::close() {
  closed_ = true;
  if (multi_ == nullptr) return;
  while (!active_.empty()) interrupt(active_.begin()->first);
  const CurlApi& curl = **curl_;
  for (CURL* const easy : idle_) curl.easy_cleanup(easy);
  idle_.clear();
  curl.multi_cleanup(multi_);
  loop_.cancel(timer_);
  timer_ = 0;
}

RealHttp::RealHttp(EventLoop& loop, HttpTrust trust, std::vector<const char*> libraries)
    : loop_(loop), engine_(std::make_shared<Engine>(loop, std::move(trust), std::move(libraries))) {}

RealHttp::~RealHttp() {
  if (!used_) return;
  const auto closed = std::make_shared<std::promise<void>>();
  loop_.post([engine = engine_, closed] {
    engine->close();
    closed->set_value();
  });
  closed->get_future().wait();
}

void RealHttp::send(HttpRequest request, StopToken stop, std::function<void(HttpResult)> done) {
  used_ = true;
  auto order = std::make_shared<Order>(Order{std::move(request), std::move(stop), std::move(done)});
  loop_.post([engine = engine_, order] { engine->begin(std::move(*order)); });
}

}  // namespace llmops::sys
