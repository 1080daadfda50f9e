#pragma once
/// \file  A small HTTP/1.1 server on 127.0.0.1, for tests of clients: it answers as told, wrongly where told so.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"

namespace llmops::testing {

class LoopbackServer {
 public:
  struct Request {
    std::string head, method, path, body;
    /// The line of the head that begins with this (lower-case) name, without the name; `-` where there is none.
    std::string header(const std::string& name) const {
      for (const auto& line : text::split(head, '\n')) {
        if (text::lower(line).starts_with(name + ":")) {
          return std::string(text::trim(std::string_view(line).substr(name.size() + 1)));
        }
      }
      return "-";
    }
  };
  enum class After { keep, close };
  struct Answer {
    std::string bytes;  ///< Sent as they are.
    After after = After::keep;
  };
  /// Called on the connection's thread. It may block until `stopping()`.
  using Handler = std::function<Answer(const Request&)>;

  explicit LoopbackServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 512);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~LoopbackServer() {
    stopping_ = true;
    acceptor_.join();
    for (auto& connection : connections_) connection.join();
    close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  int port() const { return port_; }
  int connections() const { return accepted_; }
  bool stopping() const { return stopping_; }
  void wait_for_the_end() const {
    while (!stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  static std::string answer(const std::string& status, const std::string& body, const std::string& more_head = {}) {
    const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return "HTTP/1.1 " + status + "\r\n" + length + more_head + "\r\n" + body;
  }

 private:
  bool readable(int fd) const {
    while (!stopping_) {
      pollfd ready{fd, POLLIN, 0};
      if (poll(&ready, 1, 20) > 0) return true;
    }
    return false;
  }

  void accept_all() {
    while (readable(listener_)) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      ++accepted_;
      connections_.emplace_back([this, connection] {
        serve(connection);
        close(connection);
      });
    }
  }

  void serve(int connection) const {
    std::string got;
    Request request;
    while (read_request(connection, got, request)) {
      const auto answer = handler_(request);
      std::string_view left = answer.bytes;
      while (!left.empty()) {
        const auto sent = send(connection, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      if (answer.after == After::close) return;
    }
  }

  bool more(int connection, std::string& got) const {
    char chunk[65536];
    if (!readable(connection)) return false;
    const auto size = recv(connection, chunk, sizeof chunk, 0);
    if (size <= 0) return false;
    got.append(chunk, static_cast<std::size_t>(size));
    return true;
  }

  bool read_request(int connection, std::string& got, Request& request) const {
    while (got.find("\r\n\r\n") == std::string::npos) {
      if (!more(connection, got)) return false;
    }
    const auto head_end = got.find("\r\n\r\n") + 4;
    request.head = got.substr(0, head_end);
    const auto words = text::split(request.head.substr(0, request.head.find('\r')), ' ');
    request.method = words.at(0);
    request.path = words.at(1);
    const auto length = static_cast<std::size_t>(text::to_int(request.header("content-length")).value_or(0));
    while (got.size() < head_end + length) {
      if (!more(connection, got)) return false;
    }
    request.body = got.substr(head_end, length);
    got.erase(0, head_end + length);
    return true;
  }

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> accepted_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> connections_;
};

}  // namespace llmops::testing
