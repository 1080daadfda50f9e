#include "exec/run_record.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "doc/yaml.h"
#include "exec/dependencies.h"
#include "lineage/record.h"
#include "lineage/records.h"
#include "sys/hash.h"

namespace llmops::exec {
namespace {

lineage::StepRun describe_step(const plan::Plan& plan, std::size_t index, const StepTimes& times) {
  const auto& planned = plan.steps[index];
  const auto& step = plan.recipe->steps[index];
  lineage::StepRun out;
  out.id = planned.id;
  out.kind = std::string(step.kind->name());
  out.version = step.kind->version();
  out.key = planned.key ? planned.key->to_string() : std::string();
  for (const auto need : plan.graph.needs[index]) out.needs.push_back(plan.recipe->steps[need].id);
  out.outcome = *planned.outcome;
  out.started = times.began;
  out.finished = times.ended;
  return out;
}

bool has_result(const lineage::Run& run) {
  return std::any_of(run.steps.begin(), run.steps.end(), [](const auto& step) {
    return step.outcome.status != step::Status::error && step.outcome.status != step::Status::skipped;
  });
}

/// Where the cache remembers that a passing record of this commit is there, made of a clean work tree.
Digest marker(Services& services, const lineage::Run& run) {
  return sys::sha256("recorded\n" + services.repository.common_dir().string() + "\n" + run.commit + "\n" + run.recipe +
                     "\n" + run.environment + "\n" + run.release_key.hex());
}

class RecordWriter {
 public:
  RecordWriter(Services& services, const plan::Plan& plan, lineage::Run& run)
      : services_(services), plan_(plan), run_(run) {}

  Result<Written> write(bool ran) {
    const bool passed = run_.status == lineage::RunStatus::passed;
    if (!has_result(run_)) return Written{};  // Bad data or a missing service: nothing came of it.
    if (!ran && !passed) return Written{};
    if (!ran && run_.partial) return Written{};
    if (!ran) {
      TRY(const bool known, is_known());
      if (known) return Written{};
    }
    TRY_VOID(complete_steps());
    if (run_.dirty_tree && !run_.commit.empty()) {
      TRY_VOID(services_.repository.keep("refs/llmops/dirty/" + run_.id, run_.dirty_tree->commit));
    }
    TRY(auto said, lineage::record(services_.repository, run_));
    remember_statements();
    if (passed && !run_.dirty && !run_.partial) TRY_VOID(mark());
    return Written{true, std::move(said)};
  }

 private:
  /// The marker holds where the records ref was when the record was found there: it proves nothing of another clone in
  /// the same folder.
  Result<std::string> mark_text() {
    TRY(const auto tip, services_.repository.ref(lineage::kRecordsRef));
    return tip.value_or("none");
  }

  Result<void> mark() {
    TRY(const auto text, mark_text());
    return services_.cache.steps().put(marker(services_, run_), text);
  }

  /// Whether a passing record of the commit is there: of a clean work tree, or of one with changes where it has some
  /// now, since that proves nothing of the commit.
  Result<bool> is_known() {
    const auto marked = services_.cache.steps().get(marker(services_, run_));
    TRY(const auto tip, mark_text());
    if (marked && *marked == tip) return true;
    TRY(const auto there,
        lineage::recorded(services_.repository, run_.commit, run_.recipe, run_.environment, run_.release_key));
    if (there == lineage::Recorded::clean) {
      TRY_VOID(mark());
      return true;
    }
    TRY(const auto changed, services_.repository.changed_paths());
    run_.dirty = !changed.empty();
    if (!run_.dirty) return false;
    if (there == lineage::Recorded::dirty) return true;
    TRY(run_.dirty_tree, services_.repository.snapshot_work_tree());
    return false;
  }

  /// What only a step's own record tells, where it is to get one.
  Result<void> complete_steps() {
    std::vector<lineage::RecordName> named;
    for (const auto& step : run_.steps) {
      if (!step.outcome.statement.empty()) named.push_back({step.outcome.statement_commit, step.outcome.statement});
    }
    TRY(const auto there, lineage::present(services_.repository, named));
    std::unordered_map<std::string_view, const recipe::Step*> written;
    for (const auto& step : plan_.recipe->steps) written.emplace(step.id, &step);
    for (auto& step : run_.steps) {
      if (!step.outcome.statement.empty() && !there.contains(step.outcome.statement)) step.outcome.statement.clear();
      if (step.outcome.statement.empty() && step.outcome.status != step::Status::skipped) {
        complete(step, *written.at(step.id));
      }
    }
    return {};
  }

  void complete(lineage::StepRun& step, const recipe::Step& written) {
    step.config = written.config;
    step.dependencies = dependencies_of(plan_, written);
    for (const auto& output : step.outcome.outputs) {
      if (!output.in_record || !output.digest) continue;
      if (auto bytes = services_.cache.content().get(*output.digest)) step.results = *std::move(bytes);
    }
  }

  /// Later runs name the record of a step that they don't run again.
  void remember_statements() {
    for (const auto& step : run_.steps) {
      const auto key = Digest::parse(step.key);
      if (!key || !step.outcome.passed() || !step.outcome.cacheable || step.outcome.statement.empty()) continue;
      const auto kept = services_.cache.steps().get(*key);
      if (!kept || !*kept) continue;
      auto outcome = step.outcome;
      outcome.status = step::Status::ran;
      static_cast<void>(services_.cache.steps().put(*key, doc::pack(step::to_node(outcome))));
    }
  }

  Services& services_;
  const plan::Plan& plan_;
  lineage::Run& run_;
};

}  // namespace

void describe(const plan::Plan& plan, const RunOptions& options, const std::vector<StepTimes>& times,
              lineage::Run& run) {
  const auto& recipe = *plan.recipe;
  run.recipe = recipe.name;
  run.recipe_path = recipe.path;
  run.environment = recipe.environment;
  run.release_key = options.release_key;
  run.version = options.version;
  if (const auto blob = plan.identities.files.find(recipe.path); blob != plan.identities.files.end()) {
    run.recipe_blob = blob->second;
  }
  run.partial = options.cases == Cases::some;
  for (const auto index : plan.graph.order) {
    run.partial = run.partial || (!plan.steps[index].selected && recipe.steps[index].here);
    if (!plan.steps[index].selected || !plan.steps[index].outcome) continue;
    run.steps.push_back(describe_step(plan, index, times[index]));
  }
}

Result<Written> record_run(Services& services, const plan::Plan& plan, lineage::Run& run, bool ran) {
  return RecordWriter(services, plan, run).write(ran);
}

}  // namespace llmops::exec
