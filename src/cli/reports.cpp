#include "cli/reports.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "lineage/measured.h"
#include "report/report_file.h"

namespace llmops::cli {
namespace {

constexpr std::string_view kRecipe = "{recipe}";

std::optional<Digest> digest_of(const doc::Node& step, std::string_view output) {
  const auto* outputs = step.find("outputs");
  const auto* found = outputs ? outputs->find(output) : nullptr;
  return found && found->is_map() ? Digest::parse(found->get("digest", "")) : std::nullopt;
}

}  // namespace

void add_report(CLI::App& app, std::vector<std::string>& files) {
  app.add_option(
         "--report", files,
         "Write a report; its form is that of the ending: .html, .junit.xml, .md, .csv or .json. May be given again.")
      ->type_name("FILE");
}

Result<void> check_reports(const std::vector<std::string>& files, std::size_t recipes) {
  for (const auto& file : files) {
    if (!report::form_of(file)) {
      return usage_error("`--report " + text::printable(file) + "` has no known ending",
                         "the form of a report is that of its ending: " + report::form_endings());
    }
    if (recipes > 1 && file.find(kRecipe) == std::string::npos) {
      return usage_error("`--report " + text::printable(file) + "` would be written once for each of " +
                             std::to_string(recipes) + " recipes",
                         "put `{recipe}` into the file's name, or name one recipe");
    }
  }
  return {};
}

Result<report::RunView> run_view(Session& session, const doc::Node& document) {
  report::RunView out;
  out.document = document;
  const auto* steps = document.find("steps");
  if (!steps || !steps->is_list()) return out;
  std::optional<lineage::Records> records;  // Read where another clone made the results.
  for (const auto& step : steps->items()) {
    const auto digest = digest_of(step, "results");
    if (!digest || step.get("kind", "") != "eval") continue;
    const auto id = step.get("id", "");
    auto bytes = session.cache().content().get(*digest);
    if (!bytes) {
      if (!records) {
        TRY(records, lineage::Records::read(session.repository()));
      }
      bytes = lineage::results_of(session.repository(), *records, step);
    }
    if (!bytes) return std::move(bytes).error();
    TRY(auto results, score::results_from_jsonl("the results of `" + id + "`", *bytes));
    std::optional<std::string> answers;
    if (const auto kept = digest_of(step, "answers")) {
      if (auto stored = session.cache().content().get(*kept)) answers = *std::move(stored);
    }
    TRY(auto eval, report::eval_view(id, std::move(results), answers));
    out.evals.push_back(std::move(eval));
  }
  return out;
}

Errors write_reports(Shell& shell, Session& session, const doc::Node& document, const std::vector<std::string>& files) {
  if (files.empty()) return {};
  const auto view = run_view(session, document);
  if (!view) return {view.error()};
  Errors errors;
  for (const auto& file : files) {
    const auto path = shell.folder / text::replace_all(file, kRecipe, document.get("recipe", ""));
    auto written = shell.system.files.write_atomically(path, report::report_text(*report::form_of(file), *view));
    if (!written) errors.push_back(std::move(written).error().within("writing the report `" + file + "`"));
  }
  return errors;
}

}  // namespace llmops::cli
