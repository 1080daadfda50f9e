#include "report/plan_text.h"

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "model/price.h"

namespace llmops::report {
namespace {

Paint paint_of(const std::string& state) {
  if (state == "run") return Paint::cyan;
  if (state == "error") return Paint::red;
  return state == "unknown" ? Paint::yellow : Paint::dim;
}

std::string thousands(std::int64_t value) {
  auto digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

/// The sum over what would run; what depends on it is not in it.
step::Estimate total(const PlanView& view) {
  step::Estimate sum;
  sum.input_tokens = sum.output_tokens = 0;
  sum.cost = Usd{0};
  sum.duration = Duration{0};
  for (const auto& row : view.rows) {
    if (!row.estimate || row.estimate->queries == 0) continue;
    sum.queries += row.estimate->queries;
    sum.input_tokens = sum.input_tokens && row.estimate->input_tokens
                           ? std::optional(*sum.input_tokens + *row.estimate->input_tokens)
                           : std::nullopt;
    sum.output_tokens = sum.output_tokens && row.estimate->output_tokens
                            ? std::optional(*sum.output_tokens + *row.estimate->output_tokens)
                            : std::nullopt;
    sum.cost =
        sum.cost && row.estimate->cost ? std::optional(Usd{sum.cost->value + row.estimate->cost->value}) : std::nullopt;
    sum.duration =
        sum.duration && row.estimate->duration ? std::optional(*sum.duration + *row.estimate->duration) : std::nullopt;
    sum.prices.insert(row.estimate->prices.begin(), row.estimate->prices.end());
  }
  return sum;
}

std::string estimate_text(const PlanView& view) {
  const auto sum = total(view);
  if (sum.queries == 0) return {};
  auto out = "at most " + thousands(sum.queries) + " queries";
  if (sum.input_tokens && sum.output_tokens) {
    out +=
        ", about " + thousands(*sum.input_tokens) + " tokens in and at most " + thousands(*sum.output_tokens) + " out";
  }
  out += sum.cost ? ", " + units::to_string(*sum.cost) : std::string(", cost unknown");
  out += sum.duration ? ", about " + units::to_string(*sum.duration) + " at the latencies of the last run"
                      : std::string(", time unknown");
  out += "; cached answers cost nothing\n";
  for (const auto& [name, pricing] : sum.prices) out += "price of `" + name + "`: " + to_string(pricing) + "\n";
  return out;
}

template <class T>
doc::Node or_null(const std::optional<T>& value) {
  if constexpr (std::is_same_v<T, Usd>) {
    return value ? doc::Node(value->value) : doc::Node();
  } else {
    return value ? doc::Node(*value) : doc::Node();
  }
}

doc::Node to_node(const model::Pricing& pricing) {
  using Source = model::Pricing::Source;
  const auto source = pricing.source == Source::table    ? "table"
                      : pricing.source == Source::recipe ? "recipe"
                                                         : "unknown";
  auto out = doc::Node::map({{"source", source},
                             {"input", or_null(pricing.price.input)},
                             {"output", or_null(pricing.price.output)},
                             {"cache_read", or_null(pricing.price.cache_read)},
                             {"cache_write", or_null(pricing.price.cache_write)},
                             {"usd_per_hour", or_null(pricing.price.usd_per_hour)}});
  out["table"] = pricing.source == Source::table ? doc::Node(std::string(model::price_table_date())) : doc::Node();
  return out;
}

}  // namespace

bool PlanView::would_run() const {
  return std::any_of(rows.begin(), rows.end(),
                     [](const auto& row) { return row.state == "run" || row.state == "unknown"; });
}

std::string plan_text(const PlanView& view, Why why, Colour colour) {
  std::size_t id_width = 4, kind_width = 4, to_run = 0;
  for (const auto& row : view.rows) {
    id_width = std::max(id_width, width_of(row.id));
    kind_width = std::max(kind_width, width_of(row.kind));
    if (row.state == "run") ++to_run;
  }
  auto out = paint(colour, Paint::bold, view.recipe + " in " + view.environment) + ": " +
             std::to_string(view.rows.size()) + (view.rows.size() == 1 ? " step, " : " steps, ") +
             std::to_string(to_run) + " to run now\n";
  for (const auto& row : view.rows) {
    out += "  " + padded(row.id, id_width) + "  " + padded(row.kind, kind_width) + "  " +
           paint(colour, paint_of(row.state), padded(row.state, 7)) + "  " + text::printable(row.reason) + "\n";
    if (why == Why::no || row.state != "run") continue;
    for (const auto& change : row.changes) {
      out += "      " + text::printable(change.name) + "\n";
      if (const auto modes = plan::mode_change(change); !modes.empty()) {
        out += "        mode changed " + modes + "\n";
        continue;
      }
      out += "        was " + (change.before.empty() ? "not there" : text::printable(change.before)) + "\n";
      out += "        now " + (change.after.empty() ? "not there" : text::printable(change.after)) + "\n";
    }
  }
  return out + estimate_text(view);
}

doc::Node to_node(const PlanView& view) {
  auto out = doc::Node::map(
      {{"recipe", view.recipe}, {"environment", view.environment}, {"release_key", view.release_key.to_string()}});
  out["refused"] = view.refused.empty() ? doc::Node() : doc::Node(view.refused);
  auto steps = doc::Node::list();
  for (const auto& row : view.rows) {
    auto step = doc::Node::map({{"id", row.id}, {"kind", row.kind}, {"state", row.state}, {"reason", row.reason}});
    step["key"] = row.key ? doc::Node(row.key->to_string()) : doc::Node();
    auto changes = doc::Node::list();
    for (const auto& change : row.changes) {
      changes.push_back(doc::Node::map({{"name", change.name}, {"before", change.before}, {"after", change.after}}));
    }
    step["changes"] = std::move(changes);
    if (row.estimate) {
      step["estimate"] = doc::Node::map({{"queries", row.estimate->queries},
                                         {"input_tokens", or_null(row.estimate->input_tokens)},
                                         {"output_tokens", or_null(row.estimate->output_tokens)},
                                         {"cost_usd", or_null(row.estimate->cost)}});
      const auto& duration = row.estimate->duration;
      step["estimate"]["duration_s"] =
          duration ? doc::Node(std::chrono::duration<double>(*duration).count()) : doc::Node();
      auto prices = doc::Node::map();
      for (const auto& [name, pricing] : row.estimate->prices) prices[name] = to_node(pricing);
      step["estimate"]["prices"] = std::move(prices);
    } else {
      step["estimate"] = doc::Node();
    }
    steps.push_back(std::move(step));
  }
  out["steps"] = std::move(steps);
  return out;
}

}  // namespace llmops::report
