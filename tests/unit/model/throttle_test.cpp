#include "model/throttle.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "model/opened_models.h"
#include "unit/model/asker_run.h"

namespace llmops::model {
namespace {

using Time = RateWindow::Time;
using std::chrono::seconds;

Time at(double s) { return Time{} + Duration(static_cast<std::int64_t>(s * 1000)); }

sys::HttpResponse with_headers(sys::HttpResponse response, std::vector<std::pair<std::string, std::string>> headers) {
  response.headers = std::move(headers);
  return response;
}

}  // namespace

TEST_SUITE("model/rate_window") {
  TEST_CASE("so many requests go at once, the next a minute and a second after the first") {
    RateWindow window;
    window.limits.requests = 3;
    for (const double second : {0.0, 1.0, 5.0}) {
      CHECK(window.next(at(second), 0) == at(second));
      window.note_sent(at(second), 0);
    }
    CHECK(window.next(at(6), 0) == at(61));
    CHECK(window.next(at(61), 0) == at(61));
    window.note_sent(at(61), 0);
    CHECK(window.next(at(61), 0) == at(62));
  }

  TEST_CASE("tokens wait until enough of the older ones are a minute old") {
    RateWindow window;
    window.limits.tokens = 100;
    window.note_sent(at(0), 30);
    window.note_sent(at(10), 30);
    window.note_sent(at(20), 30);
    CHECK(window.next(at(21), 10) == at(21));
    CHECK(window.next(at(21), 11) == at(61));
    CHECK(window.next(at(21), 70) == at(71));
  }

  TEST_CASE("what a query took in truth counts in place of what was expected") {
    RateWindow window;
    window.limits.tokens = 100;
    const auto number = window.note_sent(at(0), 90);
    CHECK(window.next(at(1), 20) == at(61));
    window.correct(number, 10);
    CHECK(window.next(at(1), 90) == at(1));
    CHECK(window.next(at(62), 100) == at(62));
    window.correct(number, 1000);  // it counts no more
    CHECK(window.next(at(62), 100) == at(62));
  }

  TEST_CASE("a query of more tokens than the limit goes alone") {
    RateWindow window;
    window.limits.tokens = 100;
    CHECK(window.next(at(0), 1000) == at(0));
    window.note_sent(at(0), 1000);
    CHECK(window.next(at(1), 1) == at(61));
  }

  TEST_CASE("no minute at the server ever has more, though requests take up to a second to get there") {
    std::mt19937 random(7);
    RateWindow window;
    window.limits = {20, 1000};
    std::vector<std::pair<Time, std::int64_t>> arrived;
    Time now{};
    for (int i = 0; i < 3000; ++i) {
      const auto tokens = static_cast<std::int64_t>(random() % 200);
      now = window.next(now, tokens);
      REQUIRE(window.next(now, tokens) == now);
      window.note_sent(now, tokens);
      arrived.emplace_back(now + Duration(random() % 1000), tokens);
      now += Duration(random() % 4000);
    }
    std::sort(arrived.begin(), arrived.end());
    for (std::size_t first = 0; first < arrived.size(); ++first) {
      std::int64_t requests = 0, tokens = 0;
      for (auto i = first; i < arrived.size() && arrived[i].first < arrived[first].first + seconds(60); ++i) {
        ++requests;
        tokens += arrived[i].second;
      }
      REQUIRE(requests <= 20);
      REQUIRE(tokens <= 1000);
    }
  }

  TEST_CASE("of two limits the narrower counts") {
    CHECK(RateLimits::narrower({10, {}}, {20, 300}) == RateLimits{10, 300});
    CHECK(RateLimits::narrower({}, {}) == RateLimits{});
  }
}

TEST_SUITE("model/congestion") {
  TEST_CASE("a moment of too much halves once, and each full round of answers lets one more") {
    Congestion congestion;
    congestion.add_room(16);
    std::vector<std::uint64_t> sent;
    for (int i = 0; i < 16; ++i) sent.push_back(congestion.note_sent());

    for (std::size_t i = 0; i < 6; ++i) congestion.overloaded(sent[i], 16 - static_cast<std::int64_t>(i));
    CHECK(congestion.at_once() == 8);
    for (std::size_t i = 6; i < 16; ++i) congestion.answered(sent[i]);
    CHECK(congestion.at_once() == 8);

    for (int i = 0; i < 9; ++i) congestion.answered(congestion.note_sent());
    CHECK(congestion.at_once() == 9);
    congestion.overloaded(congestion.note_sent(), 9);
    CHECK(congestion.at_once() == 4);
  }

  TEST_CASE("it never falls below one, nor grows beyond what was asked for") {
    Congestion congestion;
    congestion.add_room(2);
    for (int i = 0; i < 5; ++i) congestion.overloaded(congestion.note_sent(), 1);
    CHECK(congestion.at_once() == 1);
    for (int i = 0; i < 50; ++i) congestion.answered(congestion.note_sent());
    CHECK(congestion.at_once() == 2);
  }
}

TEST_SUITE("model/asker/rates") {
  TEST_CASE("so many requests a minute are sent, and the person is told once what is waited for") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    model.config.requests_per_minute = 4;
    Texts notes;
    run.limits.on_note = [&](const std::string& note) { notes.push_back(note); };
    std::vector<Time> sent;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) {
      sent.push_back(run.outside.clock.monotonic());
      run.outside.clock.advance(Duration{500});
      return echo(request);
    };

    REQUIRE(run.ask(model, numbered(10)));

    REQUIRE(sent.size() == 10);
    for (std::size_t i = 0; i + 4 < sent.size(); ++i) CHECK(sent[i + 4] - sent[i] >= seconds(60));
    CHECK(sent.back() - sent.front() < seconds(125));
    CHECK(notes == Texts{"waiting for the rate limit of `cloud`: 59 s"});
  }

  TEST_CASE("tries count as requests") {
    Run run;
    auto model = api();
    model.config.requests_per_minute = 2;
    run.outside.http.on_request = failing(3, http_answer(500, ""));
    const auto start = run.outside.clock.monotonic();

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(totals->retries == 3);
    CHECK(run.outside.clock.monotonic() - start >= seconds(60));
    CHECK(run.outside.clock.monotonic() - start < seconds(65));
  }

  TEST_CASE("tokens a minute are kept by what answers took") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    model.config.tokens_per_minute = 1000;  // each query takes 120
    std::vector<Time> sent;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) {
      sent.push_back(run.outside.clock.monotonic());
      return echo(request);
    };

    REQUIRE(run.ask(model, numbered(20)));

    std::size_t first_minute = 0;
    for (const auto when : sent) first_minute += when - sent.front() < seconds(60) ? 1 : 0;
    CHECK(first_minute == 8);  // the next would make 1080 of them
  }

  TEST_CASE("models with the same server, name and key share its limit, whatever they are called") {
    Run run;
    auto one = api(), two = api();
    two.name = "other";
    two.config.parameters.temperature = 1;
    one.config.requests_per_minute = 3;
    const auto start = run.outside.clock.monotonic();

    REQUIRE(run.ask_all(6, [&](std::size_t i) {
      return Ask{i, i % 2 == 0 ? &one : &two, question(std::to_string(i))};
    }));
    const auto shared = run.outside.clock.monotonic() - start;
    two.config.api_key = "another";
    REQUIRE(run.ask_all(6, [&](std::size_t i) {
      return Ask{i, i % 2 == 0 ? &one : &two, question("b" + std::to_string(i))};
    }));

    CHECK(shared >= seconds(61));
    CHECK(run.outside.clock.monotonic() - start - shared < seconds(1));
  }

  TEST_CASE("a server that says that nothing is left is not asked until its reset") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    Texts notes;
    run.limits.on_note = [&](const std::string& note) { notes.push_back(note); };
    run.outside.http.on_request = [&](const sys::HttpRequest& request) -> sys::HttpResult {
      auto out = echo(request);
      if (prompt_of(request) == "q1") {
        return with_headers(*std::move(out),
                            {{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "12s"}});
      }
      return out;
    };
    const auto start = run.outside.clock.monotonic();

    const auto totals = run.ask(model, numbered(4));

    REQUIRE(totals);
    CHECK(totals->errors == 0);
    CHECK(totals->retries == 0);
    CHECK(run.outside.clock.monotonic() - start == Duration{12'000});
    CHECK(notes == Texts{"waiting as asked by the server of `cloud`: 12 s"});
  }

  TEST_CASE("a reset that is hours away is not waited for") {
    Run run;
    const auto model = api();
    run.outside.http.on_request = [&](const sys::HttpRequest& request) -> sys::HttpResult {
      return with_headers(*echo(request),
                          {{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "8h12m"}});
    };
    const auto start = run.outside.clock.monotonic();

    REQUIRE(run.ask(model, numbered(4)));

    CHECK(run.answers.size() == 4);
    CHECK(run.outside.clock.monotonic() == start);
  }

  TEST_CASE("a Retry-After holds back what others ask of that model") {
    Throttle throttle;
    throttle.add({}, 8);
    const auto first = throttle.take(at(0), question("a"), nullptr);
    REQUIRE(first.verdict == Turn::Verdict::go);
    REQUIRE(throttle.take(at(0), question("b"), nullptr).verdict == Turn::Verdict::go);

    throttle.end(first, {.overloaded = true, .pause = Duration{30'000}}, at(1));

    const auto other = throttle.take(at(2), question("c"), nullptr);
    CHECK(other.verdict == Turn::Verdict::full);  // one is on its way, and it was too much
    throttle.end({.number = 2}, {.answered = true}, at(3));
    const auto later = throttle.take(at(3), question("c"), nullptr);
    CHECK(later.verdict == Turn::Verdict::later);
    CHECK(later.at == at(31));
    CHECK(later.hold == Turn::Hold::server);
    CHECK(throttle.take(at(31), question("c"), nullptr).verdict == Turn::Verdict::go);
  }

  TEST_CASE("a server that can take two at once is asked ever less at once until it answers all") {
    Run run;
    auto model = api();
    model.config.concurrency = 16;
    model.config.retry = {20, Duration{0}};
    run.outside.http.hold();
    std::size_t refused = 0;
    std::vector<std::size_t> waiting;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) -> sys::HttpResult {
      waiting.push_back(run.outside.http.in_flight());
      if (waiting.back() <= 2) return echo(request);
      ++refused;
      return http_answer(429, "");
    };
    std::jthread opener([&] {
      CHECK(run.outside.http.wait_in_flight(16));
      run.outside.http.release();
    });

    const auto totals = run.ask(model, numbered(60));

    REQUIRE(totals);
    CHECK(totals->errors == 0);
    CHECK(run.answers.size() == 60);
    CHECK(refused < 120);  // without it, seven of eight tries
    const auto last = waiting.end() - 30;
    CHECK(*std::max_element(last, waiting.end()) <= 4);
  }

  TEST_CASE("`retry` without tries asks once") {
    Run run;
    auto model = api();
    model.config.retry.times = 0;
    run.outside.http.on_request = failing(1, http_answer(429, ""));

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(totals->errors == 1);
    CHECK(totals->retries == 0);
    CHECK(run.outside.http.count() == 1);
  }
}

}  // namespace llmops::model
