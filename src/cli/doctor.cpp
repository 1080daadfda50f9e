#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/version.h"
#include "model/catalog.h"
#include "model/cpu.h"

namespace llmops::cli {
namespace {

struct Finding {
  std::string what, state;  ///< `ok`, `missing`, `broken`.
  std::string found, hint;
  bool needed = true;
};

Finding program(Shell& shell, const std::string& name, const std::vector<std::string>& argv, bool needed,
                std::string hint) {
  sys::ProcessSpec spec;
  spec.argv = argv;
  spec.folder = shell.folder;
  spec.env = shell.system.env.all();
  spec.timeout = Duration{10'000};
  std::string printed;
  const auto end = shell.system.process.run(spec, {}, [&](sys::Stream, std::string_view bytes) { printed += bytes; });
  const bool ok = end && end->ok();
  return {name, ok ? "ok" : "missing", ok ? printed.substr(0, printed.find('\n')) : std::string(),
          ok ? std::string() : std::move(hint), needed};
}

Finding cache(Shell& shell) {
  const auto folder = sys::cache_folder(shell.system.env);
  auto opened = store::open_cache(folder, shell.system.files);
  if (auto writable = opened->writable(); !writable)
    return {"cache", "broken", writable.error().message, writable.error().hint, true};
  return {"cache", "ok", folder.string(), {}, true};
}

Finding repository(Shell& shell) {
  auto opened = shell.system.git.open(shell.folder);
  if (!opened) return {"repository", "missing", opened.error().message, opened.error().hint, false};
  auto head = (*opened)->head();
  if (!head) return {"repository", "broken", head.error().message, head.error().hint, false};
  if (head->commit.empty())
    return {"repository", "missing", "no commits yet", "commit your recipe: `git add -A && git commit`", false};
  return {"repository", "ok", (*opened)->root().string() + " at " + head->commit.substr(0, 10), {}, false};
}

Finding engine() {
  const auto missing = model::missing_instructions();
  const bool ok = missing.empty();
  return {"processor", ok ? "ok" : "missing", ok ? "AVX2, FMA, F16C and BMI2" : "it lacks" + missing,
          ok ? "" : "the embedded engine needs them; models behind an API work", false};
}

Finding models(Shell& shell) {
  model::ModelStore store(shell.system, models_folder(shell.system.env));
  const auto stored = store.list();
  if (!stored) return {"models", "broken", stored.error().message, stored.error().hint, false};
  if (stored->empty())
    return {"models", "missing", "none on this machine", "llmops models pull smollm2-135m-instruct", false};
  return {"models", "ok", std::to_string(stored->size()) + " on this machine", {}, false};
}

/// Present or absent, never shown.
Finding credential(Shell& shell, const std::string& name) {
  const bool set = shell.system.env.get(name).has_value();
  return {name, set ? "ok" : "missing", set ? "set" : "not set", set ? "" : "needed only by recipes that use it",
          false};
}

}  // namespace

Action declare_doctor(CLI::App& app) {
  const auto json = std::make_shared<bool>(false);
  add_json(app, *json);
  return [json](Shell& shell) {
    static_cast<void>(shell.system.process.start_supervisor());
    const std::vector<Finding> findings = {
        program(shell, "git", {"git", "--version"}, true, "install git"),
        repository(shell),
        cache(shell),
        engine(),
        models(shell),
        program(shell, "python3 and pip", {"python3", "-m", "pip", "--version"}, false,
                "install python3-pip; `models pull` uses it for models known by name"),
        credential(shell, "OPENAI_API_KEY"),
        credential(shell, "HF_TOKEN"),
    };
    int status = kPassed;
    auto list = doc::Node::list();
    std::string text = "llmops " + version() + "\n";
    for (const auto& finding : findings) {
      list.push_back(doc::Node::map({{"what", finding.what},
                                     {"state", finding.state},
                                     {"found", finding.found},
                                     {"hint", finding.hint},
                                     {"needed", finding.needed}}));
      const auto paint = finding.state == "ok" ? report::Paint::green
                         : finding.needed      ? report::Paint::red
                                               : report::Paint::yellow;
      text += report::paint(shell.console.out_colour, paint, report::padded(finding.state, 8)) +
              report::padded(finding.what, 18) + finding.found + "\n";
      if (!finding.hint.empty()) text += "        hint: " + finding.hint + "\n";
      if (finding.needed && finding.state != "ok") status = kEnvironment;
    }
    if (*json) {
      shell.print(list);
    } else {
      shell.print(text);
    }
    return status;
  };
}

}  // namespace llmops::cli
