#include <doctest/doctest.h>

#include <atomic>

#include "unit/model/asker_run.h"

namespace llmops::model {

TEST_SUITE("model/asker") {
  TEST_CASE("every query is answered once, and the totals add up") {
    Run run;
    const auto model = api();

    const auto totals = run.ask(model, {"a", "b", "c"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:a", "1:b", "2:c"});
    CHECK(totals->asked == 3);
    CHECK(totals->cached == 0);
    CHECK(totals->errors == 0);
    REQUIRE(totals->cost);
    CHECK(totals->cost->value == doctest::Approx(0.36));
    CHECK(totals->usage == Usage{300, 60});
    CHECK(run.table.unflushed == 0);
  }

  TEST_CASE("what an answer makes worth asking is asked after it, be it kept or not") {
    Run run;
    const auto model = api();
    for (const auto mode : {CacheMode::refresh, CacheMode::use}) {
      run.mode = mode;
      std::vector<std::string> waiting = {"a"}, told;
      Asker asker(run.outside.context(), run.table, run.mode);
      const auto end = asker.ask(
          [&]() -> std::optional<Ask> {
            if (waiting.empty()) return std::nullopt;
            const auto next = waiting.back();
            waiting.pop_back();
            return Ask{next.size(), &model, question(next)};
          },
          [&](const Asked& asked) {
            told.push_back(asked.answer->text);
            if (asked.tag < 4) waiting.push_back(asked.answer->text + "a");
          },
          run.limits, run.stop.get_token());
      REQUIRE_FALSE(end.error);
      CHECK(told == Texts{"a", "aa", "aaa", "aaaa"});
    }
  }

  TEST_CASE("kept answers are delivered without asking or opening anything") {
    Run run;
    const auto model = api();
    REQUIRE(run.ask(model, {"a", "b"}));
    auto unopenable = model;
    unopenable.config.model.clear();

    const auto totals = run.ask(unopenable, {"a", "b", "a"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:a*", "1:b*", "2:a*"});
    CHECK(totals->cached == 3);
    CHECK(totals->asked == 0);
    CHECK(totals->cost == Usd{0});
    CHECK(run.outside.http.count() == 2);
  }

  TEST_CASE("a kept answer costs what it would cost at the price of now") {
    Run run;
    auto model = api();
    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.answers.at(0).answer->cost->value == doctest::Approx(0.12));

    model.config.price = {2000, 2000, std::nullopt};
    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.answers.at(0).cached);
    CHECK(run.answers.at(0).answer->cost->value == doctest::Approx(0.24));

    model.config.price = {};
    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.answers.at(0).cached);
    CHECK_FALSE(run.answers.at(0).answer->cost);
  }

  TEST_CASE("a price by the hour is of the time that went by, however many queries are on their way in it") {
    Run run;
    auto model = api();
    model.config.price = {std::nullopt, std::nullopt, 3600.0};  // 1 USD a second
    run.outside.http.on_request = [&](const sys::HttpRequest& request) {
      run.outside.clock.advance(Duration{100});
      auto answer = *echo(request);
      answer.elapsed = Duration{400};  // It waited for the others.
      return sys::HttpResult(std::move(answer));
    };

    const auto totals = run.ask(model, numbered(20));

    REQUIRE(totals);
    REQUIRE(totals->cost);
    CHECK(totals->cost->value == doctest::Approx(2.0).epsilon(0.01));
  }

  TEST_CASE("the cost that a provider told stays, whatever the price") {
    Run run;
    auto model = api();
    Answer told;
    told.text = "a";
    told.cost = Usd{0.5};
    told.cost_told = true;
    REQUIRE(run.table.put(query_key(model.identity, question("a"), Draw::sampled), to_bytes(told)));

    REQUIRE(run.ask(model, {"a"}));

    CHECK(run.answers.at(0).cached);
    CHECK(run.answers.at(0).answer->cost == Usd{0.5});
  }

  TEST_CASE("the model's own parameters are part of the question") {
    Run run;
    auto model = api();
    REQUIRE(run.ask(model, {"a"}));
    model.config.parameters.max_tokens = 9;

    REQUIRE(run.ask(model, {"a"}));

    CHECK(run.told() == Texts{"0:a"});
    CHECK(run.outside.http.requests().back().body.find(R"("max_tokens":9)") != std::string::npos);
  }

  TEST_CASE("refreshing asks again and keeps the new answer") {
    Run run;
    const auto model = api();
    REQUIRE(run.ask(model, {"a"}));
    run.outside.http.on_request = [](const sys::HttpRequest&) { return chat_answer(R"("new")"); };
    run.mode = CacheMode::refresh;

    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.told() == Texts{"0:new"});
    run.mode = CacheMode::use;
    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.told() == Texts{"0:new*"});
  }

  TEST_CASE("offline, an answer that is not kept is an error that says so") {
    Run run;
    const auto model = api();
    REQUIRE(run.ask(model, {"a"}));
    run.mode = CacheMode::only;

    const auto totals = run.ask(model, {"a", "b"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:a*", "1!the answer of model `cloud` is not in the cache (--offline)"});
    CHECK(totals->errors == 1);
    CHECK(run.outside.http.count() == 1);
  }

  TEST_CASE("what may not be kept is neither read nor written") {
    Run run;
    auto model = api();
    model.cacheable = false;

    REQUIRE(run.ask(model, {"a"}));
    REQUIRE(run.ask(model, {"a"}));

    CHECK(run.told() == Texts{"0:a"});
    CHECK(run.table.gets == 0);
    CHECK(run.table.size()->values == 0);
  }

  TEST_CASE("a cache that can't be used costs answers, not the run") {
    Run run;
    run.table.broken = environment_error("the disk is full");
    const auto model = api();

    REQUIRE(run.ask(model, {"a"}));

    CHECK(run.told() == Texts{"0:a"});
    CHECK(run.outside.log.tells("the cache of answers can't be used: the disk is full"));
  }

  TEST_CASE("damaged answers are asked again") {
    Run run;
    const auto model = api();
    const auto key = query_key(model.identity, question("a"));
    REQUIRE(run.table.put(key, "junk"));

    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.told() == Texts{"0:a"});
    REQUIRE(run.ask(model, {"a"}));
    CHECK(run.told() == Texts{"0:a*"});
  }

  TEST_CASE("equal questions on their way at once are asked once") {
    Run run;
    const auto model = api();
    run.outside.http.hold();
    const std::jthread later([&] {
      run.outside.http.wait_in_flight(2);
      run.outside.http.release();
    });

    const auto totals = run.ask(model, {"a", "a", "b", "a"});

    REQUIRE(totals);
    CHECK(run.told() == Texts{"0:a", "1:a*", "2:b", "3:a*"});
    CHECK(totals->asked == 2);
    CHECK(totals->cached == 2);
  }

  TEST_CASE("as many queries are on their way as the model takes, and never more") {
    Run run;
    const auto model = api();
    std::atomic<bool> first = true, full = true;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) {
      if (first.exchange(false)) full = run.outside.http.wait_in_flight(4);
      return echo(request);
    };

    REQUIRE(run.ask(model, numbered(60)));

    CHECK(full);
    CHECK(run.outside.http.most_in_flight() == 4);
  }

  TEST_CASE("a limit over all models holds for all together") {
    Run run;
    const auto one = api("one"), two = api("two");
    run.limits.concurrency = 3;
    std::atomic<bool> first = true, full = true;
    run.outside.http.on_request = [&](const sys::HttpRequest& request) {
      if (first.exchange(false)) full = run.outside.http.wait_in_flight(3);
      return echo(request);
    };

    REQUIRE(run.ask_all(40, [&](std::size_t i) {
      return Ask{i, i % 2 == 0 ? &one : &two, question("q" + std::to_string(i))};
    }));

    CHECK(full);
    CHECK(run.outside.http.most_in_flight() == 3);
    CHECK(run.answers.size() == 40);
  }

  TEST_CASE("no more is pulled than about twice what can be on its way") {
    Run run;
    const auto model = api();
    std::size_t most_held = 0;
    run.also = [&](const Asked&) { most_held = std::max(most_held, run.pulled - run.answers.size()); };

    REQUIRE(run.ask(model, numbered(500)));

    CHECK(run.answers.size() == 500);
    CHECK(most_held <= 9);
  }

  TEST_CASE("two steps that ask the same model share its places") {
    Run run;
    const auto model = api();
    Asker asker(run.outside.context(), run.table, CacheMode::use);
    std::atomic<int> answered = 0;
    const auto step = [&](const std::string& name) {
      std::size_t i = 0;
      const auto end = asker.ask(
          [&]() -> std::optional<Ask> {
            if (i == 50) return std::nullopt;
            ++i;
            return Ask{i, &model, question(name + std::to_string(i))};
          },
          [&](const Asked& asked) { answered += asked.answer ? 1 : 0; }, {}, {});
      CHECK_FALSE(end.error);
    };
    {
      const std::jthread one([&] { step("a"); });
      const std::jthread two([&] { step("b"); });
    }

    CHECK(answered == 100);
    CHECK(run.outside.http.most_in_flight() <= 4);
  }
}

}  // namespace llmops::model
