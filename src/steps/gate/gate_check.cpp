#include "steps/gate/gate_check.h"

#include <algorithm>

#include "steps/gate/cells.h"

namespace llmops::steps::gate {
namespace {

bool is_late(const std::string& text) { return text.find("${") != std::string::npos; }

bool is_late(const doc::Node& node) {
  if (node.is_string()) return is_late(node.as_string());
  if (!node.is_map()) return false;
  return std::any_of(node.entries().begin(), node.entries().end(),
                     [](const auto& entry) { return is_late(entry.value); });
}

/// The results that these declarations promise: metrics and cells without a case.
score::Results promised(const step::Measures& measures) {
  score::Results out;
  out.dataset = measures.dataset;
  for (const auto& metric : *measures.metrics) {
    score::MetricInfo info;
    info.name = metric;
    out.metrics.push_back(std::move(info));
  }
  if (!measures.cells) out.cells.emplace_back();  // Whatever its name, it has these metrics.
  for (const auto& [model, prompt] : measures.cells.value_or(std::vector<step::Measures::Cell>{})) {
    score::CellResult cell;
    cell.model = model;
    cell.prompt = prompt;
    out.cells.push_back(std::move(cell));
  }
  return out;
}

class References {
 public:
  References(const GateConfig& config, const step::Surroundings& around) : config_(config) {
    std::vector<MeasuredBy> measured;
    for (const auto& name : config.from) look_at(name, around, measured);
    cells_ = Cells::of(std::move(measured));
  }

  Errors check() {
    if (!metrics_known_) return std::move(errors_);
    if (!cells_known_) {
      if (config_.select) check_metric(cells_.all(), config_.select->metric, Wanted::in_one);
      for (const auto& requirement : config_.require) check_metric(cells_.all(), requirement.metric, Wanted::in_one);
      return std::move(errors_);
    }
    if (config_.select) check_select(*config_.select);
    for (const auto& requirement : config_.require) check_requirement(requirement);
    return std::move(errors_);
  }

 private:
  void look_at(const schema::Placed<std::string>& name, const step::Surroundings& around,
               std::vector<MeasuredBy>& measured) {
    bool any = false;
    for (const auto& [id, neighbour] : around.steps) {
      const auto& outputs = neighbour.declared.outputs;
      const bool measures =
          std::any_of(outputs.begin(), outputs.end(), [](const auto& output) { return output.name == "results"; });
      if (!is_from(name.value, id) || !measures) continue;
      any = true;
      certain_ = certain_ && !neighbour.conditional;
      const auto& told = neighbour.declared.measures;
      metrics_known_ = metrics_known_ && told.metrics;
      cells_known_ = cells_known_ && told.cells;
      const auto known = [&id = id](const MeasuredBy& other) { return other.step == id; };
      if (told.metrics && std::none_of(measured.begin(), measured.end(), known)) {
        measured.push_back({id, promised(told)});
      }
    }
    if (any) return;
    metrics_known_ = false;
    add(no_results(name));
  }

  void check_select(const Select& select) {
    const bool late =
        std::any_of(select.among.begin(), select.among.end(), [](const auto& glob) { return is_late(glob.value); });
    if (late) return;
    const auto candidates = cells_.among(select.among, select.metric.at);
    if (!candidates) return add(candidates.error());
    check_metric(*candidates, select.metric, certain_ ? Wanted::in_all : Wanted::in_one);
  }

  void check_requirement(const Requirement& requirement) {
    if (!requirement.of.value.is_null() || !config_.select) {
      check_side(cell_of(requirement), requirement.metric);
    } else {
      check_metric(cells_.all(), requirement.metric, Wanted::in_one);
    }
    const auto& versus = requirement.versus;
    if (!versus.value.is_null() && !means_deployed(versus.value)) check_side(versus, requirement.metric);
  }

  void check_side(const schema::Placed<doc::Node>& written, const schema::Placed<std::string>& metric) {
    if (is_late(written.value)) return check_metric(cells_.all(), metric, Wanted::in_one);
    auto found = cells_.find(written);
    if (found && certain_) return check_metric({*found}, metric, Wanted::in_all);
    // Of several that fit, one may be left once steps were skipped.
    if (!found && (certain_ || cells_.fitting(written).empty())) return add(std::move(found).error());
    check_metric(cells_.all(), metric, Wanted::in_one);
  }

  enum class Wanted { in_all, in_one };
  void check_metric(const std::vector<Found>& cells, const schema::Placed<std::string>& metric, Wanted wanted) {
    if (is_late(metric.value)) return;
    std::optional<Error> first;
    for (const auto& found : cells) {
      auto index = metric_of(found, metric);
      if (index && wanted == Wanted::in_one) return;
      if (!index && !first) first = std::move(index).error();
    }
    if (first) add(*std::move(first));
  }

  /// Both sides of a comparison say the same of its metric.
  void add(Error error) {
    if (std::find(errors_.begin(), errors_.end(), error) == errors_.end()) errors_.push_back(std::move(error));
  }

  const GateConfig& config_;
  bool metrics_known_ = true, cells_known_ = true;  ///< Before anything runs.
  bool certain_ = true;                             ///< No step may be skipped.
  Cells cells_;
  Errors errors_;
};

}  // namespace

Errors check_references(const GateConfig& config, const step::Surroundings& around) {
  return References(config, around).check();
}

}  // namespace llmops::steps::gate
