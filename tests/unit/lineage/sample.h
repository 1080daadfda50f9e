#pragma once
/// \file  Runs as the executor describes them: an adapter is trained, two cells are compared, a gate decides.
#include <string>

#include "lineage/run.h"
#include "score/results.h"
#include "sys/hash.h"

namespace llmops::lineage::sample {

inline const std::string kDatasetBlob(40, 'd'), kPromptBlob(40, 'e'), kRecipeBlob(40, 'f'), kScriptBlob(40, 'a');

inline Time at(int second) { return Time{} + std::chrono::seconds(1'795'000'000 + second); }

inline score::Results results() {
  score::Results out;
  out.dataset = "golden";
  out.dataset_identity = kDatasetBlob;
  out.scorers = sys::sha256("scorers");
  out.metrics = {{"accuracy", score::Scale::binary, score::Better::higher, {}}};
  for (const auto* prompt : {"terse", "guided"}) {
    score::CellResult cell{"small", prompt, sys::sha256("weights"), kPromptBlob, {}};
    for (int i = 0; i < 4; ++i) {
      score::CaseResult one;
      one.id = "case " + std::to_string(i);
      one.scores = {i == 0 ? 0.0 : 1.0};
      cell.cases.push_back(std::move(one));
    }
    out.cells.push_back(std::move(cell));
  }
  return out;
}

inline doc::Node metric(const std::string& name, const std::string& prompt, double value) {
  return doc::Node::map({{"metric", name},
                         {"model", "small"},
                         {"prompt", prompt},
                         {"n", 240},
                         {"errors", 0},
                         {"value", value},
                         {"stderr", 0.03},
                         {"low", value - 0.0667},
                         {"high", value + 0.0633}});
}

inline doc::Node gate(const std::string& decision) {
  auto requirement = doc::Node::map({{"metric", "accuracy"},
                                     {"of", "small/guided"},
                                     {"versus", nullptr},
                                     {"rule", "at_least"},
                                     {"bound", 0.6},
                                     {"value", 0.667},
                                     {"low", 0.61},
                                     {"high", 0.72},
                                     {"p", 0.01},
                                     {"decision", decision},
                                     {"cases_needed", nullptr}});
  auto paired = doc::Node::map({{"metric", "accuracy"},
                                {"of", "small/guided"},
                                {"versus", "small/terse"},
                                {"rule", "better_by"},
                                {"bound", 0.02},
                                {"value", 0.1},
                                {"low", 0.03},
                                {"high", 0.17},
                                {"p", nullptr},
                                {"decision", "pass"},
                                {"cases_needed", nullptr}});
  return doc::Node::map({{"decision", decision},
                         {"selected", "small/guided"},
                         {"requirements", doc::Node(doc::List{requirement, paired})}});
}

inline StepRun train() {
  StepRun step;
  step.id = "train";
  step.kind = "exec";
  step.config = doc::Node::map({{"command", "python train.py ${secrets.TOKEN}"}});
  step.key = sys::sha256("train").to_string();
  step::Output adapter;
  adapter.name = "adapter";
  adapter.path = "models/adapter.bin";
  adapter.digest = sys::sha256("adapter");
  adapter.size = Bytes{7};
  adapter.value = "models/adapter.bin";
  step.outcome.outputs = {std::move(adapter)};
  step.outcome.duration = Duration{1500};
  step.dependencies = {{"recipe", "triage.yaml", kRecipeBlob, {}}, {"file", "train.py", kScriptBlob, {}}};
  step.started = at(0);
  step.finished = at(2);
  return step;
}

inline StepRun compare() {
  StepRun step;
  step.id = "compare";
  step.kind = "eval";
  step.key = sys::sha256("compare").to_string();
  step.needs = {"train"};
  step.results = score::to_jsonl(results());
  step::Output kept;
  kept.name = "results";
  kept.digest = sys::sha256(step.results);
  kept.size = Bytes{step.results.size()};
  kept.in_record = true;
  kept.value = kept.digest->to_string();
  step.outcome.outputs = {std::move(kept)};
  step.outcome.metrics = {metric("accuracy", "terse", 0.5667), metric("accuracy", "guided", 0.6667)};
  step.outcome.queries = {480, 0, 0, 0};
  step.outcome.cost = std::nullopt;
  step.dependencies = {{"recipe", "triage.yaml", kRecipeBlob, {}},
                       {"prompt guided", "prompts/guided.j2", kPromptBlob, {}},
                       {"dataset golden", "data/golden.jsonl", kDatasetBlob, {}},
                       {"model small", "llama:smollm2", {}, sys::sha256("weights")},
                       {"adapter small", "models/adapter.bin", {}, sys::sha256("adapter")}};
  step.started = at(2);
  step.finished = at(4);
  return step;
}

inline StepRun decide() {
  StepRun step;
  step.id = "gate";
  step.kind = "gate";
  step.key = sys::sha256("gate").to_string();
  step.needs = {"compare"};
  step.outcome.gate = gate("pass");
  step.dependencies = {{"recipe", "triage.yaml", kRecipeBlob, {}}};
  step.started = at(4);
  step.finished = at(5);
  return step;
}

inline Run run(const std::string& id, const sys::ObjectId& commit) {
  Run out;
  out.id = id;
  out.recipe = "support-triage";
  out.recipe_path = "triage.yaml";
  out.recipe_blob = kRecipeBlob;
  out.environment = "dev";
  out.commit = commit;
  out.branch = "main";
  out.release_key = sys::sha256("release");
  out.started = at(0);
  out.finished = at(5);
  out.version = "0.1.0";
  out.steps = {train(), compare(), decide()};
  return out;
}

/// The next run, in which `earlier`'s steps are up to date and only the gate runs again.
inline Run later_run(const std::string& id, const Run& earlier) {
  Run out = earlier;
  out.id = id;
  out.started = at(100);
  out.finished = at(101);
  for (std::size_t i = 0; i < 2; ++i) {
    auto& step = out.steps[i];
    step.outcome.status = step::Status::cached;
    step.outcome.cost = Usd{0};
    step.dependencies.clear();
    step.results.clear();
    step.started = step.finished = Time{};
  }
  out.steps[2].outcome.statement.clear();
  return out;
}

}  // namespace llmops::lineage::sample
