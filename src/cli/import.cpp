#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "migrate/openai_evals.h"
#include "migrate/promptfoo.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string file, out;
  migrate::OpenaiEval eval;
  bool strict = false, force = false, json = false;
};

using Importer = std::function<Result<migrate::Imported, Errors>(const sys::Path& file, const migrate::Target& target)>;

/// Letters, digits and dashes, so that it can be a recipe's name.
std::string name_of(std::string_view text) {
  std::string out;
  for (const char c : text::lower(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (plain) out += c;
    if (!plain && !out.empty() && out.back() != '-') out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "imported" : out;
}

/// A recipe is called as its file is; without one, as what it comes from.
migrate::Target target_of(Session& session, const Options& options, std::string_view usual_stem) {
  const auto file = sys::Path(session.from_root(options.file));
  migrate::Target out;
  out.folder = file.parent_path().generic_string();
  out.recipe = options.out.empty() ? std::string() : session.from_root(options.out);
  const auto stem = file.stem().string();
  const auto folder = file.parent_path().filename().string();
  out.name = name_of(!out.recipe.empty() ? sys::Path(out.recipe).stem().string()
                     : !usual_stem.empty() && stem.starts_with(usual_stem) && !folder.empty()
                         ? folder + stem.substr(usual_stem.size())
                         : stem);
  if (out.recipe.empty()) out.recipe = "recipes/" + out.name + ".yaml";
  return out;
}

Errors files_there(sys::FileSystem& files, const sys::Path& root, const migrate::Imported& imported) {
  Errors out;
  for (const auto& file : imported.files) {
    const auto stat = files.stat(root / file.path);
    if (stat && stat->kind == sys::FileKind::none) continue;
    const auto same = files.read(root / file.path);
    if (same && *same == file.text) continue;
    out.push_back(
        usage_error("`" + file.path + "` is there already", "`--force` replaces it; `--out` gives another name"));
  }
  return out;
}

std::string count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

doc::Node document_of(const migrate::Target& target, const migrate::Imported& imported) {
  auto files = doc::Node::list(), notes = doc::Node::list();
  for (const auto& file : imported.files) files.push_back(file.path);
  for (const auto& note : imported.notes) {
    notes.push_back(doc::Node::map({{"file", note.at.source ? doc::Node(note.at.source->name) : doc::Node()},
                                    {"line", static_cast<std::int64_t>(note.at.line)},
                                    {"column", static_cast<std::int64_t>(note.at.column)},
                                    {"message", note.message},
                                    {"hint", note.hint}}));
  }
  const auto number = [](std::size_t value) { return doc::Node(static_cast<std::int64_t>(value)); };
  return doc::Node::map({{"recipe", target.recipe},
                         {"name", target.name},
                         {"files", std::move(files)},
                         {"models", number(imported.models)},
                         {"prompts", number(imported.prompts)},
                         {"cases", number(imported.cases)},
                         {"scorers", number(imported.scorers)},
                         {"notes", std::move(notes)}});
}

int import_file(Shell& shell, const Options& options, std::string_view usual_stem, const Importer& importer) {
  auto session = Session::open(shell, Session::Need::repository);
  if (!session) return shell.fail(session.error());
  const auto target = target_of(**session, options, usual_stem);
  const auto imported = importer(shell.folder / options.file, target);
  if (!imported) return shell.fail(imported.error());
  const auto& root = (*session)->repository().root();
  auto& files = shell.system.files;
  if (!options.force) {
    if (const auto there = files_there(files, root, *imported); !there.empty()) return shell.fail(there);
  }
  for (const auto& file : imported->files) {
    const auto written = files.write_atomically(root / file.path, file.text);
    if (!written) return shell.fail(written.error());
  }
  for (const auto& note : imported->notes) shell.warn({note});
  if (options.json) {
    shell.print(document_of(target, *imported));
  } else {
    for (const auto& file : imported->files) shell.print(file.path + "\n");
    shell.console.err(count(imported->models, "model") + ", " + count(imported->prompts, "prompt") + ", " +
                      count(imported->cases, "case") + ", " + count(imported->scorers, "scorer") + "; " +
                      count(imported->notes.size(), "warning") +
                      "\nnext: `git add` these files, then `llmops validate " + target.name + "`\n");
  }
  return options.strict && !imported->notes.empty() ? kInvalid : kPassed;
}

void add_common(CLI::App& app, Options& options) {
  app.add_option("--out", options.out, "The recipe's path; without one, `recipes/` and its name.")->type_name("FILE");
  app.add_flag("--strict", options.strict, "End with status 3 where anything is not carried, or not in the same way.");
  app.add_flag("--force", options.force, "Replace files that are there.");
  add_json(app, options.json);
}

}  // namespace

Action declare_import(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  auto* promptfoo = app.add_subcommand("promptfoo", "A recipe from a promptfoo configuration.");
  promptfoo->add_option("file", options->file, "promptfooconfig.yaml or .json.")->required()->type_name("FILE");
  add_common(*promptfoo, *options);
  auto* evals = app.add_subcommand("openai-evals", "A recipe from an eval of OpenAI's registry.");
  evals->add_option("file", options->file, "The registry's YAML file.")->required()->type_name("FILE");
  evals->add_option("--eval", options->eval.name, "Which one, where the file has several.")->type_name("ID");
  evals->add_option("--model", options->eval.model, "The model to ask, since an eval names none.")
      ->type_name("VENDOR:NAME")
      ->capture_default_str();
  add_common(*evals, *options);
  return [options, promptfoo](Shell& shell) {
    auto& files = shell.system.files;
    if (promptfoo->parsed()) {
      return import_file(shell, *options, "promptfooconfig", [&](const auto& file, const auto& target) {
        return migrate::import_promptfoo(files, file, target);
      });
    }
    return import_file(shell, *options, "", [&](const auto& file, const auto& target) {
      return migrate::import_openai_evals(files, file, target, options->eval);
    });
  };
}

}  // namespace llmops::cli
