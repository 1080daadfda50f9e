#include "steps/gate/cells.h"

#include "base/text.h"

namespace llmops::steps::gate {

Result<Cells> Cells::read(const std::vector<schema::Placed<std::string>>& from, step::Context& context) {
  Cells out;
  for (const auto& name : from) {
    bool any = false;
    for (const auto& [id, outcome] : context.inputs().steps) {
      const bool fits = id == name.value || id.starts_with(name.value + "[");
      const auto* output = fits ? outcome.output("results") : nullptr;
      if (!output) continue;
      any = true;
      TRY(const auto bytes, context.fetch(*output));
      TRY(auto results, score::results_from_jsonl("results of " + id, bytes));
      out.results_.push_back(std::move(results));
    }
    if (!any) {
      return invalid_error("`" + name.value + "` has no results for a gate", name.at,
                           "name an `eval` step that runs here");
    }
  }
  return out;
}

std::vector<Found> Cells::all() const {
  std::vector<Found> out;
  for (const auto& results : results_) {
    for (const auto& cell : results.cells) out.push_back({&results, &cell});
  }
  return out;
}

std::vector<std::string> Cells::names() const {
  std::vector<std::string> out;
  for (const auto& found : all()) out.push_back(found.name());
  return out;
}

Result<Found> Cells::find(const schema::Placed<doc::Node>& written) const {
  CellRef wanted;
  if (!written.value.is_null()) wanted = schema::read<CellRef>(written.value);
  std::vector<Found> fitting;
  for (const auto& found : all()) {
    const auto& cell = *found.cell;
    const bool by_name =
        wanted.name.empty() || found.name() == wanted.name || cell.model == wanted.name || cell.prompt == wanted.name;
    const bool by_axes =
        (wanted.model.empty() || cell.model == wanted.model) && (wanted.prompt.empty() || cell.prompt == wanted.prompt);
    if (by_name && by_axes) fitting.push_back(found);
    if (!wanted.name.empty() && found.name() == wanted.name) return found;
  }
  if (fitting.size() == 1) return fitting.front();
  const auto what = wanted.name.empty() ? std::string("the requirement") : "`" + wanted.name + "`";
  if (fitting.empty()) {
    return invalid_error("there is no cell " + what, written.at, text::did_you_mean(wanted.name, names()));
  }
  std::vector<std::string> fit;
  for (const auto& found : fitting) fit.push_back("`" + found.name() + "`");
  return invalid_error(what + " fits several cells: " + text::join(fit, ", "), written.at, "name one with `of:`");
}

std::vector<Found> Cells::among(const std::vector<std::string>& globs) const {
  std::vector<Found> out;
  for (const auto& found : all()) {
    for (const auto& glob : globs) {
      if (!text::glob_match(glob, found.name()) && !(glob == "*/*" && found.cell->prompt.empty())) continue;
      out.push_back(found);
      break;
    }
  }
  return out;
}

Result<std::size_t> metric_of(const Found& found, const schema::Placed<std::string>& metric) {
  if (const auto index = found.results->metric_index(metric.value)) return *index;
  std::vector<std::string> names;
  for (const auto& known : found.results->metrics) names.push_back(known.name);
  return invalid_error("there is no metric `" + metric.value + "`", metric.at, text::did_you_mean(metric.value, names));
}

}  // namespace llmops::steps::gate
