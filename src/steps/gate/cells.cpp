#include "steps/gate/cells.h"

#include "base/text.h"

namespace llmops::steps::gate {
namespace {

/// As a person would write it in short; empty where nothing is written.
std::string name_of(const doc::Node& written) {
  if (written.is_null()) return {};
  const auto ref = schema::read<CellRef>(written);
  if (!ref.name.empty() || ref.model.empty() || ref.prompt.empty()) return ref.name + ref.model + ref.prompt;
  return ref.model + "/" + ref.prompt;
}

}  // namespace

Result<Cells> Cells::read(const std::vector<schema::Placed<std::string>>& from, step::Context& context) {
  Cells out;
  for (const auto& name : from) {
    bool any = false;
    for (const auto& [id, outcome] : context.inputs().steps) {
      const auto* output = is_from(name.value, id) ? outcome.output("results") : nullptr;
      if (!output) continue;
      any = true;
      TRY(const auto bytes, context.fetch(*output));
      TRY(auto results, score::results_from_jsonl("results of " + id, bytes));
      out.results_.push_back(std::move(results));
    }
    if (!any) return no_results(name);
  }
  return out;
}

Cells Cells::of(std::vector<score::Results> results) {
  Cells out;
  out.results_ = std::move(results);
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

std::vector<Found> Cells::fitting(const schema::Placed<doc::Node>& written) const {
  CellRef wanted;
  if (!written.value.is_null()) wanted = schema::read<CellRef>(written.value);
  std::vector<Found> out;
  for (const auto& found : all()) {
    const auto& cell = *found.cell;
    if (!wanted.name.empty() && found.name() == wanted.name) return {found};
    const bool by_name = wanted.name.empty() || cell.model == wanted.name || cell.prompt == wanted.name;
    const bool by_axes =
        (wanted.model.empty() || cell.model == wanted.model) && (wanted.prompt.empty() || cell.prompt == wanted.prompt);
    if (by_name && by_axes) out.push_back(found);
  }
  return out;
}

Result<Found> Cells::find(const schema::Placed<doc::Node>& written) const {
  const auto fit = fitting(written);
  if (fit.size() == 1) return fit.front();
  const auto name = name_of(written.value);
  const auto what = name.empty() ? std::string("the requirement") : "`" + name + "`";
  if (fit.empty()) return invalid_error("there is no cell " + what, written.at, text::did_you_mean(name, names()));
  std::vector<std::string> quoted;
  for (const auto& found : fit) quoted.push_back("`" + found.name() + "`");
  return invalid_error(what + " fits several cells: " + text::join(quoted, ", "), written.at, "name one with `of:`");
}

Result<std::vector<Found>> Cells::among(const std::vector<schema::Placed<std::string>>& globs) const {
  std::vector<Found> out;
  for (const auto& found : all()) {
    for (const auto& glob : globs) {
      const bool all = glob.value == "*/*" && found.cell->prompt.empty();
      if (!text::glob_match(glob.value, found.name()) && !all) continue;
      out.push_back(found);
      break;
    }
  }
  if (out.empty()) {
    return invalid_error("no cell fits `among`", globs.empty() ? SourcePos{} : globs.front().at,
                         "the cells are " + text::join(names(), ", "));
  }
  return out;
}

bool is_from(const std::string& name, const std::string& id) { return id == name || id.starts_with(name + "["); }

Error no_results(const schema::Placed<std::string>& name) {
  return invalid_error("`" + name.value + "` has no results for a gate", name.at, "name an `eval` step that runs here");
}

schema::Placed<doc::Node> cell_of(const Requirement& requirement) {
  return {requirement.of.value, requirement.of.at.known() ? requirement.of.at : requirement.metric.at};
}

bool means_deployed(const doc::Node& versus) {
  return versus.is_string() && (versus.as_string() == "deployed" || versus.as_string().starts_with("deployed@"));
}

Result<std::size_t> metric_of(const Found& found, const schema::Placed<std::string>& metric) {
  if (const auto index = found.results->metric_index(metric.value)) return *index;
  std::vector<std::string> names;
  for (const auto& known : found.results->metrics) names.push_back(known.name);
  return invalid_error("there is no metric `" + metric.value + "`", metric.at, text::did_you_mean(metric.value, names));
}

}  // namespace llmops::steps::gate
