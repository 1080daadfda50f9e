#pragma once
/// \file  `--report FILE`: a finished run in the form that the file's ending asks for.
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"
#include "report/run_view.h"

namespace CLI {
class App;
}

namespace llmops::cli {

/// Adds `--report`, which may be given again.
void add_report(CLI::App& app, std::vector<std::string>& files);

/// An error of kind `usage` for an ending that stands for no form, before anything runs. Where several recipes run,
/// each file must have `{recipe}` in its name, which stands for that of the recipe.
Result<void> check_reports(const std::vector<std::string>& files, std::size_t recipes);

/// A run's document with its cases: from the content store, else from the record. Answers are left out where they are
/// not on this machine.
Result<report::RunView> run_view(Session& session, const doc::Node& document);

/// Writes all of them; each that can't be written is an error of kind `environment`.
Errors write_reports(Shell& shell, Session& session, const doc::Node& document, const std::vector<std::string>& files);

}  // namespace llmops::cli
