#include "steps/gate/cells.h"

#include <algorithm>

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

/// Whether the step is the combination of its matrix that has this value: `id[axis=value,…]`.
bool has_value(const std::string& id, const std::string& axis, const std::string& value) {
  const auto open = id.find('[');
  if (open == std::string::npos) return false;
  const auto inside = "," + id.substr(open + 1, id.size() - open - 2) + ",";
  return inside.find("," + axis + "=" + value + ",") != std::string::npos;
}

bool fits_axes(const Found& found, const CellRef& wanted) {
  const auto& cell = *found.cell;
  const auto& dataset = found.results().dataset;
  if (!wanted.model.empty() && cell.model != wanted.model) return false;
  if (!wanted.prompt.empty() && cell.prompt != wanted.prompt) return false;
  if (!wanted.dataset.empty() && !dataset.empty() && dataset != wanted.dataset) return false;
  for (const auto& [axis, value] : wanted.matrix) {
    if (!has_value(found.measured->step, axis, value)) return false;
  }
  return true;
}

/// With what its name does not tell.
std::string full_name(const Found& found) {
  const auto& dataset = found.results().dataset;
  return "`" + found.name() + "` of `" + found.measured->step + "`" + (dataset.empty() ? "" : " on `" + dataset + "`");
}

/// How to tell cells of one name apart.
std::string hint_for(const std::vector<Found>& several) {
  const auto differ = [&](auto of) {
    return std::any_of(several.begin(), several.end(), [&](const auto& found) { return of(found) != of(several[0]); });
  };
  if (differ([](const Found& found) { return found.name(); })) return "name one with `of: model/prompt`";
  if (differ([](const Found& found) { return found.results().dataset; })) {
    return "tell them apart by `dataset`: `of: {name: " + several[0].name() +
           ", dataset: " + several[0].results().dataset + "}`";
  }
  if (several[0].measured->step.find('[') != std::string::npos) {
    return "tell them apart by the values of the matrix: `of: {name: " + several[0].name() + ", matrix: {…}}`";
  }
  return "name one step in `from`";
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
      const auto known = [&id = id](const MeasuredBy& other) { return other.step == id; };
      if (std::any_of(out.measured_.begin(), out.measured_.end(), known)) continue;
      TRY(const auto bytes, context.fetch(*output));
      TRY(auto results, score::results_from_jsonl("results of " + id, bytes));
      out.measured_.push_back({id, std::move(results)});
    }
    if (!any) return no_results(name);
  }
  return out;
}

Cells Cells::of(std::vector<MeasuredBy> measured) {
  Cells out;
  out.measured_ = std::move(measured);
  return out;
}

std::vector<Found> Cells::all() const {
  std::vector<Found> out;
  for (const auto& measured : measured_) {
    for (const auto& cell : measured.results.cells) out.push_back({&measured, &cell});
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
  std::vector<Found> named, other;
  for (const auto& found : all()) {
    if (!fits_axes(found, wanted)) continue;
    const auto& cell = *found.cell;
    const bool by_part = wanted.name.empty() || cell.model == wanted.name || cell.prompt == wanted.name;
    if (!wanted.name.empty() && found.name() == wanted.name) {
      named.push_back(found);
    } else if (by_part) {
      other.push_back(found);
    }
  }
  return named.empty() ? other : named;
}

Result<Found> Cells::find(const schema::Placed<doc::Node>& written) const {
  const auto fit = fitting(written);
  if (fit.size() == 1) return fit.front();
  const auto name = name_of(written.value);
  const auto what = name.empty() ? std::string("the requirement") : "`" + name + "`";
  if (fit.empty()) return invalid_error("there is no cell " + what, written.at, text::did_you_mean(name, names()));
  std::vector<std::string> quoted;
  const auto hint = hint_for(fit);
  const bool by_name = hint.starts_with("name one with");
  for (const auto& found : fit) quoted.push_back(by_name ? "`" + found.name() + "`" : full_name(found));
  return invalid_error(what + " fits several cells: " + text::join(quoted, ", "), written.at, hint);
}

std::string Cells::label(const Found& found) const {
  const auto cells = all();
  const auto same = [&](const Found& other) { return other.name() == found.name(); };
  if (std::count_if(cells.begin(), cells.end(), same) < 2) return found.name();
  return found.name() + " of " + found.measured->step;
}

Result<std::vector<Found>> Cells::among(const std::vector<schema::Placed<std::string>>& globs,
                                        const SourcePos& at) const {
  const auto place = globs.empty() || !globs.front().at.known() ? at : globs.front().at;
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
    return invalid_error("no cell fits `among`", place, "the cells are " + text::join(names(), ", "));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (out[i].name() != out[j].name()) continue;
      return invalid_error("`among` fits two cells of one name: " + full_name(out[j]) + ", " + full_name(out[i]), place,
                           "candidates are compared on the same cases: name one step in `from`");
    }
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

score::Where where_of(const Requirement& requirement) {
  score::Where out = requirement.where;
  for (const auto* side : {&requirement.of, &requirement.versus}) {
    if (!side->value.is_map()) continue;
    for (const auto& [field, value] : schema::read<CellRef>(side->value).where) out[field] = value;
  }
  return out;
}

bool means_deployed(const doc::Node& versus) {
  return versus.is_string() && (versus.as_string() == "deployed" || versus.as_string().starts_with("deployed@"));
}

Result<std::size_t> metric_of(const Found& found, const schema::Placed<std::string>& metric) {
  if (const auto index = found.results().metric_index(metric.value)) return *index;
  std::vector<std::string> names;
  for (const auto& known : found.results().metrics) names.push_back(known.name);
  return invalid_error("there is no metric `" + metric.value + "`", metric.at, text::did_you_mean(metric.value, names));
}

}  // namespace llmops::steps::gate
