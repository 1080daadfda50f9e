#include "score/f1.h"

#include "score/moments.h"

namespace llmops::score {
namespace {

/// Of a class, or of all together.
struct Counts {
  double right = 0, expected = 0, answered = 0;

  double decisions() const { return expected + answered; }
  double f1() const { return decisions() > 0 ? 2 * right / decisions() : 0; }
  /// What F1 changes by for so much more of these, once for each unit.
  double slope(const Counts& more) const {
    return decisions() > 0 ? (2 * more.right - f1() * more.decisions()) / decisions() : 0;
  }
};

/// Calls `each` with a class and what the case adds to it; its repeats are parts of one.
template <class Each>
void for_each_class(const CaseClasses& one, std::size_t labels, const Each& each) {
  const double share = 1 / static_cast<double>(one.answered.size());
  double right = 0;
  for (const auto answered : one.answered) {
    if (answered == one.expected) {
      right += share;
    } else if (answered < labels) {
      each(answered, Counts{0, 0, share});
    }
  }
  if (one.expected < labels) each(one.expected, Counts{right, 1, right});
}

void add(Counts& all, const Counts& more) {
  all.right += more.right;
  all.expected += more.expected;
  all.answered += more.answered;
}

}  // namespace

F1Values f1_values(std::span<const CaseClasses* const> cases, std::size_t labels, Statistic statistic) {
  F1Values out;
  if (cases.empty()) return out;
  const bool macro = statistic == Statistic::macro_f1;
  std::vector<Counts> classes(macro ? labels : 1);
  const auto place = [&](std::size_t label) { return macro ? label : 0; };
  for (const auto* one : cases) {
    for_each_class(*one, labels, [&](std::size_t label, const Counts& more) { add(classes[place(label)], more); });
  }
  double seen = 0, expected = 0, rarity = 0;
  for (const auto& each : classes) {
    if (each.decisions() == 0) continue;
    seen += 1;
    out.f1 += each.f1();
    if (each.expected == 0) continue;
    expected += 1;
    rarity += 1 / each.expected;
  }
  if (seen > 0) out.f1 /= seen;
  out.effective = rarity > 0 ? square(expected) / rarity : 0;
  const double scale = seen > 0 ? static_cast<double>(cases.size()) / seen : 0;
  for (const auto* one : cases) {
    double slope = 0;
    for_each_class(*one, labels,
                   [&](std::size_t label, const Counts& more) { slope += classes[place(label)].slope(more); });
    out.values.push_back(out.f1 + scale * slope);
  }
  return out;
}

}  // namespace llmops::score
