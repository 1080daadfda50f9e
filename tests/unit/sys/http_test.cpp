#include "sys/http.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include "fakes/fake_env.h"
#include "sys/real/event_loop.h"
#include "sys/real/real_http.h"
#include "unit/sys/loopback_server.h"

using namespace llmops;
using namespace llmops::sys;
using namespace std::chrono_literals;
using llmops::testing::LoopbackServer;

namespace {

using Request = LoopbackServer::Request;
using Answer = LoopbackServer::Answer;
using After = LoopbackServer::After;

Answer says(const std::string& body) { return {LoopbackServer::answer("200 OK", body)}; }

struct Client {
  EventLoop loop;
  RealHttp http{loop};
  Client() { setenv("no_proxy", "*", 1); }

  Result<HttpResponse> fetch(HttpRequest request, StopToken stop = {}) {
    return http.fetch(std::move(request), std::move(stop));
  }
  Result<HttpResponse> get(const std::string& url) { return fetch({.url = url}); }
};

/// Counts answers that come on the I/O thread.
class Tally {
 public:
  std::function<void(HttpResult)> counter() {
    return [this](const HttpResult& result) {
      const std::lock_guard lock(mutex_);
      if (result) ++answered_;
      if (!result && result.error().error.kind == ErrorKind::interrupted) ++interrupted_;
      ++all_;
      changed_.notify_all();
    };
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_ >= count; });
  }
  int answered() const { return answered_; }
  int interrupted() const { return interrupted_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int answered_ = 0, interrupted_ = 0, all_ = 0;
};

}  // namespace

TEST_SUITE("sys/http") {
  TEST_CASE("a request arrives as given, and the answer comes back whole") {
    Request seen;
    LoopbackServer server([&](const Request& request) {
      seen = request;
      return Answer{LoopbackServer::answer("201 Created", "hello", "X-Two: a\r\nx-two:  b \r\n")};
    });
    Client client;

    const auto response = client.fetch({.method = "POST",
                                        .url = server.url("/path?q=1"),
                                        .headers = {{"X-Key", Secret("sesame")}, {"X-Empty", Secret("")}},
                                        .body = std::string("a\0b", 3)});

    REQUIRE(response);
    CHECK(response->status == 201);
    CHECK(response->body == "hello");
    CHECK(response->header("x-two") == "a");
    CHECK(response->header("none").empty());
    CHECK(response->headers ==
          std::vector<std::pair<std::string, std::string>>{{"content-length", "5"}, {"x-two", "a"}, {"x-two", "b"}});
    CHECK(seen.method == "POST");
    CHECK(seen.path == "/path?q=1");
    CHECK(seen.head.find(" HTTP/1.1\r\n") != std::string::npos);
    CHECK(seen.header("x-key") == "sesame");
    CHECK(seen.header("x-empty").empty());
    CHECK(seen.header("content-type") == "-");
    CHECK(seen.header("expect") == "-");
    CHECK(seen.body == std::string("a\0b", 3));
  }

  TEST_CASE("every method is sent as named, with its body where there is one") {
    LoopbackServer server([](const Request& request) {
      if (request.method == "HEAD") return Answer{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX-Method: HEAD\r\n\r\n"};
      return Answer{LoopbackServer::answer("200 OK", request.body, "X-Method: " + request.method + "\r\n")};
    });
    Client client;

    for (const auto* const method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "GET"}) {
      for (const auto* const body : {"", "body"}) {
        const auto response = client.fetch({.method = method, .url = server.url("/"), .body = body});
        REQUIRE(response);
        CHECK(response->header("x-method") == method);
        CHECK(response->body == (std::string(method) == "HEAD" ? "" : body));
      }
    }
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a connection is kept for the next request") {
    LoopbackServer server([](const Request&) { return says("x"); });
    Client client;

    for (int i = 0; i < 10; ++i) REQUIRE(client.get(server.url("/")));

    CHECK(server.connections() == 1);
  }

  TEST_CASE("a kept connection that the server has closed is replaced") {
    LoopbackServer server([](const Request&) { return Answer{LoopbackServer::answer("200 OK", "x"), After::close}; });
    Client client;

    for (int i = 0; i < 10; ++i) REQUIRE(client.get(server.url("/")));

    CHECK(server.connections() == 10);
  }

  TEST_CASE("a status of 500 is a response") {
    LoopbackServer server([](const Request&) { return Answer{LoopbackServer::answer("500 Oops", "broken")}; });
    Client client;

    const auto response = client.get(server.url("/"));

    REQUIRE(response);
    CHECK(response->status == 500);
    CHECK(response->body == "broken");
  }

  TEST_CASE("an answer cut off is an error, by length and by chunks") {
    LoopbackServer server([](const Request& request) {
      if (request.path == "/length") return Answer{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", After::close};
      if (request.path == "/chunks") {
        return Answer{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf", After::close};
      }
      return Answer{"", After::close};
    });
    Client client;

    for (const auto* const path : {"/length", "/chunks", "/nothing"}) {
      const auto response = client.get(server.url(path));
      REQUIRE_FALSE(response);
      CHECK(response.error().kind == ErrorKind::environment);
      CHECK(response.error().message.starts_with("the answer to `GET " + server.url(path) + "` was cut off: "));
    }
  }

  TEST_CASE("garbage for an answer is an error") {
    LoopbackServer server([](const Request&) { return Answer{"SSH-2.0-OpenSSH_9.2\r\n\r\nnonsense", After::close}; });
    Client client;

    const auto response = client.get(server.url("/"));

    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::environment);
    CHECK(response.error().message.find("is not HTTP as expected") != std::string::npos);
  }

  TEST_CASE("no answer within the timeout is an error") {
    std::unique_ptr<LoopbackServer> server;
    server = std::make_unique<LoopbackServer>([&](const Request&) {
      server->wait_for_the_end();
      return Answer{"", After::close};
    });
    Client client;

    const auto response = client.fetch({.url = server->url("/slow"), .timeout = 100ms});

    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::environment);
    CHECK(response.error().message == "`GET " + server->url("/slow") + "` was not answered within 100ms");
  }

  TEST_CASE("an answer larger than is taken is an error") {
    LoopbackServer server([](const Request&) { return says(std::string(100'000, 'x')); });
    Client client;

    const auto fits = client.fetch({.url = server.url("/"), .max_body = 100'000});
    const auto larger = client.fetch({.url = server.url("/"), .max_body = 99'999});

    CHECK(fits);
    REQUIRE_FALSE(larger);
    CHECK(larger.error().kind == ErrorKind::environment);
    CHECK(larger.error().message.find("is larger than") != std::string::npos);
  }

  TEST_CASE("a body is handed over as it comes, until the receiver has enough") {
    LoopbackServer server([](const Request&) { return says(std::string(3'000'000, 'x')); });
    Client client;
    std::size_t got = 0, calls = 0;

    const auto whole = client.fetch({.url = server.url("/"), .on_body = [&](std::string_view bytes) {
                                       got += bytes.size();
                                       return true;
                                     }});
    const auto broken_off = client.fetch({.url = server.url("/"), .on_body = [&](std::string_view) {
                                            ++calls;
                                            return false;
                                          }});

    REQUIRE(whole);
    CHECK(whole->body.empty());
    CHECK(got == 3'000'000);
    REQUIRE_FALSE(broken_off);
    CHECK(broken_off.error().kind == ErrorKind::interrupted);
    CHECK(calls == 1);
  }

  TEST_CASE("a stop ends a request under way, and one not yet sent") {
    StopSource source;
    std::unique_ptr<LoopbackServer> server;
    server = std::make_unique<LoopbackServer>([&](const Request&) {
      source.request_stop();
      server->wait_for_the_end();
      return Answer{"", After::close};
    });
    Client client;

    const auto under_way = client.fetch({.url = server->url("/")}, source.get_token());
    const auto not_sent = client.fetch({.url = server->url("/")}, source.get_token());

    REQUIRE_FALSE(under_way);
    CHECK(under_way.error().kind == ErrorKind::interrupted);
    REQUIRE_FALSE(not_sent);
    CHECK(not_sent.error().kind == ErrorKind::interrupted);
    CHECK(server->connections() == 1);
  }

  TEST_CASE("64 requests are under way at once") {
    std::mutex mutex;
    std::condition_variable changed;
    int waiting = 0;
    LoopbackServer server([&](const Request&) {  // answers none before all have come
      std::unique_lock lock(mutex);
      ++waiting;
      changed.notify_all();
      changed.wait(lock, [&] { return waiting >= 64; });
      return says("all here");
    });
    Client client;
    Tally tally;

    for (int i = 0; i < 64; ++i) client.http.send({.url = server.url("/")}, {}, tally.counter());
    tally.wait_for(64);

    CHECK(tally.answered() == 64);
  }

  TEST_CASE("requests may be sent from the answer of another, and from many threads") {
    LoopbackServer server([](const Request&) { return says("x"); });
    Client client;
    Tally tally;
    const auto count = tally.counter();

    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
          for (int j = 0; j < 25; ++j) {
            client.http.send({.url = server.url("/first")}, {}, [&](const HttpResult& first) {
              count(first);
              client.http.send({.url = server.url("/second")}, {}, count);
            });
          }
        });
      }
    }
    tally.wait_for(400);

    CHECK(tally.answered() == 400);
  }

  TEST_CASE("requests under way when the client goes are answered as interrupted") {
    std::unique_ptr<LoopbackServer> server;
    std::atomic<int> arrived = 0;
    server = std::make_unique<LoopbackServer>([&](const Request&) {
      ++arrived;
      server->wait_for_the_end();
      return Answer{"", After::close};
    });
    Tally tally;

    {
      Client client;
      for (int i = 0; i < 5; ++i) client.http.send({.url = server->url("/")}, {}, tally.counter());
      while (arrived < 5) std::this_thread::yield();
    }

    CHECK(tally.interrupted() == 5);
  }

  TEST_CASE("redirects are followed when asked, and another host does not get the authorization") {
    std::unique_ptr<LoopbackServer> server;
    server = std::make_unique<LoopbackServer>([&](const Request& request) {
      const auto to = [](const std::string& place) {
        return Answer{LoopbackServer::answer("302 Found", "", "X-Old: 1\r\nLocation: " + place + "\r\n")};
      };
      if (request.path == "/same") return to("/end");
      if (request.path == "/other") return to(server->url("/end", "localhost"));
      if (request.path == "/file") return to("file:///etc/passwd");
      if (request.path == "/loop") return to("/loop");
      return says(request.method + " " + request.header("authorization"));
    });
    Client client;
    const auto fetch = [&](const std::string& path, bool follow) {
      return client.fetch({.url = server->url(path),
                           .headers = {{"Authorization", Secret("Bearer sesame")}},
                           .follow_redirects = follow});
    };

    const auto not_followed = fetch("/same", false);
    const auto same = fetch("/same", true);
    const auto other = fetch("/other", true);

    REQUIRE(not_followed);
    CHECK(not_followed->status == 302);
    REQUIRE(same);
    CHECK(same->body == "GET Bearer sesame");
    REQUIRE(other);
    CHECK(other->body == "GET -");
    CHECK(other->header("x-old").empty());
    CHECK_FALSE(fetch("/file", true));
    CHECK_FALSE(fetch("/loop", true));
  }

  TEST_CASE("nobody listening is an error that names the address, without what may be secret in it") {
    int port = 0;
    {
      port = LoopbackServer([](const Request&) { return says(""); }).port();
    }
    Client client;
    const auto address = "127.0.0.1:" + std::to_string(port);

    const auto response = client.get("http://user:secret@" + address + "/path?key=secret#secret");

    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::environment);
    CHECK(response.error().message.starts_with("could not connect for `GET http://" + address + "/path`: "));
    CHECK(response.error().message.find("secret") == std::string::npos);
  }

  TEST_CASE("a request that cannot be sent is an error that says why, without a header's value") {
    Client client;
    const auto error_of = [&](HttpRequest request) {
      const auto response = client.fetch(std::move(request));
      REQUIRE_FALSE(response);
      CHECK(response.error().kind == ErrorKind::environment);
      return response.error().message;
    };

    CHECK(error_of({.url = "file:///etc/passwd"}) ==
          "could not send `GET file:///etc/passwd`: its address begins with neither `http://` nor `https://`");
    CHECK(error_of({.url = "http://host/a b"}).ends_with("its address holds a space or a control character"));
    CHECK(error_of({.method = "GET /\r\nX:", .url = "http://host/"}).ends_with("its method is not a word"));
    CHECK(error_of({.url = "http://host/", .headers = {{"X-Key", Secret("sesame\n")}}}) ==
          "could not send `GET http://host/`: the value of header `X-Key` holds a line break or a zero byte");
  }

  TEST_CASE("TLS to a server that does not speak it is an error") {
    LoopbackServer server([](const Request&) { return says("x"); });
    Client client;

    const auto response =
        client.fetch({.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/", .timeout = 500ms});

    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::environment);
  }

  TEST_CASE("a failure tells whether the server was reached at all") {
    using Of = HttpFailure::Of;
    std::unique_ptr<LoopbackServer> silent;
    silent = std::make_unique<LoopbackServer>([&](const Request&) {
      silent->wait_for_the_end();
      return Answer{"", After::close};
    });
    LoopbackServer rude([](const Request&) { return Answer{"", After::close}; });
    const auto nobody = LoopbackServer([](const Request&) { return says(""); }).port();
    Client client;
    const auto of = [&](const std::string& url) {
      std::promise<HttpResult> told;
      client.http.send({.url = url, .timeout = 300ms}, {},
                       [&](HttpResult result) { told.set_value(std::move(result)); });
      auto result = told.get_future().get();
      REQUIRE_FALSE(result);
      return result.error().of;
    };

    CHECK(of(silent->url("/")) == Of::request);
    CHECK(of(rude.url("/")) == Of::request);
    CHECK(of("http://127.0.0.1:" + std::to_string(nobody) + "/") == Of::server);
    CHECK(of("http://no-such-host.invalid/") == Of::server);
    CHECK(of("https://127.0.0.1:" + std::to_string(rude.port()) + "/") == Of::server);
    CHECK(of("https://127.0.0.1:" + std::to_string(silent->port()) + "/") == Of::server);
    CHECK(of("ftp://127.0.0.1/") == Of::server);
  }

  TEST_CASE("the variables of curl and OpenSSL say whose certificates are trusted") {
    const auto file = [](std::initializer_list<std::pair<const std::string, std::string>> env) {
      return http_trust(llmops::fakes::FakeEnv(env)).file;
    };

    CHECK(file({}).empty());
    CHECK(file({{"SSL_CERT_FILE", "/a.pem"}}) == "/a.pem");
    CHECK(file({{"SSL_CERT_FILE", "/a.pem"}, {"CURL_CA_BUNDLE", "/b.pem"}}) == "/b.pem");
    CHECK(file({{"SSL_CERT_FILE", "/a.pem"}, {"CURL_CA_BUNDLE", ""}}) == "/a.pem");
    CHECK(http_trust(llmops::fakes::FakeEnv({{"SSL_CERT_DIR", "/certs"}})).folder == "/certs");
  }

  TEST_CASE("without libcurl a request is an error that says what to install") {
    EventLoop loop;
    RealHttp http(loop, {}, {"libno-such-curl.so.4"});

    const auto response = http.fetch({.url = "http://127.0.0.1:1/"}, {});

    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::environment);
    CHECK(response.error().message == "could not load `libcurl.so.4`, which HTTP requests need");
    CHECK(response.error().hint.find("install libcurl") != std::string::npos);
  }
}
