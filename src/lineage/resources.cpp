#include "lineage/resources.h"

#include <algorithm>

#include "doc/json.h"
#include "lineage/predicates.h"
#include "score/results.h"
#include "sys/hash.h"

namespace llmops::lineage {
namespace {

doc::Node to_node(const Dependency& dependency) {
  auto digest = doc::Node::map();
  if (!dependency.git_blob.empty()) digest["gitBlob"] = dependency.git_blob;
  if (dependency.sha256) digest["sha256"] = dependency.sha256->hex();
  return doc::Node::map({{"name", dependency.path.empty() ? dependency.name : dependency.path},
                         {"digest", std::move(digest)},
                         {"annotations", doc::Node::map({{std::string(kInput), dependency.name}})}});
}

const StepRun* find_step(const Run& run, const std::string& id) {
  for (const auto& step : run.steps) {
    if (step.id == id) return &step;
  }
  return nullptr;
}

/// A cell is its model, its prompt and its dataset by content: the same cell has the same digest in every run.
Digest digest_of(const score::CellResult& cell, const score::Results& results) {
  return sys::sha256(doc::to_canonical_json(doc::Node::map({{"dataset", results.dataset_identity},
                                                            {"model", cell.model_identity.to_string()},
                                                            {"prompt", cell.prompt_blob}})));
}

void add_cells(const StepRun& step, doc::Node& out) {
  if (step.results.empty()) return;
  const auto results = score::results_from_jsonl(step.id, step.results);
  if (!results) return;
  for (const auto& cell : results->cells) out.push_back(resource(cell.name(), digest_of(cell, *results)));
}

void add_results_of_needs(const Run& run, const StepRun& step, doc::Node& out) {
  for (const auto& id : step.needs) {
    const auto* need = find_step(run, id);
    if (!need) continue;
    for (const auto& output : need->outcome.outputs) {
      if (output.in_record && output.digest) out.push_back(resource(id + "/" + output.name, *output.digest));
    }
  }
}

void add_outputs(const StepRun& step, doc::Node& out) {
  for (const auto& output : step.outcome.outputs) {
    if (!output.digest) continue;
    auto made = resource(output.name, *output.digest);
    if (output.folder) made["annotations"] = doc::Node::map({{"llmops_folder", true}});
    out.push_back(std::move(made));
  }
}

doc::Node key_of(const Run& run, const StepRun& step) {
  const auto key = Digest::parse(step.key);
  return resource("step " + step.id, key ? *key : sys::sha256("step\n" + run.id + "\n" + step.id));
}

}  // namespace

doc::Node resource(std::string_view name, const Digest& sha256) { return resource(name, "sha256", sha256.hex()); }

doc::Node resource(std::string_view name, std::string_view digest_kind, std::string_view digest) {
  return doc::Node::map({{"name", name}, {"digest", doc::Node::map({{std::string(digest_kind), digest}})}});
}

doc::Node dependencies_of(const Run& run, const StepRun& step) {
  auto out = doc::Node::list();
  if (!run.commit.empty()) out.push_back(resource("repository", "gitCommit", run.commit));
  if (run.dirty_tree) out.push_back(resource("work tree", "gitTree", run.dirty_tree->tree));
  for (const auto& dependency : step.dependencies) {
    if (!dependency.git_blob.empty() || dependency.sha256) out.push_back(to_node(dependency));
  }
  return out;
}

doc::Node subjects_of(const Run& run, const StepRun& step) {
  auto out = doc::Node::list();
  add_cells(step, out);
  if (out.size() == 0 && !step.outcome.gate.is_null()) add_results_of_needs(run, step, out);
  if (out.size() == 0) add_outputs(step, out);
  if (out.size() == 0) out.push_back(key_of(run, step));
  return out;
}

}  // namespace llmops::lineage
