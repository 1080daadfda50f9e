#include <doctest/doctest.h>

#include "model/api/reading.h"

namespace llmops::model {
namespace {

/// What `told_pause` makes of headers at 2026-01-02T03:04:05Z, in milliseconds; -1 for nothing.
std::int64_t pause_of(std::vector<std::pair<std::string, std::string>> headers) {
  const std::chrono::system_clock::time_point now{std::chrono::seconds{1'767'323'045}};
  sys::HttpResponse response;
  response.headers = std::move(headers);
  const auto out = api::told_pause(response, now);
  return out ? out->count() : -1;
}

}  // namespace

TEST_SUITE("model/rate_headers") {
  TEST_CASE("a limit that is used up holds back until its reset") {
    CHECK(pause_of({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "6m0s"}}) == 360'000);
    CHECK(pause_of({{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "20ms"}}) == 20);
    CHECK(pause_of({{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "1h2m3.5s"}}) == 3'723'500);
    CHECK(pause_of({{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "7.66s"}}) == 7660);
    CHECK(pause_of({{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "2"}}) == 2000);
    CHECK(pause_of({{"anthropic-ratelimit-input-tokens-remaining", "0"},
                    {"anthropic-ratelimit-input-tokens-reset", "2026-01-02T03:04:35Z"}}) == 30'000);
    CHECK(pause_of({{"anthropic-ratelimit-requests-remaining", "0"},
                    {"anthropic-ratelimit-requests-reset", "2026-01-02T05:04:06.500+02:00"}}) == 1500);
    CHECK(pause_of({{"anthropic-ratelimit-requests-remaining", "0"},
                    {"anthropic-ratelimit-requests-reset", "2025-01-02T05:04:06Z"}}) == 0);
    CHECK(pause_of({{"x-ratelimit-remaining-requests", "0"},
                    {"x-ratelimit-reset-requests", "1s"},
                    {"x-ratelimit-remaining-tokens", "0"},
                    {"x-ratelimit-reset-tokens", "3s"}}) == 3000);
  }

  TEST_CASE("one that has something left, and one that can't be read, holds nothing back") {
    CHECK(pause_of({}) == -1);
    CHECK(pause_of({{"x-ratelimit-remaining-requests", "59"}, {"x-ratelimit-reset-requests", "1s"}}) == -1);
    CHECK(pause_of({{"x-ratelimit-remaining-requests", "0"}}) == -1);
    for (const auto* broken : {"", "soon", "1x", "s", "-1s", "1s2", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05"}) {
      CHECK(pause_of({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", broken}}) == -1);
    }
  }
}

}  // namespace llmops::model
