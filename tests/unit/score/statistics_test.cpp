#include "score/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace llmops::score;
using doctest::Approx;

namespace {

Approx near(double value) { return Approx(value).epsilon(1e-6); }

std::vector<double> bits(const std::string& text) {
  std::vector<double> out;
  for (const char c : text) out.push_back(c == '1' ? 1 : 0);
  return out;
}

std::vector<double> minus(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(a[i] - b[i]);
  return out;
}

double p_two_sided(const Mean& mean) { return 2 * t_cdf(-std::fabs(mean.mean / *mean.standard_error), mean.degrees); }

}  // namespace

TEST_SUITE("score/statistics") {
  TEST_CASE("the normal quantile turns round the normal distribution, into the far tails") {
    CHECK(normal_quantile(0.95) == near(1.6448536269514722));
    CHECK(normal_quantile(0.975) == near(1.959963984540054));
    CHECK(normal_quantile(1e-10) == near(-6.361340902404056));
    CHECK(normal_quantile(1e-300) == near(-37.0471));
    CHECK(normal_quantile(0.5) == 0);
    for (const double q : {1e-8, 0.01, 0.07, 0.3, 0.6, 0.93, 0.999}) CHECK(normal_cdf(normal_quantile(q)) == near(q));
    CHECK(std::isinf(normal_quantile(1)));
    CHECK(std::isnan(normal_quantile(1.5)));
  }

  TEST_CASE("Student's t has the tabled quantiles") {
    CHECK(t_quantile(0.975, 1) == near(12.706204736432095));
    CHECK(t_quantile(0.975, 9) == near(2.2621571627409915));
    CHECK(t_quantile(0.95, 4) == near(2.13184678632665));
    CHECK(t_quantile(0.05, 28) == near(-1.701130934265931));
    CHECK(t_quantile(0.5, 7) == 0);
    CHECK(t_quantile(1e-9, 1) == near(-318309886.1837907));
    CHECK(t_cdf(1, 9) == near(1 - 0.343436 / 2));
    for (const double q : {0.001, 0.2, 0.8, 0.9999}) CHECK(t_cdf(t_quantile(q, 3), 3) == near(q));
  }

  TEST_CASE("the binomial distribution is that of the incomplete beta function") {
    CHECK(binomial_cdf(3, 15, 0.5) == near(0.017578125));
    CHECK(binomial_cdf(0, 5, 0.5) == near(0.03125));
    CHECK(binomial_cdf(50'000, 100'000, 0.5) == near(0.5012615631686688));
    CHECK(binomial_cdf(-1, 5, 0.5) == 0);
    CHECK(binomial_cdf(5, 5, 0.5) == 1);
  }

  TEST_CASE("Wilson's interval of 45 and of 50 out of 50") {
    const auto most = wilson(45, 50, 0.95);
    CHECK(most.low == near(0.786398));
    CHECK(most.high == near(0.956524));
    CHECK(wilson(45, 50, 0.90).low == near(0.808462));
    const auto all = wilson(50, 50, 0.95);
    CHECK(all.low == near(0.928652));
    CHECK(all.high == 1);
    CHECK(wilson(0, 50, 0.95).low == 0);
    CHECK(wilson(0, 0, 0.95).low == 0);
    CHECK(wilson(0, 0, 0.95).high == 1);
  }

  TEST_CASE("Tango's interval solves the score test of the constrained likelihood") {
    const auto approvals = tango({150, 86, 1600}, 0.90);
    CHECK(approvals.low == near(0.02436008));
    CHECK(approvals.high == near(0.05589514));
    const auto worse = tango({0, 2, 240}, 0.90);
    CHECK(worse.low == near(-0.02486678));
    CHECK(worse.high == near(0.00290699));
    CHECK(tango_statistic({0, 2, 240}, -0.02) == near(1.29099445));
    const auto all = tango({40, 0, 40}, 0.90);
    CHECK(all.low == near(0.87329310));
    CHECK(all.high == 1);
  }

  TEST_CASE("with no differing pair Tango's bound is Wilson's on the share that differs") {
    const auto none = tango({0, 0, 240}, 0.90);
    CHECK(none.high == near(wilson(0, 240, 0.90).high));
    CHECK(none.low == near(-none.high));
    CHECK(tango({0, 0, 0}, 0.90).low == -1);
  }

  TEST_CASE("paired means of ten cases") {
    const auto mean = mean_of(minus(bits("1101101110"), bits("1001001101")));

    CHECK(mean.mean == near(0.2));
    CHECK(*mean.standard_error == near(0.2));
    CHECK(p_two_sided(mean) == near(0.343436));
    const auto interval = interval_of(mean, 0.95);
    CHECK(interval.low == near(-0.252431));
    CHECK(interval.high == near(0.652432));
  }

  TEST_CASE("clusters widen the standard error, and leave it fewer degrees of freedom the less alike their sizes are") {
    const auto y = bits("1101011001");
    const std::vector<std::size_t> clusters = {0, 0, 1, 1, 1, 2, 2, 3, 3, 4};

    const auto clustered = clustered_mean_of(y, clusters);

    CHECK(clustered.mean == near(0.6));
    CHECK(clustered.groups == 5);
    CHECK(*clustered.standard_error == near(0.21194489));
    CHECK(clustered.degrees == near(3.19176578));
    CHECK(*mean_of(y).standard_error == near(0.163299));

    const std::vector<double> alike = {0.2, 0.9, 0.8, 0.7, 0.95, 0.1, 0.15, 0.9};
    const std::vector<std::size_t> uneven = {0, 1, 1, 1, 1, 2, 2, 3};
    const auto few = clustered_mean_of(alike, uneven);
    CHECK(*few.standard_error == near(0.23130228));
    CHECK(few.degrees == near(1.53877680));
  }

  TEST_CASE("clusters of one size have the standard error of their means, and G - 1 degrees of freedom") {
    const auto y = bits("110101100011");
    const std::vector<std::size_t> clusters = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    const std::vector<double> means = {2.0 / 3, 2.0 / 3, 1.0 / 3, 2.0 / 3};

    const auto clustered = clustered_mean_of(y, clusters);

    CHECK(*clustered.standard_error == near(*mean_of(means).standard_error));
    CHECK(clustered.degrees == near(3));
    CHECK(clustered.skewness == near(mean_of(means).skewness));
  }

  TEST_CASE("Hall's transformation takes the skewness out, and is turned round") {
    const std::vector<double> skewed = {0, 0, 1, 3, 10};
    const auto mean = mean_of(skewed);
    CHECK(mean.skewness == near(1.81021431));
    for (const double t : {-3.0, -0.5, 0.0, 0.7, 4.0}) {
      CHECK(restore_skew(mean, remove_skew(mean, t)) == doctest::Approx(t));
    }
    // g = 1.81021431, n = 5, t = 2: 2 + 4 g / (3 √5) + 8 (g / (3 √5))² / 3 + g / (6 √5).
    CHECK(remove_skew(mean, 2) == near(3.40851391));
    const auto interval = skewed_interval_of(mean, 0.9), student = interval_of(mean, 0.9);
    CHECK(interval.low == near(student.low));
    CHECK(interval.high > student.high + 3);
    const std::vector<double> even = {1, 2, 3};
    CHECK(remove_skew(mean_of(even), 2) == near(2));
    CHECK(skewed_interval_of(mean_of(even), 0.9).high == near(interval_of(mean_of(even), 0.9).high));
  }

  TEST_CASE("a bootstrap of few groups is asked for more confidence") {
    // sqrt(10 / 9) · 2.262157 = 2.384525
    CHECK(expanded(0.95, 10) == near(2 * normal_cdf(2.3845245) - 1));
    CHECK(expanded(0.95, 100'000) == doctest::Approx(0.95).epsilon(1e-4));
  }

  TEST_CASE("clusters of one case each change nothing") {
    const auto y = bits("1101011001");
    const std::vector<std::size_t> alone = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};

    CHECK(*clustered_mean_of(y, alone).standard_error == near(*mean_of(y).standard_error));
  }

  TEST_CASE("one value, or one cluster, has no standard error") {
    const std::vector<double> one = {0.5}, two = {0, 1};
    const std::vector<std::size_t> same = {3, 3};

    CHECK_FALSE(mean_of(one).standard_error);
    CHECK_FALSE(clustered_mean_of(two, same).standard_error);
    CHECK(mean_of({}).n == 0);
    CHECK(interval_of(mean_of(one), 0.95).low == 0.5);
  }

  TEST_CASE("McNemar's exact test of 3 against 12") {
    const auto test = mcnemar(3, 12);

    CHECK(test.two_sided == near(0.03515625));
    CHECK(test.b_better == near(0.017578125));
    CHECK(test.a_better == near(1 - 0.0036926269531));
    CHECK(mcnemar(5, 0).two_sided == near(0.0625));
    CHECK(mcnemar(0, 0).two_sided == 1);
    CHECK(mcnemar(4, 4).two_sided == 1);
  }

  TEST_CASE("Holm's adjusted p keep the given order") {
    const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};

    const auto adjusted = holm(p);

    REQUIRE(adjusted.size() == 4);
    CHECK(adjusted[0] == near(0.03));
    CHECK(adjusted[1] == near(0.06));
    CHECK(adjusted[2] == near(0.06));
    CHECK(adjusted[3] == near(0.02));
    CHECK(holm({}).empty());
  }

  TEST_CASE("the BCa interval of a skewed sample is that of other implementations, within drawing error") {
    const std::vector<double> skewed = {0.9, 0,   0, 0.1,  0, 0, -0.2, 0,   0.5, 0, 0,    0.3, 0, 0, 1.0,
                                        0,   0.2, 0, -0.1, 0, 0, 0,    0.7, 0,   0, 0.05, 0,   0, 0, 0.4};

    const auto interval = bca_mean(skewed, {}, {.confidence = 0.95, .resamples = 20'000, .seed = 7});

    CHECK(interval.low == Approx(0.04806).epsilon(0.1));
    CHECK(interval.high == Approx(0.26154).epsilon(0.05));
  }

  TEST_CASE("a bootstrap is the same for the same seed, and degenerate samples have no width") {
    const std::vector<double> some = {0, 1, 0, 1, 1, 0.5}, equal = {0.25, 0.25, 0.25};
    const std::vector<std::size_t> clusters = {0, 0, 1, 1, 2, 2};

    const auto once = bca_mean(some, clusters, {.resamples = 500, .seed = 3});
    const auto again = bca_mean(some, clusters, {.resamples = 500, .seed = 3});

    CHECK(once.low == again.low);
    CHECK(once.high == again.high);
    CHECK(once.low < 4.0 / 7);
    CHECK(once.high > 4.0 / 7);
    CHECK(bca_mean(equal, {}, {}).low == 0.25);
    CHECK(bca_mean(equal, {}, {}).high == 0.25);
  }
}
