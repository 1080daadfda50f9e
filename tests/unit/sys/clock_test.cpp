#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "fakes/fake_clock.h"
#include "fakes/fake_env.h"
#include "sys/real/real_clock.h"
#include "sys/real/real_env.h"
#include "sys/system.h"

namespace sys = llmops::sys;
using llmops::Duration;

namespace {
std::chrono::system_clock::time_point at_ms(std::int64_t ms) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}
}  // namespace

TEST_SUITE("sys/system") {
  TEST_CASE("a time is written as RFC 3339 in UTC with milliseconds") {
    CHECK(sys::to_rfc3339(at_ms(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(sys::to_rfc3339(at_ms(1'795'515'357'123)) == "2026-11-24T10:15:57.123Z");
    CHECK(sys::to_rfc3339(at_ms(-1)) == "1969-12-31T23:59:59.999Z");
  }

  TEST_CASE("the cache's folder is named by the first variable that says something") {
    llmops::fakes::FakeEnv env({{"HOME", "/home/ada"}});
    CHECK(sys::cache_folder(env) == "/home/ada/.cache/llmops");

    env.set("XDG_CACHE_HOME", "/big");
    CHECK(sys::cache_folder(env) == "/big/llmops");

    env.set("XDG_CACHE_HOME", "relative");
    CHECK(sys::cache_folder(env) == "/home/ada/.cache/llmops");

    env.set("LLMOPS_CACHE_DIR", "here");
    CHECK(sys::cache_folder(env) == "/home/repo/here");

    CHECK(sys::cache_folder(llmops::fakes::FakeEnv()) == "/home/repo/.llmops/cache");
  }

  TEST_CASE("a run's id begins with its time and is 26 characters long") {
    llmops::fakes::FakeClock clock;

    const auto first = sys::new_id(clock);
    clock.advance(Duration{1});
    const auto second = sys::new_id(clock);

    CHECK(first == "01KDYAK3480000000100000002");
    CHECK(second > first);
  }

  TEST_CASE("ids of the same millisecond differ") {
    sys::RealClock clock;
    std::set<std::string> ids;

    for (int i = 0; i < 1000; ++i) ids.insert(sys::new_id(clock));

    CHECK(ids.size() == 1000);
  }

  TEST_CASE("a sleep ends when somebody asks to stop") {
    sys::RealClock clock;
    llmops::StopSource stop;
    std::jthread other([&] { stop.request_stop(); });

    clock.sleep(std::chrono::hours(1), stop.get_token());

    CHECK(stop.stop_requested());
  }

  TEST_CASE("the environment has this process's variables") {
    REQUIRE(::setenv("LLMOPS_TEST_VARIABLE", "a=b", 1) == 0);

    const sys::RealEnv env;

    CHECK(env.get("LLMOPS_TEST_VARIABLE") == "a=b");
    CHECK_FALSE(env.get("LLMOPS_TEST_NOT_THERE"));
    CHECK(env.current_folder().is_absolute());
  }
}
