#pragma once
/// \file  A command line over a machine that the test gives.
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/application.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_env.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/git_sandbox.h"
#include "steps/all.h"

namespace llmops::cli {

/// Acts in the sandbox's folder; `out` and `err` collect what was written.
struct CommandLine {
  CommandLine() {
    console.out = [this](std::string_view text) { out += text; };
    console.err = [this](std::string_view text) { err += text; };
  }

  int run(std::vector<std::string> words) {
    out.clear();
    err.clear();
    words.insert(words.begin(), "llmops");
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    Shell shell{system, steps::all(), console, where, [] { return StopToken{}; }, "llmops"};
    return run_application(static_cast<int>(argv.size()), argv.data(), shell);
  }
  /// The values that completion offers for the last word.
  std::vector<std::string> complete(std::vector<std::string> words) {
    words.insert(words.begin(), "__complete");
    run(std::move(words));
    std::vector<std::string> values;
    for (const auto& line : text::split(out, '\n')) {
      if (!line.empty()) values.push_back(line.substr(0, line.find('\t')));
    }
    return values;
  }
  /// A repository with this recipe, committed; commands act in it from now on.
  void commit_recipe(const std::string& text) {
    box.sh("git init -q repo");
    fakes::write_file(box.repo / "recipes" / "triage.yaml", text);
    box.sh("git add -A && git commit -q -m first");
    where = box.repo;
  }

  fakes::GitSandbox box;
  sys::Path where = box.folder.path();
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  fakes::FakeLog log;
  sys::System system{box.files, process, http, box.git, box.clock, box.env, log};
  report::Console console;
  std::string out, err;
};

}  // namespace llmops::cli
