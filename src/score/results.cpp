#include "score/results.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "score/f1.h"

namespace llmops::score {
namespace {

/// Gives each cluster's name a number; a case without one stands alone.
class Clusters {
 public:
  std::size_t number_of(const std::string& cluster) {
    if (cluster.empty()) return next_++;
    named_ = true;
    const auto [place, added] = numbers_.try_emplace(cluster, next_);
    if (added) ++next_;
    return place->second;
  }
  bool named() const { return named_; }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
  std::size_t next_ = 0;
  bool named_ = false;
};

std::optional<double> score_at(const CaseResult& result, std::size_t metric) {
  return metric < result.scores.size() ? result.scores[metric] : std::nullopt;
}

/// Null: not there.
using Cases = std::vector<const CaseResult*>;

const CaseClasses* classes_of(const CellMetric& of, const CaseResult* one) {
  if (!one || of.info().classes >= one->classes.size() || !score_at(*one, of.metric)) return nullptr;
  const auto& classes = one->classes[of.info().classes];
  return classes.answered.empty() ? nullptr : &classes;
}

/// Which of the cases a statistic can be over; all of them where values are the cases' own.
std::vector<bool> everywhere(const CellMetric& of, const Cases& cases) {
  std::vector<bool> out(cases.size(), true);
  if (of.info().of_cases()) return out;
  for (std::size_t i = 0; i < cases.size(); ++i) out[i] = classes_of(of, cases[i]) != nullptr;
  return out;
}

std::vector<bool> both(std::vector<bool> a, const std::vector<bool>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = a[i] && b[i];
  return a;
}

/// `over`: which of them a statistic is over.
std::pair<Values, Shares> values_over(const CellMetric& of, const Cases& cases, const std::vector<bool>& over) {
  Values values(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i]) values[i] = score_at(*cases[i], of.metric);
  }
  if (of.info().of_cases()) return {std::move(values), {}};
  std::vector<const CaseClasses*> classes;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (over[i]) classes.push_back(classes_of(of, cases[i]));
  }
  const auto labels = of.results.classes.at(of.info().classes).labels.size();
  const auto f1 = f1_values(classes, labels, of.info().statistic);
  Shares shares{f1.effective, {}};
  for (const auto& value : values) shares.own.push_back(value.value_or(0));
  Values parts(cases.size());
  for (std::size_t i = 0, next = 0; i < cases.size(); ++i) {
    if (over[i]) parts[i] = f1.values[next++];
  }
  return {std::move(parts), std::move(shares)};
}

}  // namespace

std::optional<std::size_t> Results::metric_index(std::string_view name) const {
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (metrics[i].name == name) return i;
  }
  return std::nullopt;
}

const CellResult* Results::cell(std::string_view name) const {
  for (const auto& cell : cells) {
    if (cell.name() == name) return &cell;
  }
  return nullptr;
}

std::vector<std::string> Results::cell_names() const {
  std::vector<std::string> out;
  for (const auto& cell : cells) out.push_back(cell.name());
  return out;
}

bool has_metric(const CaseResult& result, std::size_t metric) {
  return !std::binary_search(result.without.begin(), result.without.end(), metric);
}

bool matches(const CaseResult& result, const Where& where) {
  for (const auto& [field, text] : where) {
    if (result.fields.find(field) != std::optional<std::string_view>(text)) return false;
  }
  return true;
}

Shares difference_of(Shares a, const Shares& b) {
  if (a.effective == 0 || b.effective == 0) return {};
  a.effective = std::min(a.effective, b.effective);
  for (std::size_t i = 0; i < a.own.size(); ++i) a.own[i] -= b.own[i];
  return a;
}

CellValues values_of(const CellMetric& of, const Where& where) {
  Cases cases;
  CellValues out;
  Clusters clusters;
  for (const auto& result : of.cell.cases) {
    if (!matches(result, where) || !has_metric(result, of.metric)) continue;
    cases.push_back(&result);
    out.clusters.push_back(clusters.number_of(result.cluster));
  }
  std::tie(out.values, out.shares) = values_over(of, cases, everywhere(of, cases));
  if (!clusters.named()) out.clusters.clear();
  return out;
}

PairedValues pair_values(const CellMetric& a, const CellMetric& b, const Where& where) {
  std::unordered_map<std::string_view, const CaseResult*> partners;
  for (const auto& result : b.cell.cases) {
    if (matches(result, where) && has_metric(result, b.metric)) partners.emplace(result.id, &result);
  }
  Cases left, right;
  PairedValues out;
  Clusters clusters;
  for (const auto& result : a.cell.cases) {
    if (!matches(result, where) || !has_metric(result, a.metric)) continue;
    const auto partner = partners.find(result.id);
    if (partner == partners.end()) {
      ++out.dropped;
      continue;
    }
    left.push_back(&result);
    right.push_back(partner->second);
    out.clusters.push_back(clusters.number_of(result.cluster));
    partners.erase(partner);
  }
  const auto on_both = both(everywhere(a, left), everywhere(b, right));
  Shares shares_a, shares_b;
  std::tie(out.a, shares_a) = values_over(a, left, on_both);
  std::tie(out.b, shares_b) = values_over(b, right, on_both);
  out.shares = difference_of(std::move(shares_a), shares_b);
  out.dropped += partners.size();
  if (!clusters.named()) out.clusters.clear();
  return out;
}

std::vector<CellValues> aligned_values(const std::vector<CellMetric>& cells) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::size_t> numbers;
  Clusters clusters;
  for (const auto& one : cells) {
    for (const auto& result : one.cell.cases) {
      if (!has_metric(result, one.metric)) continue;
      if (places.try_emplace(result.id, places.size()).second) numbers.push_back(clusters.number_of(result.cluster));
    }
  }
  if (!clusters.named()) numbers.clear();
  std::vector<Cases> aligned;
  std::vector<bool> common(places.size(), true);
  for (const auto& one : cells) {
    auto& cases = aligned.emplace_back(places.size());
    for (const auto& result : one.cell.cases) {
      if (!has_metric(result, one.metric)) continue;
      auto& place = cases[places.at(result.id)];
      if (!place) place = &result;
    }
    const auto known = everywhere(one, cases);
    if (std::find(known.begin(), known.end(), true) != known.end()) common = both(common, known);
  }
  std::vector<CellValues> out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto [values, shares] = values_over(cells[i], aligned[i], common);
    out.push_back({std::move(values), numbers, std::move(shares)});
  }
  return out;
}

std::string_view to_string(Scale scale) {
  switch (scale) {
    case Scale::binary:
      return "binary";
    case Scale::graded:
      return "graded";
    case Scale::amount:
      return "amount";
  }
  return "binary";
}

std::string_view to_string(Better better) { return better == Better::higher ? "higher" : "lower"; }

std::string_view to_string(Statistic statistic) {
  switch (statistic) {
    case Statistic::mean:
      return "mean";
    case Statistic::macro_f1:
      return "macro_f1";
    case Statistic::micro_f1:
      return "micro_f1";
  }
  return "mean";
}

}  // namespace llmops::score
