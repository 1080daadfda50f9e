#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/application.h"
#include "cli/generated.h"
#include "cli/version.h"

namespace llmops::cli {
namespace {

/// Text for roff: backslashes, leading dots and hyphens kept as they are.
std::string escaped(std::string_view written) {
  auto out = text::replace_all(text::replace_all(written, "\\", "\\e"), "-", "\\-");
  out = text::replace_all(out, "`", "");
  if (out.starts_with('.') || out.starts_with('\'')) out = "\\&" + out;
  return out;
}

std::string option_text(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("\\-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("\\-\\-" + escaped(name));
  const auto type =
      option.get_items_expected_max() > 0 ? " \\fI" + escaped(option.get_type_name()) + "\\fR" : std::string();
  const auto head = names.empty() ? "\\fI" + escaped(option.get_name()) + "\\fR"
                                  : "\\fB" + text::join(names, "\\fR, \\fB") + "\\fR" + type;
  return ".TP\n" + head + "\n" + escaped(option.get_description()) + "\n";
}

void add_command(std::string& out, const CLI::App& app, const std::string& name, std::string_view examples) {
  out += ".SS llmops " + escaped(name) + "\n" + escaped(app.get_description()) + "\n";
  for (const auto* option : app.get_options()) {
    if (option->get_name() != "--help") out += option_text(*option);
  }
  if (!examples.empty()) {
    out += ".PP\nExamples:\n.nf\n";
    for (const auto& line : text::split(examples, '\n')) out += "    " + escaped(line) + "\n";
    out += ".fi\n";
  }
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    add_command(out, *sub, name + " " + sub->get_name(), {});
  }
}

}  // namespace

std::string manual_page() {
  CLI::App app;
  const auto declared = build_application(app);
  std::string out = ".TH LLMOPS 1 \"\" \"llmops " + version() + "\" \"User Commands\"\n";
  out += ".SH NAME\nllmops \\- recipes from prompt to production, with lineage in git\n";
  out += ".SH SYNOPSIS\n.B llmops\n[\\fB\\-C\\fR \\fIDIR\\fR] \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
  out += ".SH DESCRIPTION\n" + escaped(app.get_description()) +
         "\nResults go to standard output, progress and messages to standard error.\n";
  out += ".SH COMMANDS\n";
  for (const auto& one : declared) add_command(out, *one.app, std::string(one.command->name), one.command->examples);
  static constexpr std::pair<const char*, const char*> kStatuses[] = {
      {"0", "All passed."},
      {"1", "A step failed."},
      {"2", "The command was typed wrongly."},
      {"3", "A recipe or data is invalid."},
      {"4", "A gate failed, or an environment refused."},
      {"5", "A gate is inconclusive, or a budget ended."},
      {"6", "Environment: network, credentials, a missing tool, the disk."},
      {"70", "A bug in llmops."},
      {"130", "Interrupted."}};
  out += ".SH EXIT STATUS\n";
  for (const auto& [status, meaning] : kStatuses)
    out += ".TP\n.B " + std::string(status) + "\n" + escaped(meaning) + "\n";
  static constexpr std::pair<const char*, const char*> kVariables[] = {
      {"LLMOPS_CACHE_DIR", "Where bytes, answers and models are kept; default $XDG_CACHE_HOME/llmops."},
      {"LLMOPS_SECRETS_CMD", "A program that prints a secret, given its name, where no variable of that name is set."},
      {"LLMOPS_LOG", "Level of the diary: debug, info, warning, error."},
      {"NO_COLOR", "No colours."}};
  out += ".SH ENVIRONMENT\n";
  for (const auto& [name, meaning] : kVariables) out += ".TP\n.B " + escaped(name) + "\n" + escaped(meaning) + "\n";
  return out;
}

}  // namespace llmops::cli
