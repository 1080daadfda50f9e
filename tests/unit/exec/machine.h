#pragma once
/// \file  A real repository, and steps made of functions.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exec/executor.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/git_sandbox.h"
#include "fakes/memory_cache.h"

namespace llmops::exec {

/// `work: {outputs: {name: path}}`. A step writes each output, unless the test says what it does instead.
class WorkKind final : public step::Kind {
 public:
  using Work = std::function<Result<step::Outcome>(step::Context&)>;

  explicit WorkKind(sys::Path root) : root_(std::move(root)) {}

  std::string_view name() const override { return "work"; }
  int version() const override { return 1; }
  std::string_view summary() const override { return "Work of a test."; }
  const schema::Type& config_type() const override { return type_; }
  Result<step::Declared, Errors> declare(const doc::Node& config) const override {
    step::Declared out;
    for (const auto& [name, path] : outputs_of(config)) out.outputs.push_back({name, path, config.at()});
    out.always_runs = out.outputs.empty();
    return out;
  }
  step::Estimate estimate(const doc::Node&, const step::Inputs&) const override { return {}; }
  Result<step::Outcome> run(step::Context& context) const override {
    Work work;
    {
      const std::lock_guard lock(mutex_);
      ran_.push_back(context.id());
      if (const auto found = works_.find(context.id()); found != works_.end()) work = found->second;
    }
    return work ? work(context) : make(context);
  }

  /// What a step does where the test says nothing else.
  Result<step::Outcome> make(step::Context& context) const {
    step::Outcome outcome;
    for (const auto& [name, path] : outputs_of(context.config())) {
      fakes::write_file(root_ / path, "made by " + context.id() + "\n");
      TRY(auto output, context.keep_path(name, path));
      outcome.outputs.push_back(std::move(output));
    }
    return outcome;
  }

  void does(const std::string& id, Work work) {
    const std::lock_guard lock(mutex_);
    works_[id] = std::move(work);
  }
  /// Ids of the steps that ran since it was last asked, in the order they began.
  std::vector<std::string> ran() const {
    const std::lock_guard lock(mutex_);
    return std::exchange(ran_, {});
  }

 private:
  static std::vector<std::pair<std::string, std::string>> outputs_of(const doc::Node& config) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto* outputs = config.find("outputs");
    if (!outputs || !outputs->is_map()) return out;
    for (const auto& entry : outputs->entries()) out.emplace_back(entry.key, entry.value.text());
    return out;
  }

  sys::Path root_;
  schema::Type type_;
  mutable std::mutex mutex_;
  std::map<std::string, Work> works_;
  mutable std::vector<std::string> ran_;
};

/// What a run told.
struct Heard {
  std::vector<std::string> said, notes;
  std::map<std::string, std::string> reasons;  ///< Of the steps that began, by id.
  std::vector<std::string> ended;
};

struct Machine {
  explicit Machine(const std::string& steps) : kind(box.repo) {
    box.sh("git init -q repo");
    fakes::write_file(box.repo / "work.yaml", "llmops: 1\nname: work\nsteps:\n" + steps);
    box.sh("git add -A && git commit -q -m first");
  }

  /// One command's run: the repository is opened anew.
  RunResult run(const RunOptions& options = {}, StopToken stop = {}, const Listener& also = {}) {
    auto result = try_run(options, std::move(stop), also);
    REQUIRE_MESSAGE(result.has_value(), render(result.error().front()));
    return *std::move(result);
  }
  Result<RunResult, Errors> try_run(const RunOptions& options, StopToken stop, const Listener& also) {
    const auto repository = box.open();
    const auto source = asset::work_tree(*repository, box.files, cache);
    Services services{system, cache, *repository, *source, models, kinds, secrets, "/models"};
    auto heard = std::make_shared<Heard>();
    const Listener listener = [&](const Event& event) {
      note(*heard, event);
      if (also) also(event);
    };
    recipe::Scope scope;
    scope.env = &box.env;
    auto plan = planned(services, scope);
    if (!plan) return std::move(plan).error();
    auto result = exec::run(services, *std::move(plan), scope, options, std::move(stop), listener);
    const std::lock_guard lock(mutex);
    last = *heard;
    return result;
  }
  Result<plan::Plan, Errors> planned(Services& services, const recipe::Scope& scope) {
    recipe::LoadOptions load;
    load.scope = scope;
    TRY(auto recipe, recipe::load(services.source, cache, kinds, "work.yaml", load));
    plan::GatherContext context{services.source, box.files, box.clock, cache, models, services.repository.root()};
    TRY(auto identities, plan::gather(recipe, context, "c0ffee", plan::Which::here));
    return plan::make_plan(std::make_shared<const recipe::Recipe>(std::move(recipe)), std::move(identities), scope);
  }
  /// The key that a step has before anything ran.
  std::string key_of(const std::string& id) {
    const auto repository = box.open();
    const auto source = asset::work_tree(*repository, box.files, cache);
    Services services{system, cache, *repository, *source, models, kinds, secrets, "/models"};
    recipe::Scope scope;
    scope.env = &box.env;
    const auto plan = planned(services, scope);
    REQUIRE(plan.has_value());
    for (const auto& step : plan->steps) {
      if (step.id == id && step.key) return step.key->hex();
    }
    return {};
  }
  bool has_records() { return box.open()->ref("refs/llmops/records")->has_value(); }

  static void note(Heard& heard, const Event& event) {
    if (const auto* said = std::get_if<Said>(&event)) heard.said.push_back(said->text);
    if (const auto* began = std::get_if<StepStarted>(&event)) heard.reasons[began->id] = began->reason;
    if (const auto* ended = std::get_if<StepEnded>(&event)) heard.ended.push_back(ended->id);
    if (const auto* told = std::get_if<StepTold>(&event)) {
      if (const auto* note = std::get_if<step::Note>(&told->event)) heard.notes.push_back(note->text);
    }
  }

  fakes::GitSandbox box;
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  fakes::FakeLog log;
  sys::System system{box.files, process, http, box.git, box.clock, box.env, log};
  fakes::MemoryCache cache{box.files};
  model::ModelStore models{system, "/models"};
  Secrets secrets{system};
  WorkKind kind;
  step::Kinds kinds{{&kind}};
  std::mutex mutex;
  Heard last;  ///< Of the run that ended last.
};

/// `id status`, in the order of the record.
inline std::vector<std::string> statuses(const RunResult& result) {
  std::vector<std::string> out;
  for (const auto& step : result.run.steps) {
    out.push_back(step.id + " " + std::string(step::to_string(step.outcome.status)));
  }
  return out;
}
inline const step::Outcome& outcome(const RunResult& result, const std::string& id) {
  for (const auto& step : result.run.steps) {
    if (step.id == id) return step.outcome;
  }
  FAIL("no step ", id);
  std::abort();
}

}  // namespace llmops::exec
