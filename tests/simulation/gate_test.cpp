// How often a gate passes `better` where there is nothing to find.
#include <cstdio>
#include <functional>

#include "simulation/draws.h"
#include "simulation/gates.h"

using namespace llmops;
using simulation::cell;
using simulation::Gate;
using simulation::Random;

namespace {

using Cells = std::vector<score::CellResult>;
using Values = std::vector<std::optional<double>>;

constexpr double kMost = 0.055;
constexpr const char* kBetter = "from: eval\nrequire: [{metric: m, of: new, versus: old, better_by: 0.0}]";

const score::MetricInfo kRate{"m", score::Scale::binary, score::Better::higher, {}};
const score::MetricInfo kGrade{"m", score::Scale::graded, score::Better::higher, {}};
const score::MetricInfo kTime{"m", score::Scale::amount, score::Better::lower, "ms"};

/// The share of gates that pass.
double passes(const std::string& name, Gate&& gate, int rounds, const std::function<Cells()>& draw) {
  int passed = 0;
  for (int round = 0; round < rounds; ++round) passed += gate.decide(draw()) == "pass" ? 1 : 0;
  const double share = static_cast<double>(passed) / rounds;
  std::printf("%-64s %6.2f %%\n", name.c_str(), 100 * share);
  return share;
}

Values drawn(std::size_t n, const std::function<double()>& value) {
  Values out;
  for (std::size_t i = 0; i < n; ++i) out.emplace_back(value());
  return out;
}

}  // namespace

TEST_SUITE("gate") {
  TEST_CASE("two equal sides of right and wrong: better passes at most one time in twenty") {
    Random random(21);
    for (const std::size_t n : {30u, 100u, 300u}) {
      const auto share = passes("right and wrong, n = " + std::to_string(n), {kBetter, kRate}, 10'000, [&] {
        const auto one = [&] { return drawn(n, [&] { return random.chance(0.8) ? 1.0 : 0.0; }); };
        return Cells{cell("new", one()), cell("old", one())};
      });
      CHECK(share <= kMost);
    }
  }

  TEST_CASE("two equal sides of grades and of skewed amounts") {
    Random random(22);
    struct Kind {
      std::string name;
      score::MetricInfo metric;
      std::function<double()> value;
    };
    for (const auto& [name, metric, value] :
         {Kind{"grades near 1", kGrade, [&] { return random.beta(5, 0.5); }},
          Kind{"grades, four in five of them 1", kGrade, [&] { return random.chance(0.8) ? 1.0 : random.uniform(); }},
          Kind{"normal amounts", kTime, [&] { return 100 + 10 * random.normal(); }},
          Kind{"lognormal amounts", kTime, [&] { return 100 * std::exp(random.normal()); }}}) {
      for (const std::size_t n : {10u, 30u, 100u}) {
        const auto share = passes(name + ", n = " + std::to_string(n), {kBetter, metric}, 20'000, [&] {
          return Cells{cell("new", drawn(n, value)), cell("old", drawn(n, value))};
        });
        CHECK(share <= kMost);
      }
    }
  }

  TEST_CASE("equal means of which one is skewed") {
    Random random(23);
    for (const std::size_t n : {30u, 100u, 300u}) {
      const auto share =
          passes("new grades near 1, old even, n = " + std::to_string(n), {kBetter, kGrade}, 20'000, [&] {
            return Cells{cell("new", drawn(n, [&] { return random.beta(5, 0.5); })),
                         cell("old", drawn(n, [&] { return 5 / 5.5 + 0.08 * (2 * random.uniform() - 1); }))};
          });
      CHECK(share <= (n < 100 ? 0.065 : kMost));
      const auto slow =
          passes("new times exponential, old even, n = " + std::to_string(n), {kBetter, kTime}, 20'000, [&] {
            return Cells{cell("new", drawn(n, [&] { return 100 * random.exponential(); })),
                         cell("old", drawn(n, [&] { return 100 + 10 * random.normal(); }))};
          });
      CHECK(slow <= (n < 100 ? 0.065 : kMost));
    }
  }

  TEST_CASE("equal sides over clusters") {
    Random random(24);
    for (const std::size_t groups : {6u, 12u, 30u}) {
      for (const auto* metric : {&kRate, &kGrade}) {
        const auto name = std::string(metric == &kRate ? "right and wrong" : "grades");
        const auto share =
            passes(name + " in clusters, G = " + std::to_string(groups), {kBetter, *metric}, 10'000, [&] {
              Values a, b;
              std::vector<std::string> clusters;
              for (std::size_t group = 0; group < groups; ++group) {
                const double left = random.normal(), right = random.normal();
                for (std::size_t i = 0; i < 2 + group % 5 * 3; ++i) {
                  clusters.push_back("c" + std::to_string(group));
                  const double x = left + random.normal(), y = right + random.normal();
                  a.emplace_back(metric == &kRate ? (x > -1 ? 1.0 : 0.0) : 1 / (1 + std::exp(-x)));
                  b.emplace_back(metric == &kRate ? (y > -1 ? 1.0 : 0.0) : 1 / (1 + std::exp(-y)));
                }
              }
              return Cells{cell("new", a, clusters), cell("old", b, clusters)};
            });
        CHECK(share <= kMost);
      }
    }
  }

  TEST_CASE("the best of five, chosen on the cases that then judge it") {
    Random random(25);
    for (const std::string ties : {"first", "cheapest"}) {
      for (const auto* metric : {&kRate, &kGrade}) {
        Gate gate("from: eval\nselect: {metric: m, among: ['new*'], ties: " + ties +
                      "}\nrequire: [{metric: m, versus: old, better_by: 0.0}]",
                  *metric);
        const auto name = std::string(metric == &kRate ? "right and wrong" : "grades");
        const auto share = passes("best of five, " + name + ", ties: " + ties, std::move(gate), 10'000, [&] {
          const auto one = [&] {
            return drawn(100,
                         [&] { return metric == &kRate ? (random.chance(0.7) ? 1.0 : 0.0) : random.beta(0.8, 0.4); });
          };
          Cells out{cell("old", one())};
          for (int i = 0; i < 5; ++i) out.push_back(cell("new" + std::to_string(i), one()));
          return out;
        });
        CHECK(share <= kMost);
      }
    }
  }

  TEST_CASE("a rate that is just what is asked passes about one time in twenty") {
    Random random(26);
    struct Asked {
      std::size_t n;
      double most;  ///< A rate has few values: docs/statistics.md.
    };
    for (const auto& [n, most] : {Asked{50, 0.07}, Asked{200, 0.062}, Asked{1000, 0.057}}) {
      Gate gate("from: eval\nrequire: [{metric: m, at_least: 0.9}]", kRate);
      const auto share =
          passes("at least 0.9, true rate 0.9, n = " + std::to_string(n), std::move(gate), 10'000,
                 [&, n = n] { return Cells{cell("new", drawn(n, [&] { return random.chance(0.9) ? 1.0 : 0.0; }))}; });
      CHECK(share <= most);
    }
  }

  TEST_CASE("a difference that is there is found") {
    Random random(27);
    const auto share = passes("0.70 against 0.85, n = 200", {kBetter, kRate}, 2000, [&] {
      const auto one = [&](double p) { return drawn(200, [&] { return random.chance(p) ? 1.0 : 0.0; }); };
      return Cells{cell("new", one(0.85)), cell("old", one(0.7))};
    });
    CHECK(share > 0.9);
  }
}
