#include "model/busy_time.h"

#include <doctest/doctest.h>

#include <vector>

namespace llmops::model {
namespace {

using namespace std::chrono_literals;

BusyTime::Time at(std::chrono::milliseconds since) { return BusyTime::Time{} + 1h + since; }

}  // namespace

TEST_SUITE("model/busy_time") {
  TEST_CASE("a query alone has all of its time") {
    BusyTime busy;
    const auto first = busy.begin(at(0ms));
    CHECK(busy.end(first, at(10ms)) == 10ms);
    const auto second = busy.begin(at(50ms));  // What lies between them is nobody's.
    CHECK(busy.end(second, at(55ms)) == 5ms);
  }

  TEST_CASE("queries at the same time share it, and together have what the machine worked") {
    BusyTime busy;
    const auto a = busy.begin(at(0ms));
    const auto b = busy.begin(at(10ms));
    const auto a_part = busy.end(a, at(30ms));
    const auto b_part = busy.end(b, at(40ms));
    CHECK(a_part == 20ms);
    CHECK(b_part == 20ms);
  }

  TEST_CASE("fifty at once cost no more than one after the other") {
    BusyTime busy;
    std::vector<BusyTime::Sum> began;
    for (int i = 0; i < 50; ++i) began.push_back(busy.begin(at(0ms)));
    std::chrono::nanoseconds all{0};
    for (const auto& one : began) all += busy.end(one, at(100ms));
    CHECK(all == 100ms);
  }
}

}  // namespace llmops::model
