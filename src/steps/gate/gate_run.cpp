#include "steps/gate/gate_run.h"

#include <algorithm>

#include "base/text.h"
#include "score/decision.h"
#include "steps/gate/cells.h"

namespace llmops::steps::gate {
namespace {

using score::Decision;

/// One rule of one requirement, decided.
struct Row {
  std::string metric, of, versus;
  score::Rule rule;
  score::Verdict verdict;
  score::Where where;
};

doc::Node number(double value) { return doc::Node(value); }

doc::Node to_node(const Row& row) {
  auto node = doc::Node::map({{"metric", row.metric}, {"of", row.of}});
  node["versus"] = row.versus.empty() ? doc::Node() : doc::Node(row.versus);
  node["rule"] = score::to_string(row.rule);
  node["bound"] = number(row.verdict.bound);
  const bool measured = row.verdict.decision != Decision::not_applicable;
  node["value"] = measured ? number(row.verdict.value) : doc::Node();
  node["low"] = measured ? number(row.verdict.low) : doc::Node();
  node["high"] = measured ? number(row.verdict.high) : doc::Node();
  node["p"] = row.verdict.p ? number(*row.verdict.p) : doc::Node();
  node["n"] = static_cast<std::int64_t>(row.verdict.n);
  node["errors"] = static_cast<std::int64_t>(row.verdict.errors);
  node["decision"] = score::to_string(row.verdict.decision);
  node["cases_needed"] = row.verdict.cases_needed ? doc::Node(*row.verdict.cases_needed) : doc::Node();
  node["reason"] = row.verdict.reason;
  if (!row.where.empty()) {
    auto& where = node["where"];
    for (const auto& [field, value] : row.where) where[field] = value;
  }
  return node;
}

class Gate {
 public:
  Gate(const GateConfig& config, Cells cells) : config_(config), cells_(std::move(cells)) {}

  Result<step::Outcome> decide() {
    if (config_.select) TRY_VOID(select());
    for (const auto& requirement : config_.require) TRY_VOID(decide_one(requirement));
    return outcome();
  }

 private:
  Result<void> select() {
    const auto& wanted = *config_.select;
    TRY(candidates_, cells_.among(wanted.among, wanted.metric.at));
    std::vector<score::Candidate> candidates;
    score::MetricInfo metric;
    std::vector<score::CellMetric> measured;
    for (const auto& found : candidates_) {
      TRY(const auto index, metric_of(found, wanted.metric));
      metric = found.results().metrics[index];
      measured.push_back({found.results(), *found.cell, index});
      score::Candidate candidate{found.name(), {}, std::nullopt, {}};
      if (const auto cost = found.results().metric_index("cost_usd_per_query")) {
        const auto summary = score::summarise(found.results(), *found.cell, *cost);
        if (summary.n > 0) candidate.cost = summary.value;
      }
      candidates.push_back(std::move(candidate));
    }
    auto values = score::aligned_values(measured);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      candidates[i].values = std::move(values[i].values);
      candidates[i].clusters = std::move(values[i].clusters);
      candidates[i].shares = std::move(values[i].shares);
    }
    const auto ties = wanted.ties == "cheapest" ? score::Ties::cheapest : score::Ties::first;
    const auto chosen = score::select(metric, candidates, ties, config_.confidence);
    if (!chosen) return nothing_chosen(wanted.metric, candidates);
    selected_ = candidates_[chosen->chosen];
    selection_reason_ = chosen->reason;
    return {};
  }

  static Error nothing_chosen(const schema::Placed<std::string>& metric,
                              const std::vector<score::Candidate>& candidates) {
    const bool any = std::any_of(candidates.begin(), candidates.end(), [](const auto& candidate) {
      return std::any_of(candidate.values.begin(), candidate.values.end(),
                         [](const auto& one) { return one.has_value(); });
    });
    auto error = any ? step_error("the candidates have no case in common that has a value of `" + metric.value + "`",
                                  "choose among cells of the same cases, by their `id`: evals of one dataset")
                     : step_error("none of the candidates has a value of `" + metric.value + "`");
    error.at = metric.at;
    return error;
  }

  Result<Found> subject(const Requirement& requirement) const {
    if (requirement.of.value.is_null() && selected_) return *selected_;
    return cells_.find(cell_of(requirement));
  }

  score::DecisionOptions options(const Requirement& requirement, const Found& of) const {
    score::DecisionOptions out;
    out.confidence = requirement.confidence.value_or(config_.confidence);
    out.max_errors = config_.max_errors.value;
    out.point = requirement.point;
    out.looks = config_.sequential ? score::Looks::many : score::Looks::once;
    // The best of several was chosen on these very cases: each of them was a chance.
    if (selected_ && of.cell == selected_->cell) out.comparisons = std::max<std::size_t>(1, candidates_.size());
    return out;
  }

  /// A slice by a field that no case has is a slip, not a slice without cases.
  static Result<void> check_fields(const score::Where& where, const score::CellResult& cell,
                                   const Requirement& requirement) {
    for (const auto& [field, text] : where) {
      const auto& name = field;
      const auto has = [&](const score::CaseResult& one) { return one.fields.find(name).has_value(); };
      if (cell.cases.empty() || std::any_of(cell.cases.begin(), cell.cases.end(), has)) continue;
      std::vector<std::string> known;
      for (const auto& entry : cell.cases.front().fields.list()) known.emplace_back(entry.first);
      return invalid_error("no case has the field `" + field + "` of `where`", requirement.metric.at,
                           text::did_you_mean(field, known));
    }
    return {};
  }

  Result<void> decide_one(const Requirement& requirement) {
    TRY(const auto of, subject(requirement));
    TRY(const auto metric, metric_of(of, requirement.metric));
    const auto options = this->options(requirement, of);
    if (!requirement.versus.value.is_null()) return decide_pair(requirement, of, metric, options);
    const auto where = where_of(requirement);
    TRY_VOID(check_fields(where, *of.cell, requirement));
    const auto values = score::values_of({of.results(), *of.cell, metric}, where);
    const auto& info = of.results().metrics[metric];
    const auto add = [&](score::Rule rule, std::optional<double> bound) {
      if (!bound) return;
      auto verdict = score::decide(info, values, rule, *bound, options);
      if (info.unit == "USD" && verdict.n == 0) verdict.reason = "the cost is not known: give the model a `price`";
      rows_.push_back({info.name, cells_.label(of), {}, rule, std::move(verdict), where});
    };
    add(score::Rule::at_least, requirement.at_least);
    add(score::Rule::at_most, requirement.at_most);
    return {};
  }

  Result<void> decide_pair(const Requirement& requirement, const Found& of, std::size_t metric,
                           const score::DecisionOptions& options) {
    const auto& info = of.results().metrics[metric];
    const auto rule = requirement.better_by ? score::Rule::better_by : score::Rule::not_worse_by;
    const auto bound = requirement.better_by ? *requirement.better_by : *requirement.not_worse_by;
    if (means_deployed(requirement.versus.value)) {
      score::Verdict verdict;
      verdict.decision = Decision::not_applicable;
      verdict.bound = bound;
      verdict.reason = "nothing is deployed yet";
      rows_.push_back(
          {info.name, cells_.label(of), requirement.versus.value.text(), rule, verdict, where_of(requirement)});
      return {};
    }
    TRY(const auto other, cells_.find(requirement.versus));
    TRY(const auto other_metric, metric_of(other, requirement.metric));
    const auto where = where_of(requirement);
    TRY_VOID(check_fields(where, *of.cell, requirement));
    const auto pairs =
        score::pair_values({of.results(), *of.cell, metric}, {other.results(), *other.cell, other_metric}, where);
    auto verdict = score::decide_paired(info, pairs, rule, bound, options);
    verdict.dropped = pairs.dropped;
    rows_.push_back({info.name, cells_.label(of), cells_.label(other), rule, std::move(verdict), where});
    return {};
  }

  Decision together() const {
    auto decision = Decision::pass;
    for (const auto& row : rows_) {
      if (row.verdict.decision == Decision::fail) return Decision::fail;
      if (row.verdict.decision == Decision::inconclusive) decision = Decision::inconclusive;
    }
    return decision;
  }

  std::string reason(Decision decision) const {
    for (const auto& row : rows_) {
      if (row.verdict.decision != decision || decision == Decision::pass) continue;
      return row.metric + " of " + row.of + ": " + row.verdict.reason;
    }
    if (rows_.empty()) return selection_reason_;
    return rows_.size() == 1 ? rows_[0].metric + " of " + rows_[0].of + ": " + rows_[0].verdict.reason
                             : "all " + std::to_string(rows_.size()) + " requirements hold";
  }

  step::Outcome outcome() const {
    const auto decision = together();
    const bool warned = decision == Decision::inconclusive && config_.when.inconclusive == "warn";
    step::Outcome out;
    out.gate = doc::Node::map({{"decision", score::to_string(decision)}});
    out.gate["selected"] = selected_ ? doc::Node(selected_->name()) : doc::Node();
    if (selected_) out.gate["selection"] = selection_reason_;
    auto rows = doc::Node::list();
    for (const auto& row : rows_) rows.push_back(gate::to_node(row));
    out.gate["requirements"] = std::move(rows);
    if (warned) out.gate["warned"] = true;
    if (config_.sequential) out.gate["sequential"] = true;
    out.reason = reason(decision);
    out.status = decision == Decision::fail                      ? step::Status::failed
                 : decision == Decision::inconclusive && !warned ? step::Status::inconclusive
                                                                 : step::Status::ran;
    out.cacheable = decision == Decision::pass;
    add_outputs(out);
    return out;
  }

  void add_outputs(step::Outcome& out) const {
    const auto all = cells_.all();
    const auto* cell = selected_ ? selected_->cell : all.size() == 1 ? all.front().cell : nullptr;
    if (!cell) return;
    step::Output model, prompt;
    model.name = "model";
    model.value = cell->model;
    prompt.name = "prompt";
    prompt.value = cell->prompt;
    out.outputs = {std::move(model), std::move(prompt)};
  }

  const GateConfig& config_;
  Cells cells_;
  std::vector<Found> candidates_;
  std::optional<Found> selected_;
  std::string selection_reason_;
  std::vector<Row> rows_;
};

}  // namespace

Result<step::Outcome> run_gate(const GateConfig& config, step::Context& context) {
  TRY(auto cells, Cells::read(config.from, context));
  return Gate(config, std::move(cells)).decide();
}

}  // namespace llmops::steps::gate
