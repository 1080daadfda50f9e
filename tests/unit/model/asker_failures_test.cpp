#include <doctest/doctest.h>

#include "model/backoff.h"
#include "unit/model/asker_run.h"

namespace llmops::model {

namespace {

sys::HttpFailure no_connection() { return {environment_error("could not connect"), sys::HttpFailure::Of::server}; }

}  // namespace

TEST_SUITE("model/asker/failures") {
  TEST_CASE("failures that may pass are tried again after growing waits") {
    Run run;
    const auto model = api();
    run.outside.http.on_request = failing(3, http_answer(503, "busy"));
    const auto before = run.outside.clock.monotonic();

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:a"});
    CHECK(run.answers.front().retries == 3);
    CHECK(totals->retries == 3);
    CHECK(totals->asked == 1);
    // The fake clock's chance is 1, 2, 3.
    CHECK(run.outside.clock.monotonic() - before == Duration{6});
  }

  TEST_CASE("failures that stay are errors after the last try, and are not kept") {
    Run run;
    const auto model = api();
    run.outside.http.on_request = failing(5, http_answer(500, ""));

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0!`http://cloud.test/v1/chat/completions` answered 500 for model `cloud`"});
    CHECK(totals->errors == 1);
    CHECK(totals->retries == 4);
    CHECK(run.table.size()->values == 0);
    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.told() == Texts{"0:a"});
  }

  TEST_CASE("failures that can't pass are not tried again") {
    Run run;
    const auto model = api();
    run.outside.http.on_request = failing(1, http_answer(400, R"({"error":{"message":"too long"}})"));

    REQUIRE(run.ask(model, {"a"}));

    CHECK(run.told() ==
          Texts{"0!`http://cloud.test/v1/chat/completions` answered 400 for model `cloud`; server said: too long"});
    CHECK(run.outside.http.count() == 1);
  }

  TEST_CASE("Retry-After is waited for, by every query to that model") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    auto busy = http_answer(429, "");
    busy.headers = {{"retry-after", "30"}};
    run.outside.http.on_request = failing(1, busy);
    const auto start = run.outside.clock.monotonic();

    const auto totals = run.ask(model, {"a", "b"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:a", "1:b"});
    CHECK(run.outside.clock.monotonic() - start >= Duration{30'000});
    CHECK(run.outside.clock.monotonic() - start < Duration{33'001});
  }

  TEST_CASE("a Retry-After of more than ten minutes is not waited for") {
    Run run;
    const auto model = api();
    auto busy = http_answer(429, "");
    busy.headers = {{"retry-after", "3600"}};
    run.outside.http.on_request = failing(1, busy);

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(totals->errors == 1);
    CHECK(totals->retries == 0);
  }

  TEST_CASE("after three failures that hit everything the rest fails at once with the same error") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    run.outside.http.on_request = failing(1000, http_answer(401, R"({"error":{"message":"bad key"}})"));

    const auto totals = run.ask(model, numbered(50));

    REQUIRE(totals);
    CHECK(totals->errors == 50);
    CHECK(run.outside.http.count() <= 4);  // the fourth may go out while the third comes in
    for (const auto& asked : run.answers) CHECK(asked.error->message.ends_with("server said: bad key"));
  }

  TEST_CASE("kept answers are still delivered of a model that was given up") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    REQUIRE(run.ask(model, {"last"}));
    run.outside.http.on_request = failing(1000, http_answer(401, ""));
    auto texts = numbered(5);
    texts.push_back("last");

    const auto totals = run.ask(model, texts);

    REQUIRE(totals);
    CHECK(totals->errors == 5);
    CHECK(run.told().back() == "5:last*");
  }

  TEST_CASE("a model that answered once is not given up for a server that refuses or is gone") {
    for (const auto& gone : {sys::HttpResult(http_answer(403, "")), sys::HttpResult(no_connection())}) {
      Run run;
      auto model = api();
      model.config.concurrency = 1;
      run.outside.http.on_request = [&gone, n = 0](const sys::HttpRequest& request) mutable -> sys::HttpResult {
        return ++n > 1 && prompt_of(request) != "q40" ? gone : echo(request);
      };

      const auto totals = run.ask(model, numbered(41));

      REQUIRE(totals);
      CHECK(totals->errors == 39);
      CHECK(run.told().front() == "0:q0");
      CHECK(run.told().back() == "40:q40");
    }
  }

  TEST_CASE("while the server is gone, what is left is asked once each") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    run.outside.http.on_request = [n = 0](const sys::HttpRequest& request) mutable -> sys::HttpResult {
      if (++n == 1) return echo(request);
      return no_connection();
    };

    const auto totals = run.ask(model, numbered(101));

    REQUIRE(totals);
    CHECK(totals->errors == 100);
    CHECK(totals->asked == 101);
    CHECK(totals->retries <= 5 * 4);  // of the first three, and of what was on its way by then
  }

  TEST_CASE("a server that was never reached ends the asking of its model, with one error for all") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    run.outside.http.on_request = [](const sys::HttpRequest&) -> sys::HttpResult { return no_connection(); };

    const auto totals = run.ask(model, numbered(100));

    REQUIRE(totals);
    CHECK(totals->errors == 100);
    CHECK(totals->asked <= 4);
    for (const auto& asked : run.answers) CHECK(asked.error->message == "could not connect");
  }

  TEST_CASE("queries that are not answered in time are errors of their own, however many") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    model.config.retry.times = 1;
    run.outside.http.on_request = [](const sys::HttpRequest& request) -> sys::HttpResult {
      if (prompt_of(request).starts_with("huge")) return sys::HttpFailure{environment_error("not answered in time")};
      return echo(request);
    };
    Texts texts(20, "");
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = (i < 10 ? "huge " : "small ") + std::to_string(i);

    const auto totals = run.ask(model, texts);

    REQUIRE(totals);
    CHECK(totals->errors == 10);
    CHECK(totals->asked == 20);
    CHECK(totals->retries == 10);
    CHECK(run.told()[9] == "9!not answered in time");
    CHECK(run.told()[10] == "10:small 10");
  }

  TEST_CASE("a query that is not answered in time shows that the server is there") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    model.config.retry.times = 0;
    run.outside.http.on_request = [n = 0](const sys::HttpRequest& request) mutable -> sys::HttpResult {
      if (++n > 9) return echo(request);
      if (n % 3 == 0) return sys::HttpFailure{environment_error("not answered in time")};
      return no_connection();
    };

    const auto totals = run.ask(model, numbered(12));

    REQUIRE(totals);
    CHECK(totals->errors == 9);
    CHECK(run.told().back() == "11:q11");
  }

  TEST_CASE("a server that is busy for ever ends each query after its tries, and no other") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    auto busy = http_answer(429, "");
    busy.headers = {{"retry-after", "1"}};
    run.outside.http.on_request = [busy](const sys::HttpRequest& request) -> sys::HttpResult {
      if (prompt_of(request) != "q9") return busy;
      return echo(request);
    };

    const auto totals = run.ask(model, numbered(10));

    REQUIRE(totals);
    CHECK(totals->errors == 9);
    CHECK(totals->retries == 9 * 4);
    CHECK(run.told().back() == "9:q9");
  }

  TEST_CASE("a quota that is used up ends the asking, even after answers") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    run.outside.http.on_request = [n = 0](const sys::HttpRequest& request) mutable -> sys::HttpResult {
      if (++n > 5) return http_answer(402, "");
      return echo(request);
    };

    const auto totals = run.ask(model, numbered(50));

    REQUIRE(totals);
    CHECK(totals->errors == 45);
    CHECK(totals->asked <= 9);
  }

  TEST_CASE("a model that is given up does not hold back the others") {
    Run run;
    const auto good = api("good"), bad = api("bad");
    run.outside.http.on_request = [](const sys::HttpRequest& request) -> sys::HttpResult {
      if (request.url.starts_with("http://bad")) return http_answer(404, "");
      return echo(request);
    };

    const auto totals = run.ask_all(40, [&](std::size_t i) {
      return Ask{i, i % 2 == 0 ? &good : &bad, question("q" + std::to_string(i))};
    });

    REQUIRE(totals);
    CHECK(totals->errors == 20);
    CHECK(std::count_if(run.answers.begin(), run.answers.end(), [](const Asked& a) { return a.answer.has_value(); }) ==
          20);
  }

  TEST_CASE("a budget of queries leaves the rest unasked, without an error, and still gives what is kept") {
    Run run;
    const auto model = api();
    REQUIRE(run.ask(model, {"q9"}));
    run.limits.budget.queries = 3;

    const auto totals = run.ask(model, numbered(10));

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:q0", "1:q1", "2:q2", "9:q9*"});
    CHECK(totals->budget_end);
    CHECK(totals->asked == 3);
    CHECK(totals->errors == 0);
  }

  TEST_CASE("a budget in USD is not passed, with many queries on their way") {
    Run run;
    const auto model = api();
    run.limits.budget.usd = Usd{1.0};  // 0.12 each: eight of them

    const auto totals = run.ask(model, numbered(50));

    REQUIRE(totals);
    CHECK(totals->budget_end);
    CHECK(run.answers.size() == 8);
    CHECK(totals->cost->value == doctest::Approx(0.96));
  }

  TEST_CASE("an amount that several spend at the same time is not passed by them together") {
    Run run;
    const auto model = api();
    Budget budget({.usd = Usd{1.0}}, Budget::Owner::command, {});  // 0.12 each: eight of them
    AskLimits limits;
    limits.shared = &budget;
    Asker asker(run.outside.context(), run.table, CacheMode::use);
    std::atomic<int> answered = 0, ended = 0;
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i) {
      askers.emplace_back([&, i] {
        int next = 0;
        const auto end = asker.ask(
            [&]() -> std::optional<Ask> {
              if (next == 20) return std::nullopt;
              const auto tag = static_cast<std::size_t>(next++);
              return Ask{tag, &model, question(std::to_string(i) + "." + std::to_string(tag))};
            },
            [&](const Asked& asked) { answered += asked.answer ? 1 : 0; }, limits, {});
        ended += end.totals.budget_end ? 1 : 0;
      });
    }
    askers.clear();

    CHECK(answered == 8);
    CHECK(ended == 4);
  }

  TEST_CASE("an amount that was spent before lets nothing be asked") {
    Run run;
    const auto model = api();
    Budget budget({.usd = Usd{0.3}}, Budget::Owner::command, {});
    run.limits.shared = &budget;
    REQUIRE(run.ask(model, numbered(10)));
    CHECK(run.answers.size() == 2);

    const auto totals = run.ask(model, {"other"});

    REQUIRE(totals);
    CHECK(totals->budget_end);
    CHECK(run.answers.empty());
  }

  TEST_CASE("a budget in tokens is not passed, with many queries on their way") {
    Run run;
    const auto model = api();
    run.limits.budget.tokens = 1000;  // 120 each: eight of them

    const auto totals = run.ask(model, numbered(50));

    REQUIRE(totals);
    REQUIRE(totals->budget_end);
    CHECK(to_string(*totals->budget_end) == "the budget of 1000 tokens");
    CHECK(run.answers.size() == 8);
  }

  TEST_CASE("a budget in tokens of a model that tells none is an error, once one has answered") {
    Run run;
    const auto model = api();
    run.limits.budget.tokens = 1000;
    run.outside.http.on_request = [](const sys::HttpRequest&) -> sys::HttpResult {
      return http_answer(200, R"({"choices":[{"message":{"content":"a"}}]})");
    };

    const auto totals = run.ask(model, numbered(50));

    REQUIRE_FALSE(totals);
    CHECK(totals.error().message ==
          "the budget can't be kept: model `cloud` does not tell how many tokens its answers take");
    CHECK(run.outside.http.count() == 1);
    CHECK(run.answers.size() == 1);
  }

  TEST_CASE("an answer that tells no tokens, of a model that told them before, counts as its dearest") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    run.limits.budget.tokens = 1000;
    run.outside.http.on_request = [](const sys::HttpRequest& request) -> sys::HttpResult {
      if (prompt_of(request) != "q3") return echo(request);
      return http_answer(200, R"({"choices":[{"message":{"content":"a"}}]})");
    };

    REQUIRE(run.ask(model, numbered(50)));

    CHECK(run.answers.size() == 8);
  }

  TEST_CASE("when the minutes are over nothing more is sent, what is kept is still given, and another run goes on") {
    Run run;
    auto model = api();
    model.config.concurrency = 1;
    REQUIRE(run.ask(model, {"q9"}));
    run.limits.budget.minutes = 0.5;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) -> sys::HttpResult {
      run.outside.clock.advance(Duration{10'000});
      return echo(request);
    };

    const auto totals = run.ask(model, numbered(10));

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:q0", "1:q1", "2:q2", "9:q9*"});
    CHECK(to_string(*totals->budget_end) == "the budget of 0.5 minutes");
    CHECK(totals->errors == 0);
    REQUIRE(run.ask(model, numbered(6)));
    CHECK(run.told() == Texts{"0:q0*", "1:q1*", "2:q2*", "3:q3", "4:q4", "5:q5"});
  }

  TEST_CASE("a query that waits to be tried again ends with the minutes, as the error that it had") {
    Run run;
    const auto model = api();
    run.limits.budget.minutes = 0.5;
    auto busy = http_answer(429, "");
    busy.headers = {{"retry-after", "300"}};
    run.outside.http.on_request = failing(1000, busy);
    const auto start = run.outside.clock.monotonic();

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(totals->budget_end->limit == BudgetEnd::Limit::minutes);
    CHECK(run.told() == Texts{"0!`http://cloud.test/v1/chat/completions` answered 429 for model `cloud`"});
    CHECK(run.outside.clock.monotonic() - start == Duration{30'000});
  }

  TEST_CASE("queries that several ask at the same time are counted together, those not sent again") {
    Run run;
    const auto model = api();
    Budget budget({.queries = 5}, Budget::Owner::command, {});
    run.limits.shared = &budget;
    run.outside.http.on_request = failing(2, http_answer(503, ""));
    REQUIRE(run.ask(model, numbered(3)));

    const auto totals = run.ask(model, numbered(10));

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:q0*", "1:q1*", "2:q2*", "3:q3", "4:q4"});
    CHECK(to_string(*totals->budget_end) == "the budget of 5 queries (--budget-queries)");
  }

  TEST_CASE("a local model that costs nothing is asked as many at once under a budget in USD") {
    Run run;
    auto model = api();
    model.config.provider = "ollama";
    model.config.price = {};
    run.outside.http.on_request = [](const sys::HttpRequest&) -> sys::HttpResult {
      return http_answer(200, R"({"message":{"content":"a"},"done":true,"prompt_eval_count":5,"eval_count":1})");
    };
    Budget budget({.usd = Usd{0.01}}, Budget::Owner::command, {});
    run.limits.shared = &budget;
    REQUIRE(run.ask(model, {"first"}));
    run.outside.http.hold();
    std::jthread opener([&] {
      CHECK(run.outside.http.wait_in_flight(4));
      run.outside.http.release();
    });

    const auto totals = run.ask(model, numbered(20));

    REQUIRE(totals);
    CHECK_FALSE(totals->budget_end);
    CHECK(run.answers.size() == 20);
  }

  TEST_CASE("a budget that is never reached changes nothing") {
    Run run;
    const auto model = api();
    run.limits.budget.usd = Usd{100};
    run.limits.budget.queries = 50;

    const auto totals = run.ask(model, numbered(50));

    REQUIRE(totals);
    CHECK_FALSE(totals->budget_end);
    CHECK(run.answers.size() == 50);
  }

  TEST_CASE("a budget in USD that can't be kept is an error before anything is asked") {
    Run run;
    auto model = api();
    model.config.price = {};
    run.limits.budget.usd = Usd{1};

    const auto totals = run.ask(model, {"a"});

    REQUIRE_FALSE(totals);
    CHECK(totals.error().message == "a budget in USD can't be kept: the price of model `cloud` (`cloud`) is not known");
    CHECK(run.outside.http.count() == 0);
  }

  TEST_CASE("an unknown price makes the total unknown") {
    Run run;
    auto model = api();
    model.config.price = {};

    const auto totals = run.ask(model, {"a"});

    REQUIRE(totals);
    CHECK(totals->cost == std::nullopt);
  }

  TEST_CASE("a query that failed was sent all the same: without a price its cost is unknown") {
    Run run;
    auto model = api();
    run.outside.http.on_request = failing(100, {400, {}, "no"});

    CHECK(run.ask(model, {"a"})->cost == Usd{0});

    model.config.price = {};
    const auto totals = run.ask(model, {"b"});
    REQUIRE(totals);
    CHECK(totals->asked == 1);
    CHECK(totals->cost == std::nullopt);
  }

  TEST_CASE("a model that can't be opened is an error of the whole run, told once for all") {
    Run run;
    auto model = api();
    model.config.model.clear();

    const auto totals = run.ask(model, numbered(5));

    REQUIRE_FALSE(totals);
    CHECK(totals.error().message == "provider `openai` needs `model`, the server's name for it");
    CHECK(totals.error().trail == std::vector<std::string>{"opening model `cloud`"});
    CHECK(run.answers.empty());
  }

  TEST_CASE("stopping ends what is on its way, and keeps what came before") {
    Run run;
    const auto model = api();
    run.also = [&](const Asked&) {
      if (run.answers.size() != 5) return;
      run.outside.http.hold();
      run.stop.request_stop();
    };

    const auto totals = run.ask(model, numbered(100));

    REQUIRE_FALSE(totals);
    CHECK(totals.error().kind == ErrorKind::interrupted);
    CHECK(run.answers.size() >= 5);
    CHECK(run.answers.size() < 100);
    CHECK(run.table.size()->values == run.answers.size());
    CHECK(run.table.unflushed == 0);
  }

  TEST_CASE("stopping while everything waits for answers returns") {
    Run run;
    const auto model = api();
    run.outside.http.hold();
    const std::jthread later([&] {
      run.outside.http.wait_in_flight(2);
      run.stop.request_stop();
    });

    const auto totals = run.ask(model, {"a", "b"});

    REQUIRE_FALSE(totals);
    CHECK(totals.error().kind == ErrorKind::interrupted);
    CHECK(run.answers.empty());
    CHECK(run.end.totals.asked == 2);
    CHECK(run.end.totals.cost == Usd{0});
  }

  TEST_CASE("what was sent is counted when stopped, and of unknown cost without a price") {
    Run run;
    auto model = api();
    model.config.price = {};
    run.outside.http.hold();
    const std::jthread later([&] {
      run.outside.http.wait_in_flight(2);
      run.stop.request_stop();
    });

    REQUIRE_FALSE(run.ask(model, {"a", "b"}));

    CHECK(run.end.totals.asked == 2);
    CHECK(run.end.totals.cost == std::nullopt);
  }

  TEST_CASE("waits before a retry double, are drawn at random, and end at a minute") {
    const RetryConfig config{4, Duration{500}};

    CHECK(wait_before_retry(config, 0, 0) == Duration{0});
    CHECK(wait_before_retry(config, 0, 500) == Duration{500});
    CHECK(wait_before_retry(config, 0, 501) == Duration{0});
    CHECK(wait_before_retry(config, 2, 2000) == Duration{2000});
    CHECK(wait_before_retry(config, 30, 60'000) == Duration{60'000});
    CHECK(wait_before_retry({4, Duration{0}}, 3, 77) == Duration{0});
    CHECK(wait_before_retry({4, Duration{1'000'000'000'000'000}}, 16, 60'000) == Duration{60'000});
    CHECK(spread(Duration{1000}, 100) == Duration{1100});
    CHECK(spread(Duration{1000}, 101) == Duration{1000});
  }
}

}  // namespace llmops::model
