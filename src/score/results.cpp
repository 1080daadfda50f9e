#include "score/results.h"

#include <algorithm>
#include <unordered_map>

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

CellValues values_of(const CellResult& cell, std::size_t metric, const Where& where) {
  CellValues out;
  Clusters clusters;
  for (const auto& result : cell.cases) {
    if (!matches(result, where) || !has_metric(result, metric)) continue;
    out.values.push_back(score_at(result, metric));
    out.clusters.push_back(clusters.number_of(result.cluster));
  }
  if (!clusters.named()) out.clusters.clear();
  return out;
}

PairedValues pair_values(const CellMetric& a, const CellMetric& b, const Where& where) {
  std::unordered_map<std::string_view, const CaseResult*> partners;
  for (const auto& result : b.cell.cases) {
    if (matches(result, where) && has_metric(result, b.metric)) partners.emplace(result.id, &result);
  }
  PairedValues out;
  Clusters clusters;
  for (const auto& result : a.cell.cases) {
    if (!matches(result, where) || !has_metric(result, a.metric)) continue;
    const auto partner = partners.find(result.id);
    if (partner == partners.end()) {
      ++out.dropped;
      continue;
    }
    out.a.push_back(score_at(result, a.metric));
    out.b.push_back(score_at(*partner->second, b.metric));
    out.clusters.push_back(clusters.number_of(result.cluster));
    partners.erase(partner);
  }
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
  std::vector<CellValues> out;
  for (const auto& one : cells) {
    auto& of_cell = out.emplace_back(CellValues{Values(places.size()), numbers});
    std::vector<bool> seen(places.size());
    for (const auto& result : one.cell.cases) {
      if (!has_metric(result, one.metric)) continue;
      const auto place = places.at(result.id);
      if (!seen[place]) of_cell.values[place] = score_at(result, one.metric);
      seen[place] = true;
    }
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

}  // namespace llmops::score
