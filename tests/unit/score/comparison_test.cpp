#include "score/comparison.h"

#include <doctest/doctest.h>

#include <cmath>

#include "score/statistics.h"

using namespace llmops::score;
using doctest::Approx;

namespace {

const MetricInfo kAccuracy{"accuracy", Scale::binary, Better::higher, ""};
const MetricInfo kSimilarity{"similarity", Scale::graded, Better::higher, ""};
const MetricInfo kLatency{"latency_ms", Scale::amount, Better::lower, "ms"};

CellResult cell(const std::vector<std::optional<double>>& values, const std::vector<std::string>& clusters = {}) {
  CellResult out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    CaseResult one;
    one.id = "c" + std::to_string(i);
    if (!clusters.empty()) one.cluster = clusters[i];
    one.scores = {values[i]};
    out.cases.push_back(std::move(one));
  }
  return out;
}

std::vector<std::optional<double>> digits(const std::string& text) {
  std::vector<std::optional<double>> out;
  for (const char c : text) out.emplace_back(c == '1' ? 1.0 : 0.0);
  return out;
}

Results results_of(const MetricInfo& metric) {
  Results out;
  out.metrics = {metric};
  return out;
}

Comparison compare_values(const std::vector<std::optional<double>>& a, const std::vector<std::optional<double>>& b,
                          const MetricInfo& metric, const std::vector<std::string>& clusters = {}) {
  const auto left = cell(a, clusters), right = cell(b, clusters);
  const auto of = results_of(metric);
  return compare({of, left, 0}, {of, right, 0}, metric, {});
}

}  // namespace

TEST_SUITE("score/comparison") {
  TEST_CASE("few flips are McNemar's, with Tango's interval") {
    // b = 3 and c = 12 of 50: two-sided exact p 0.03515625.
    std::vector<std::optional<double>> a(50, 1.0), b(50, 1.0);
    for (std::size_t i = 0; i < 12; ++i) a[i] = 0;
    for (std::size_t i = 12; i < 15; ++i) b[i] = 0;
    const auto found = compare_values(a, b, kAccuracy);

    CHECK(found.test == Test::mcnemar);
    CHECK(found.n == 50);
    CHECK(found.a == Approx(0.76));
    CHECK(found.b == Approx(0.94));
    CHECK(found.difference == Approx(0.18));
    CHECK(*found.p == Approx(0.03515625));
    const auto tango_interval = tango({12, 3, 50}, 0.95);
    CHECK(found.low == Approx(tango_interval.low));
    CHECK(found.high == Approx(tango_interval.high));
    CHECK(found.low > 0);
  }

  TEST_CASE("many flips take the score statistic") {
    std::vector<std::optional<double>> a(200, 1.0), b(200, 1.0);
    for (std::size_t i = 0; i < 30; ++i) a[i] = 0;
    for (std::size_t i = 30; i < 45; ++i) b[i] = 0;
    const auto found = compare_values(a, b, kAccuracy);

    CHECK(found.test == Test::score);
    CHECK(*found.p == Approx(2 * normal_cdf(-15 / std::sqrt(45.0))));
    CHECK(found.difference == Approx(0.075));
  }

  TEST_CASE("small graded samples take Student's t, or Hall's where skewness reaches further") {
    // Mean 0.2, standard error 0.2, t = 1 with 9 degrees: p = 0.343436, 95 % interval -0.252431 to 0.652432;
    // of skewness -0.131762 Hall's are 0.353053 and -0.268925.
    auto a = digits("1001001101"), b = digits("1101101110");
    const auto found = compare_values(a, b, kLatency);

    CHECK(found.test == Test::paired_t);
    CHECK(found.difference == Approx(0.2));
    CHECK(*found.p == Approx(0.353053).epsilon(1e-5));
    CHECK(found.low == Approx(-0.268925).epsilon(1e-5));
    CHECK(found.high == Approx(0.652432).epsilon(1e-5));
    CHECK(*found.smallest_detectable == Approx((normal_quantile(0.975) + normal_quantile(0.8)) * 0.2));
  }

  TEST_CASE("larger ones are drawn again, the same each time") {
    std::vector<std::optional<double>> a, b;
    for (int i = 0; i < 60; ++i) {
      a.emplace_back(0.5);
      b.emplace_back(0.5 + 0.01 * (i % 7) - 0.02);
    }
    const auto once = compare_values(a, b, kSimilarity), again = compare_values(a, b, kSimilarity);

    CHECK(once.test == Test::bootstrap);
    CHECK(once.low == again.low);
    CHECK(once.low < once.difference);
    CHECK(once.high > once.difference);
    CHECK(once.high - once.low < 0.02);
  }

  TEST_CASE("clusters widen, and are told") {
    std::vector<std::optional<double>> a(40, 0.0), b(40, 0.0);
    std::vector<std::string> clusters;
    for (std::size_t i = 0; i < 40; ++i) {
      clusters.push_back("g" + std::to_string(i / 4));
      if (i / 4 < 3) b[i] = 1;
    }
    const auto alone = compare_values(a, b, kAccuracy), grouped = compare_values(a, b, kAccuracy, clusters);

    CHECK(grouped.test == Test::clustered);
    CHECK(grouped.groups == 10);
    CHECK(grouped.high - grouped.low > alone.high - alone.low);
    CHECK(*grouped.p > *alone.p);
  }

  TEST_CASE("what is on one side only, or could not be scored, is no pair") {
    auto left = cell({1.0, 0.0, std::nullopt, 1.0}), right = cell({1.0, 1.0, 1.0, std::nan("")});
    right.cases.push_back(right.cases.back());
    right.cases.back().id = "new";
    const auto of = results_of(kAccuracy);
    const auto found = compare({of, left, 0}, {of, right, 0}, kAccuracy, {});

    CHECK(found.n == 2);
    CHECK(found.errors == 2);
    CHECK(found.dropped == 1);
  }

  TEST_CASE("equal sides say how much they could have missed") {
    const std::vector<std::optional<double>> same(100, 1.0);
    const auto found = compare_values(same, same, kAccuracy);

    CHECK(*found.p == 1);
    CHECK(found.low < 0);
    CHECK(found.high > 0);
    CHECK(*found.smallest_detectable == Approx((normal_quantile(0.975) + normal_quantile(0.8)) / 100));
  }

  TEST_CASE("nothing is claimed of one pair, or of amounts that all differ by the same") {
    CHECK(compare_values({1.0}, {0.0}, kAccuracy).test == Test::none);
    const auto shifted = compare_values({1.0, 1.0, 1.0}, {3.0, 3.0, 3.0}, kLatency);
    CHECK(shifted.test == Test::none);
    CHECK_FALSE(shifted.p);
    CHECK(shifted.difference == 2);
    CHECK(compare_values({}, {}, kAccuracy).n == 0);
  }
}
