#include "score/reducer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <numeric>
#include <vector>

#include "base/text.h"

namespace llmops::score {
namespace {

struct Row {
  Reducer::Kind kind;
  std::string_view name;
  bool takes_number;
};
constexpr std::array kRows = {
    Row{Reducer::Kind::mean, "mean", false},         Row{Reducer::Kind::mode, "mode", false},
    Row{Reducer::Kind::majority, "majority", false}, Row{Reducer::Kind::at_least, "at_least", true},
    Row{Reducer::Kind::pass_at, "pass_at", true},    Row{Reducer::Kind::pass_all, "pass_all", true},
};

std::vector<std::string> forms() {
  std::vector<std::string> out;
  for (const auto& row : kRows) out.push_back(std::string(row.name) + (row.takes_number ? "(n)" : ""));
  return out;
}

double mode_of(std::span<const double> scores) {
  std::map<double, std::size_t> counts;
  for (const auto score : scores) ++counts[score];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

/// C(some, n) / C(all, n): how likely n drawn without putting back are all among `some`.
double all_among(std::int64_t some, std::int64_t all, std::int64_t n) {
  double out = 1;
  for (std::int64_t i = 0; i < n; ++i)
    out *= std::max(0.0, static_cast<double>(some - i)) / static_cast<double>(all - i);
  return out;
}

}  // namespace

Result<Reducer> Reducer::parse(std::string_view text) {
  for (const auto& row : kRows) {
    auto rest = text::trim(text);
    if (!rest.starts_with(row.name)) continue;
    rest.remove_prefix(row.name.size());
    if (!row.takes_number && rest.empty()) return Reducer{row.kind, 1};
    if (!row.takes_number || !rest.starts_with('(') || !rest.ends_with(')')) continue;
    const auto digits = text::trim(rest.substr(1, rest.size() - 2));
    std::int64_t n = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    if (failed == std::errc{} && end == digits.data() + digits.size() && n >= 1) return Reducer{row.kind, n};
  }
  return invalid_error("unknown reducer `" + text::shorten(text, 60) + "`", {},
                       "write one of `" + text::join(forms(), "`, `") + "`, with a number of at least 1 for n");
}

double Reducer::reduce(std::span<const double> scores) const {
  const auto k = static_cast<std::int64_t>(scores.size());
  if (k == 1) return scores.front();
  if (kind == Kind::mean) return std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(k);
  if (kind == Kind::mode) return mode_of(scores);
  const auto passed = std::count_if(scores.begin(), scores.end(), [](double score) { return score > 0.5; });
  switch (kind) {
    case Kind::majority:
      return 2 * passed > k ? 1 : 0;
    case Kind::at_least:
      return passed >= n ? 1 : 0;
    case Kind::pass_at:
      return 1 - all_among(k - passed, k, std::min(n, k));
    default:
      return all_among(passed, k, std::min(n, k));
  }
}

std::string to_string(const Reducer& reducer) {
  for (const auto& row : kRows) {
    if (row.kind != reducer.kind) continue;
    return std::string(row.name) + (row.takes_number ? "(" + std::to_string(reducer.n) + ")" : "");
  }
  return {};
}

}  // namespace llmops::score
