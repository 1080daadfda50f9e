#pragma once
/// \file  Outgoing HTTP. The only way any room reaches the network.
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/units.h"

namespace llmops::sys {

struct Header {
  std::string name;
  Secret value;  ///< All header values count as secret: they print as `***`.
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< Absolute, http or https. `http://` speaks HTTP/1.1 only.
  std::vector<Header> headers;
  std::string body;                    ///< Bytes, sent as given.
  Duration timeout{30'000};            ///< Whole exchange, connect included.
  std::uint64_t max_body = 64u << 20;  ///< A larger answer is an error.
  /// At most ten, and never from https to http. `Authorization` and `Cookie` are not sent on to another host.
  bool follow_redirects = false;
  /// Where given, gets the body as it comes (on the I/O thread), and `HttpResponse::body` stays empty; false ends the
  /// request with kind `interrupted`.
  std::function<bool(std::string_view)> on_body;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case, in order.
  std::string body;
  Duration elapsed{0};  ///< From the request's sending to its end, on a connection that may be new.
  /// The first header of this (lower-case) name, or empty.
  std::string header(std::string_view name) const;
};

/// Why a request has no response.
struct HttpFailure {
  enum class Of {
    server,   ///< It was not reached, safely and as HTTP: whatever else is sent there fails alike.
    request,  ///< Not answered in time, cut off, too large, stopped: another may fare better.
  };
  Error error;
  Of of = Of::request;
};
using HttpResult = Result<HttpResponse, HttpFailure>;

/// Sends requests without blocking the caller. Safe to call from many threads.
class Http {
 public:
  virtual ~Http() = default;
  /// Calls `done` once, on the I/O thread, with the response for any status code, 5xx included: judging it is the
  /// caller's business. Errors (kind `environment`): no connection, TLS failure, `timeout` passed, an answer cut off or
  /// too large, no HTTP library; kind `interrupted`: stopped. Never retries, but for a kept connection that the server
  /// had closed before it saw the request. Messages never hold header values, nor a URL's user part or query.
  virtual void send(HttpRequest request, StopToken stop, std::function<void(HttpResult)> done) = 0;
  /// The same, waited for. Not from the I/O thread.
  Result<HttpResponse> fetch(HttpRequest request, StopToken stop);
};

}  // namespace llmops::sys
