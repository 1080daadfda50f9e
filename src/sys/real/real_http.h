#pragma once
/// \file  HTTP over libcurl, on the I/O thread.
#include <atomic>
#include <memory>
#include <vector>

#include "sys/http.h"
#include "sys/real/event_loop.h"
#include "sys/real/http_trust.h"

namespace llmops::sys {

/// Connections are kept and used again. Proxies are those of the variables that libcurl knows (`https_proxy`,
/// `no_proxy`, …). libcurl is opened with the first request; without it every request fails with kind `environment`.
class RealHttp : public Http {
 public:
  /// `loop` outlives this. `libraries`: names of the library to open in place of the usual ones.
  explicit RealHttp(EventLoop& loop, HttpTrust trust = {}, std::vector<const char*> libraries = {});
  /// Requests under way end with kind `interrupted`, before this returns. Not from the I/O thread.
  ~RealHttp() override;

  void send(HttpRequest request, StopToken stop, std::function<void(HttpResult)> done) override;

 private:
  class Engine;
  EventLoop& loop_;
  std::shared_ptr<Engine> engine_;
  std::atomic<bool> used_ = false;
};

}  // namespace llmops::sys
