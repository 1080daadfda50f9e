#include "score/agreement.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "score/bca.h"
#include "score/moments.h"

namespace llmops::score {
namespace {

/// Agreement weights, 1 on the diagonal.
double weight(Weights weights, std::size_t i, std::size_t j, std::size_t labels) {
  if (weights == Weights::none) return i == j ? 1 : 0;
  const double apart =
      labels < 2 ? 0 : (static_cast<double>(i) - static_cast<double>(j)) / static_cast<double>(labels - 1);
  return 1 - (weights == Weights::linear ? std::fabs(apart) : square(apart));
}

struct Shares {
  std::vector<std::vector<double>> cells;
  std::vector<double> rows, columns;
};

Shares shares_of(const Confusion& table) {
  const auto k = table.counts.size();
  const auto n = static_cast<double>(table.cases());
  Shares out{std::vector(k, std::vector<double>(k)), std::vector<double>(k), std::vector<double>(k)};
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const double share = static_cast<double>(table.counts[i][j]) / n;
      out.cells[i][j] = share;
      out.rows[i] += share;
      out.columns[j] += share;
    }
  }
  return out;
}

/// A place in a table.
struct Cell {
  std::size_t row = 0, column = 0;
};

/// A table of as many cases, drawn from all.
Confusion drawn_from(const Confusion& table, const std::vector<Cell>& cases, Draws& draws) {
  auto out = table;
  for (auto& row : out.counts) std::fill(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto [row, column] = cases[draws.place(cases.size())];
    ++out.counts[row][column];
  }
  return out;
}

}  // namespace

std::size_t Confusion::cases() const {
  std::size_t out = 0;
  for (const auto& row : counts) {
    for (const auto count : row) out += count;
  }
  return out;
}

std::size_t Confusion::agreed() const {
  std::size_t out = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) out += counts[i][i];
  return out;
}

Confusion confusion_of(std::span<const std::string> first, std::span<const std::string> second,
                       std::vector<std::string> labels) {
  Confusion out{std::move(labels), {}};
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < out.labels.size(); ++i) places.emplace(out.labels[i], i);
  std::set<std::string> others(first.begin(), first.end());
  others.insert(second.begin(), second.end());
  for (const auto& label : others) {
    if (places.emplace(label, out.labels.size()).second) out.labels.push_back(label);
  }
  out.counts.assign(out.labels.size(), std::vector<std::size_t>(out.labels.size()));
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    ++out.counts[places.at(first[i])][places.at(second[i])];
  }
  return out;
}

std::optional<Kappa> kappa_of(const Confusion& table, Weights weights, double confidence) {
  const auto n = static_cast<double>(table.cases());
  if (n == 0) return std::nullopt;
  const auto shares = shares_of(table);
  const auto k = table.counts.size();
  double observed = 0, expected = 0;
  std::vector<double> of_row(k), of_column(k);  // The weight that chance gives each label.
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const double w = weight(weights, i, j, k);
      observed += w * shares.cells[i][j];
      expected += w * shares.rows[i] * shares.columns[j];
      of_row[i] += w * shares.columns[j];
      of_column[j] += w * shares.rows[i];
    }
  }
  if (1 - expected < 1e-12) return std::nullopt;
  Kappa out;
  out.value = (observed - expected) / (1 - expected);
  const double rest = 1 - out.value;
  double variance = -square(out.value - expected * rest);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      variance += shares.cells[i][j] * square(weight(weights, i, j, k) - (of_row[i] + of_column[j]) * rest);
    }
  }
  out.standard_error = std::sqrt(std::max(0.0, variance) / n) / (1 - expected);
  const double half = normal_quantile((1 + confidence) / 2) * out.standard_error;
  out.interval = {std::max(-1.0, out.value - half), std::min(1.0, out.value + half)};
  return out;
}

std::optional<Interval> bootstrapped_kappa(const Confusion& table, Weights weights, const BootstrapOptions& options) {
  const auto estimate = kappa_of(table, weights);
  if (!estimate) return std::nullopt;
  std::vector<Cell> cases;
  std::vector<LeftOut> jackknife;
  auto without = table;
  for (std::size_t i = 0; i < table.counts.size(); ++i) {
    for (std::size_t j = 0; j < table.counts.size(); ++j) {
      if (table.counts[i][j] == 0) continue;
      cases.insert(cases.end(), table.counts[i][j], {i, j});
      --without.counts[i][j];
      const auto left = kappa_of(without, weights);
      jackknife.push_back({left ? left->value : estimate->value, static_cast<double>(table.counts[i][j])});
      ++without.counts[i][j];
    }
  }
  Draws draws(options.seed);
  std::vector<double> drawn;
  for (std::size_t tries = 0; drawn.size() < options.resamples && tries < 100 * options.resamples; ++tries) {
    if (const auto kappa = kappa_of(drawn_from(table, cases, draws), weights)) drawn.push_back(kappa->value);
  }
  return bca_interval(std::move(drawn), estimate->value, jackknife, options.confidence);
}

Agreement agreement_of(const Confusion& table, double confidence) {
  Agreement out{table.cases(), table.agreed(), 0, {}};
  if (out.n > 0) out.share = static_cast<double>(out.agreed) / static_cast<double>(out.n);
  out.interval = wilson(static_cast<double>(out.agreed), static_cast<double>(out.n), confidence);
  return out;
}

}  // namespace llmops::score
