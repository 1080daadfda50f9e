#include "score/decision_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "base/units.h"

namespace llmops::score {
namespace {

constexpr std::size_t kFewClusters = 10;

std::string printed(const char* pattern, int digits, double value) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), pattern, digits, value);
  return {buffer.data(), std::min(buffer.size() - 1, static_cast<std::size_t>(std::max(0, length)))};
}

std::string with_unit(const MetricInfo& metric, const std::string& number) {
  if (metric.unit == "USD") return number.starts_with('-') ? "-$" + number.substr(1) : "$" + number;
  return metric.unit.empty() ? number : number + " " + metric.unit;
}

/// What a recipe asked for: as short as it can be, but rates with two decimals.
std::string show_asked(const MetricInfo& metric, double value) {
  auto number = text::from_double(value == 0 ? 0 : value);
  if (metric.scale != Scale::amount && number.find('e') == std::string::npos) {
    auto point = number.find('.');
    if (point == std::string::npos) {
      point = number.size();
      number += '.';
    }
    while (number.size() < point + 3) number += '0';
  }
  return with_unit(metric, number);
}

std::string sign_of(Rule rule, const Verdict& verdict, double threshold) {
  const bool holds = verdict.decision == Decision::pass;
  if (rule == Rule::at_least) return holds ? "≥" : "<";
  if (rule == Rule::at_most) return holds ? "≤" : ">";
  if (ties(verdict.value, threshold)) return holds ? "≥" : "≤";
  return holds ? ">" : "<";
}

/// A bound that no interval ever reaches: every answer right, or none.
bool out_of_reach(const Requirement& asked) {
  if (asked.metric.scale == Scale::amount || asked.paired()) return false;
  return asked.rule == Rule::at_least ? asked.bound >= 1 : asked.bound <= 0;
}

/// Two digits say all that a forecast knows: `1,300` for 1257.
std::string rounded_up(std::int64_t count) {
  std::int64_t unit = 1;
  while (count / unit >= 100) unit *= 10;
  auto out = std::to_string((count + unit - 1) / unit * unit);
  for (auto place = static_cast<std::ptrdiff_t>(out.size()) - 3; place > 0; place -= 3) {
    out.insert(static_cast<std::size_t>(place), ",");
  }
  return out;
}

std::string cases_text(const Requirement& asked, const std::optional<std::int64_t>& cases) {
  if (out_of_reach(asked)) return "no number of cases can show it; ask for less, or compare with `point: true`";
  if (!cases) return "more than 100,000 more cases would be needed";
  return "about " + rounded_up(*cases) + (*cases == 1 ? " more case" : " more cases") + " would settle it";
}

/// What its bounds are called.
std::string bound_name(const Requirement& asked) {
  return asked.options.looks == Looks::once ? "bound " : "always-valid bound ";
}

std::string sample_size(const Requirement& asked, const Verdict& verdict) {
  return "n = " + std::to_string(verdict.n) + (asked.paired() ? " pairs" : "");
}

/// What else a reader must know of the bounds.
std::string notes(const Requirement& asked, const Verdict& verdict, const Evidence& evidence) {
  std::string out;
  if (asked.options.comparisons > 1) {
    out += ", corrected for " + std::to_string(asked.options.comparisons) + " comparisons";
  }
  if (evidence.groups != verdict.n && evidence.groups < kFewClusters) {
    out += ", only " + count_of(evidence.groups, "cluster");
  }
  return out;
}

std::string small_p(double p) { return p < 1e-4 ? "< 0.0001" : "= " + printed("%.*g", 3, p); }

}  // namespace

double Requirement::confidence() const {
  const auto comparisons = static_cast<double>(std::max<std::size_t>(1, options.comparisons));
  return std::clamp(1 - (1 - options.confidence) / comparisons, 0.5 + 1e-9, 1 - 1e-12);
}

std::string show_value(const MetricInfo& metric, double value, double other) {
  const bool amount = metric.scale == Scale::amount;
  const double shown = value == 0 ? 0 : value;
  for (int digits = amount ? 4 : 3;; ++digits) {
    const auto number = printed(amount ? "%.*g" : "%.*f", digits, shown);
    if (digits >= 9 || ties(value, other) || text::to_double(number) != other) return with_unit(metric, number);
  }
}

std::string count_of(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string settled_reason(const Requirement& asked, const Verdict& verdict, const Evidence& evidence) {
  const double threshold = asked.threshold();
  std::string out = asked.paired() ? "difference " : "";
  out += show_value(asked.metric, verdict.value, threshold) + " " + sign_of(asked.rule, verdict, threshold) + " " +
         show_asked(asked.metric, threshold);
  if (asked.options.point) return out + ", the bare value without an interval (" + sample_size(asked, verdict) + ")";
  if (evidence.constant) return out + " (all values are equal, " + sample_size(asked, verdict) + ")";
  const bool lower = (verdict.decision == Decision::pass) == (asked.rule != Rule::at_most);
  const double deciding = lower ? verdict.low : verdict.high;
  return out + " with " + units::to_string(Ratio{asked.options.confidence}) + " confidence (" + bound_name(asked) +
         show_value(asked.metric, deciding, threshold) + ", " + sample_size(asked, verdict) +
         notes(asked, verdict, evidence) + ")";
}

std::string open_reason(const Requirement& asked, const Verdict& verdict, const Evidence& evidence) {
  const double threshold = asked.threshold();
  const auto& metric = asked.metric;
  std::string out = "inconclusive: ";
  const bool inside = verdict.low <= threshold && threshold <= verdict.high;
  if (evidence.exact && !inside) {
    const double p = std::min(evidence.p_above.value_or(1), evidence.p_below.value_or(1));
    out += "too few pairs differ, McNemar's exact p " + small_p(p) + " > " +
           text::from_double(std::round((1 - asked.confidence()) * 1e6) / 1e6);
  } else {
    const std::string left = asked.rule == Rule::at_least ? " < " : " ≤ ";
    const std::string right = asked.rule == Rule::at_most ? " < " : " ≤ ";
    out += bound_name(asked) + show_value(metric, verdict.low, threshold) + left + show_asked(metric, threshold) +
           right + show_value(metric, verdict.high, threshold);
  }
  return out + " (" + sample_size(asked, verdict) + ")" + notes(asked, verdict, evidence) + "; " +
         cases_text(asked, verdict.cases_needed);
}

std::string errors_reason(const Verdict& verdict, Decision against, Decision in_favour) {
  const auto would = [](Decision decision) {
    if (decision == Decision::inconclusive) return std::string("it would be inconclusive");
    return "it would " + std::string(to_string(decision));
  };
  return std::to_string(verdict.errors) + " of " + std::to_string(verdict.n + verdict.errors) +
         " failed: counted as wrong " + would(against) + ", counted as right " + would(in_favour);
}

}  // namespace llmops::score
