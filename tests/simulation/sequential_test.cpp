// Looking after every ten cases, up to two thousand, where there is nothing to find.
#include <doctest/doctest.h>

#include <cstdio>
#include <functional>

#include "score/decision.h"
#include "simulation/draws.h"

using namespace llmops;
using score::Decision;
using score::Looks;
using score::Values;
using simulation::Random;

namespace {

constexpr std::size_t kCases = 2000, kBetween = 10;

struct Asked {
  std::string name;
  score::MetricInfo metric;
  score::Rule rule;
  double bound;
  /// The next case: one side, and the other where there are two.
  std::function<std::pair<double, double>()> draw;
};

score::Verdict decide(const Asked& asked, const Values& a, const Values& b, Looks looks) {
  score::DecisionOptions options;
  options.looks = looks;
  const bool paired = asked.rule == score::Rule::better_by || asked.rule == score::Rule::not_worse_by;
  return paired ? score::decide_paired(asked.metric, {a, b}, asked.rule, asked.bound, options)
                : score::decide(asked.metric, {a}, asked.rule, asked.bound, options);
}

/// The share of rounds in which any look passes.
double ever_passes(const Asked& asked, Looks looks, int rounds) {
  int passed = 0;
  for (int round = 0; round < rounds; ++round) {
    Values a, b;
    bool pass = false;
    while (a.size() < kCases && !pass) {
      for (std::size_t i = 0; i < kBetween; ++i) {
        const auto [left, right] = asked.draw();
        a.emplace_back(left);
        b.emplace_back(right);
      }
      pass = decide(asked, a, b, looks).decision == Decision::pass;
    }
    passed += pass ? 1 : 0;
  }
  const double share = static_cast<double>(passed) / rounds;
  std::printf("%-44s %-10s ever passes: %6.2f %%\n", asked.name.c_str(),
              looks == Looks::many ? "sequential" : "fixed n", 100 * share);
  return share;
}

score::MetricInfo metric(score::Scale scale, score::Better better = score::Better::higher) {
  return {"m", scale, better, {}};
}

}  // namespace

TEST_SUITE("sequential") {
  TEST_CASE("looking every ten cases: always-valid bounds keep their level, those of a fixed n do not") {
    Random random(31);
    const auto right = [&](double p) { return random.chance(p) ? 1.0 : 0.0; };
    const auto binary = metric(score::Scale::binary), graded = metric(score::Scale::graded);
    const std::vector<Asked> all = {
        {"better, right and wrong", binary, score::Rule::better_by, 0,
         [&] { return std::pair(right(0.8), right(0.8)); }},
        {"better, nearly always right", binary, score::Rule::better_by, 0,
         [&] { return std::pair(right(0.98), right(0.98)); }},
        {"not worse by 0.05, worse by just that", binary, score::Rule::not_worse_by, 0.05,
         [&] { return std::pair(right(0.75), right(0.8)); }},
        {"at least 0.9, true 0.9", binary, score::Rule::at_least, 0.9, [&] { return std::pair(right(0.9), 0.0); }},
        {"at most 0.02, true 0.02", binary, score::Rule::at_most, 0.02, [&] { return std::pair(right(0.02), 0.0); }},
        {"times at most 1, true mean 1, normal", metric(score::Scale::amount, score::Better::lower),
         score::Rule::at_most, 1, [&] { return std::pair(1 + 0.3 * random.normal(), 0.0); }},
        {"times at most 1, true mean 1, exponential", metric(score::Scale::amount, score::Better::lower),
         score::Rule::at_most, 1, [&] { return std::pair(random.exponential(), 0.0); }},
    };
    for (const auto& asked : all) {
      CAPTURE(asked.name);
      CHECK(ever_passes(asked, Looks::many, 1000) <= 0.055);
      CHECK(ever_passes(asked, Looks::once, 300) > 0.1);
    }
    const Asked grades{"better, grades", graded, score::Rule::better_by, 0, [&] {
                         return std::pair(random.chance(0.7) ? 1.0 : std::round(4 * random.uniform()) / 4,
                                          random.chance(0.7) ? 1.0 : std::round(4 * random.uniform()) / 4);
                       }};
    CHECK(ever_passes(grades, Looks::many, 1000) <= 0.055);
    CHECK(ever_passes(grades, Looks::once, 300) > 0.1);
  }

  TEST_CASE("a difference that is there is found") {
    Random random(32);
    const Asked asked{"better, 0.85 against 0.75", metric(score::Scale::binary), score::Rule::better_by, 0,
                      [&] { return std::pair(random.chance(0.85) ? 1.0 : 0.0, random.chance(0.75) ? 1.0 : 0.0); }};
    CHECK(ever_passes(asked, Looks::many, 300) > 0.95);
  }
}
