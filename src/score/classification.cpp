#include "score/classification.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <unordered_map>

#include "score/bca.h"

namespace llmops::score {
namespace {

double ratio_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// The cases of a class: rightly answered, expected, answered.
struct Tally {
  double right = 0, expected = 0, answered = 0;
  bool seen() const { return expected > 0 || answered > 0; }
  double f1() const { return ratio_of(2 * right, expected + answered); }
};

void count(std::vector<Tally>& classes, const Classified& one, double times) {
  classes[one.expected].expected += times;
  classes[one.answered].answered += times;
  if (one.expected == one.answered) classes[one.expected].right += times;
}

double macro_f1(const std::vector<Tally>& classes) {
  double sum = 0, seen = 0;
  for (const auto& each : classes) {
    if (!each.seen()) continue;
    sum += each.f1();
    seen += 1;
  }
  return ratio_of(sum, seen);
}

/// One rater, or two that are compared, over cases that are drawn together.
struct Sides {
  std::span<const Classified> a, b;
  std::size_t classes = 0;

  std::size_t size() const { return a.size(); }
};

std::size_t classes_of(std::span<const Classified> cases) {
  std::size_t out = 0;
  for (const auto& [expected, answered] : cases) out = std::max({out, expected + 1, answered + 1});
  return out;
}

/// The macro F1, or its difference, of counted cases. Cases that are alike on all sides are counted together.
class Counter {
 public:
  explicit Counter(const Sides& sides) : sides_(&sides) {
    std::map<std::array<std::size_t, 4>, std::uint32_t> places;
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const auto &a = sides.a[i], &b = sides.b.empty() ? a : sides.b[i];
      const auto [place, added] =
          places.try_emplace({a.expected, a.answered, b.expected, b.answered}, examples_.size());
      if (added) examples_.push_back(i);
      kinds_.push_back(place->second);
    }
    clear();
  }
  void clear() { counts_.assign(examples_.size(), 0); }
  void add(std::size_t place) { ++counts_[kinds_[place]]; }
  void take(std::size_t place) { --counts_[kinds_[place]]; }
  double value() const {
    const double a = of(sides_->a);
    return sides_->b.empty() ? a : of(sides_->b) - a;
  }

 private:
  double of(std::span<const Classified> cases) const {
    std::vector<Tally> classes(sides_->classes);
    for (std::size_t i = 0; i < counts_.size(); ++i) count(classes, cases[examples_[i]], counts_[i]);
    return macro_f1(classes);
  }

  const Sides* sides_;
  std::vector<std::uint32_t> kinds_, counts_;
  std::vector<std::size_t> examples_;  ///< One case of each kind.
};

/// What is drawn as a whole: a cluster, or a case where there are none.
class Units {
 public:
  Units(std::size_t cases, std::span<const std::size_t> clusters) {
    std::unordered_map<std::size_t, std::size_t> names;
    std::vector<std::size_t> unit_of;
    for (std::size_t i = 0; i < cases; ++i) {
      unit_of.push_back(clusters.empty() ? i : names.try_emplace(clusters[i], names.size()).first->second);
    }
    const auto units = clusters.empty() ? cases : names.size();
    begins_.assign(units + 1, 0);
    for (const auto unit : unit_of) ++begins_[unit + 1];
    for (std::size_t unit = 0; unit < units; ++unit) begins_[unit + 1] += begins_[unit];
    cases_.resize(cases);
    auto next = begins_;
    for (std::size_t i = 0; i < cases; ++i) cases_[next[unit_of[i]]++] = i;
  }
  std::size_t size() const { return begins_.size() - 1; }
  /// The places of its cases.
  std::span<const std::size_t> operator[](std::size_t unit) const {
    return std::span(cases_).subspan(begins_[unit], begins_[unit + 1] - begins_[unit]);
  }

 private:
  std::vector<std::size_t> cases_, begins_;
};

Estimate estimate_of(const Sides& sides, std::span<const std::size_t> clusters, const BootstrapOptions& options) {
  Counter counter(sides);
  const Units units(sides.size(), clusters);
  for (std::size_t i = 0; i < sides.size(); ++i) counter.add(i);
  Estimate out{counter.value(), {}};
  out.interval = {out.value, out.value};
  if (units.size() < 2) return out;

  std::vector<LeftOut> jackknife;
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    for (const auto place : units[unit]) counter.take(place);
    jackknife.push_back({counter.value(), 1});
    for (const auto place : units[unit]) counter.add(place);
  }
  Draws draws(options.seed);
  std::vector<double> drawn(options.resamples);
  for (double& value : drawn) {
    counter.clear();
    for (std::size_t i = 0; i < units.size(); ++i) {
      for (const auto place : units[draws.place(units.size())]) counter.add(place);
    }
    value = counter.value();
  }
  out.interval = bca_interval(std::move(drawn), out.value, jackknife, options.confidence);
  return out;
}

}  // namespace

Classification classification_of(const Confusion& table) {
  Classification out;
  out.n = table.cases();
  out.accuracy = ratio_of(static_cast<double>(table.agreed()), static_cast<double>(out.n));
  Tally all;
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    ClassMetrics one;
    one.label = table.labels[i];
    for (std::size_t j = 0; j < table.labels.size(); ++j) {
      one.expected += table.counts[i][j];
      one.answered += table.counts[j][i];
    }
    const Tally tally{static_cast<double>(table.counts[i][i]), static_cast<double>(one.expected),
                      static_cast<double>(one.answered)};
    if (!tally.seen()) continue;
    one.precision = ratio_of(tally.right, tally.answered);
    one.recall = ratio_of(tally.right, tally.expected);
    one.f1 = tally.f1();
    out.macro_f1 += one.f1;
    all = {all.right + tally.right, all.expected + tally.expected, all.answered + tally.answered};
    out.classes.push_back(std::move(one));
  }
  out.macro_f1 = ratio_of(out.macro_f1, static_cast<double>(out.classes.size()));
  out.micro_f1 = all.f1();
  return out;
}

Estimate macro_f1_of(std::span<const Classified> cases, std::span<const std::size_t> clusters,
                     const BootstrapOptions& options) {
  return estimate_of({cases, {}, classes_of(cases)}, clusters, options);
}

Estimate macro_f1_difference(std::span<const Classified> a, std::span<const Classified> b,
                             std::span<const std::size_t> clusters, const BootstrapOptions& options) {
  const auto size = std::min(a.size(), b.size());
  a = a.first(size);
  b = b.first(size);
  return estimate_of({a, b, std::max(classes_of(a), classes_of(b))}, clusters, options);
}

}  // namespace llmops::score
