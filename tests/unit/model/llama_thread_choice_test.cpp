#include <doctest/doctest.h>

#include <map>

#include "model/llama/thread_choice.h"

namespace llmops::model::llama {
namespace {

struct Spent {
  std::uint32_t last = 0;
  std::map<std::uint32_t, double> us;  ///< By number of threads.
};

/// Decodes one token `times` times on a machine where a token takes what `token_us` says for each number of threads.
Spent decode(ThreadChoice& choice, int times, const std::map<std::uint32_t, int>& token_us) {
  Spent out;
  for (int i = 0; i < times; ++i) {
    out.last = choice.next(1);
    out.us[out.last] += token_us.at(out.last);
    choice.took(1, std::chrono::microseconds(token_us.at(out.last)));
  }
  return out;
}

/// What it settles on: the number used most often in the next ten decodings.
std::uint32_t settled(ThreadChoice& choice, const std::map<std::uint32_t, int>& token_us) {
  std::map<std::uint32_t, int> used;
  for (int i = 0; i < 10; ++i) ++used[decode(choice, 1, token_us).last];
  std::uint32_t most = 0;
  for (const auto& [threads, count] : used) most = most == 0 || count > used[most] ? threads : most;
  return most;
}

const std::map<std::uint32_t, int> kQuiet{{4, 3000}, {2, 5000}, {1, 9000}}, kBusy{{4, 500000}, {2, 200000}, {1, 20000}};

TEST_SUITE("model/llama/thread choice") {
  TEST_CASE("on a quiet machine all threads are used") {
    ThreadChoice choice(4);

    CHECK(choice.next(1) == 4);
    choice.took(1, std::chrono::microseconds(3000));
    decode(choice, 200, kQuiet);
    CHECK(settled(choice, kQuiet) == 4);
  }

  TEST_CASE("on a busy machine one thread is used, and the others are seldom tried") {
    ThreadChoice choice(4);
    decode(choice, 50, kBusy);

    const auto spent = decode(choice, 2000, kBusy);

    CHECK(settled(choice, kBusy) == 1);
    const auto others = (spent.us.count(4) ? spent.us.at(4) : 0) + (spent.us.count(2) ? spent.us.at(2) : 0);
    CHECK(others < 0.15 * spent.us.at(1));
  }

  TEST_CASE("once the machine is quiet again, all threads are used again") {
    ThreadChoice choice(4);
    decode(choice, 100, kBusy);
    REQUIRE(settled(choice, kBusy) == 1);

    decode(choice, 5000, kQuiet);

    CHECK(settled(choice, kQuiet) == 4);
  }

  TEST_CASE("what counts is the time for a token, not for a decoding") {
    ThreadChoice choice(2);

    for (int i = 0; i < 100; ++i) {
      const std::size_t tokens = i % 3 == 0 ? 100 : 1;
      const auto threads = choice.next(tokens);
      choice.took(tokens, std::chrono::microseconds((threads == 2 ? 500 : 1000) * static_cast<int>(tokens)));
    }

    CHECK(settled(choice, {{2, 500}, {1, 1000}}) == 2);
  }

  TEST_CASE("a slow first decoding is no reason for fewer threads") {
    ThreadChoice choice(2);
    choice.next(1);
    choice.took(1, std::chrono::seconds(2));

    const auto spent = decode(choice, 40, {{2, 5000}, {1, 7000}});

    CHECK(spent.us.at(2) > 0.8 * 40 * 5000);
  }

  TEST_CASE("one CPU leaves nothing to choose") {
    ThreadChoice choice(1);

    CHECK(choice.next(1) == 1);
    choice.took(1, std::chrono::microseconds(5));
    CHECK(choice.next(1) == 1);
  }
}

}  // namespace
}  // namespace llmops::model::llama
