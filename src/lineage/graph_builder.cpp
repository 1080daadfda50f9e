#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "lineage/graph.h"
#include "lineage/predicates.h"
#include "lineage/wording.h"

namespace llmops::lineage {
namespace {

constexpr std::size_t kBrief = 12, kNameWidth = 120, kMetricsShown = 2;

/// Null where there is none.
const doc::Node& at(const doc::Node& node, std::string_view key) {
  static const doc::Node nothing;
  const auto* found = node.find(key);
  return found ? *found : nothing;
}

const doc::List& items(const doc::Node& node) {
  static const doc::List none;
  return node.is_list() ? node.items() : none;
}

/// These keys of a node, null where it lacks them.
doc::Node pick(const doc::Node& from, std::initializer_list<std::string_view> keys) {
  auto out = doc::Node::map();
  for (const auto key : keys) out[key] = at(from, key);
  return out;
}

/// What a step's Statement tells of its inputs.
struct Told {
  std::string owner;  ///< The vertex of the step that it was written for.
  doc::List inputs;   ///< ResourceDescriptors.
};

Told told_by(const Record& record) {
  const auto statement = record.statement();
  if (!statement) return {};
  const auto& predicate = at(*statement, "predicate");
  const auto& step = at(predicate, "llmops_step");
  Told out{"step " + step.get("run", "") + "/" + step.get("id", ""), {}};
  const bool test = record.kind == Record::Kind::test_result;
  out.inputs =
      items(test ? at(predicate, "configuration") : at(at(predicate, "buildDefinition"), "resolvedDependencies"));
  return out;
}

std::string kind_of_input(const std::string& input) {
  const auto word = input.substr(0, input.find(' '));
  return word == "prompt" || word == "dataset" || word == "model" ? word : "file";
}

std::string label_of_run(const doc::Node& document) {
  auto out = "run " + document.get("run", "") + " " + document.get("recipe", "") + "@" +
             document.get("environment", "") + " " + document.get("status", "") +
             (document.get("dirty", false) ? " (dirty)" : "");
  std::string separator = ": ";
  for (const auto* metric : telling_metrics(document, kMetricsShown)) {
    out += std::exchange(separator, "; ") + metric_line(*metric);
  }
  return out;
}

/// The first metric of each cell, so that every prompt and model leads to what it was worth; of one cell, the first
/// two.
std::vector<const doc::Node*> leading_metrics(const doc::Node& step) {
  constexpr std::size_t kCellsShown = 8;
  std::vector<const doc::Node*> measured, out;
  for (const auto& metric : items(at(step, "metrics"))) {
    if (metric.get("n", 0) > 0) measured.push_back(&metric);
  }
  for (const auto* metric : measured) {
    const auto same = [&](const doc::Node* known) { return cell_of(*known) == cell_of(*metric); };
    if (out.size() < kCellsShown && std::none_of(out.begin(), out.end(), same)) out.push_back(metric);
  }
  if (out.size() > 1) return out;
  measured.resize(std::min(measured.size(), kMetricsShown));
  return measured;
}

std::string label_of_step(const doc::Node& step) {
  const auto id = step.get("id", ""), kind = step.get("kind", "");
  auto out = "step " + id + (kind == id ? std::string() : " (" + kind + ")") + " " + step.get("status", "");
  std::string separator = ": ";
  const auto& gate = at(step, "gate");
  if (gate.is_map()) {
    out += std::exchange(separator, "; ") + gate.get("decision", "");
    if (const auto selected = gate.get("selected", ""); !selected.empty()) out += ", " + selected;
  }
  for (const auto* metric : leading_metrics(step)) out += std::exchange(separator, "; ") + metric_line(*metric);
  return out;
}

class Builder {
 public:
  explicit Builder(const Records& records) : records_(records) {}

  Graph build() {
    for (const auto& entry : records_.runs()) add_run(entry);
    for (const auto& place : steps_) add_outputs(place);
    for (const auto& place : steps_) add_inputs(place);
    for (const auto& place : steps_) add_needs(place);
    return std::move(graph_);
  }

 private:
  struct StepPlace {
    const doc::Node* document = nullptr;
    const doc::Node* step = nullptr;
    std::size_t vertex = 0;
    Told told;
  };

  std::size_t vertex(Vertex wanted) {
    const auto [found, is_new] = index_.try_emplace(wanted.id, graph_.vertices.size());
    if (is_new) graph_.vertices.push_back(std::move(wanted));
    return found->second;
  }

  void edge(std::size_t from, std::size_t to, std::string_view label) {
    if (from != to && edges_.emplace(from, to, label).second) graph_.edges.push_back({from, to, std::string(label)});
  }

  void add_run(const RunEntry& entry) {
    const auto& document = entry.document;
    const auto branch = document.get("branch", "");
    const auto commit =
        vertex({"commit " + entry.commit, "commit",
                "commit " + entry.commit.substr(0, kBrief) + (branch.empty() ? "" : " (" + branch + ")"),
                doc::Node::map({{"commit", entry.commit}, {"branch", at(document, "branch")}})});
    const auto run = vertex({"run " + entry.id(), "run", label_of_run(document),
                             pick(document, {"run", "recipe", "environment", "status", "dirty", "release_key",
                                             "started", "finished", "cost_usd"})});
    edge(commit, run, "at");
    for (const auto& step : items(at(document, "steps"))) {
      const auto id = "step " + entry.id() + "/" + step.get("id", "");
      if (index_.contains(id)) continue;
      const auto added = vertex(
          {id, "step", label_of_step(step),
           pick(step, {"id", "kind", "status", "reason", "metrics", "gate", "cost_usd", "started", "finished"})});
      edge(run, added, "part of");
      const auto statement = Digest::parse(step.get("statement", ""));
      const auto* record = statement ? records_.find(*statement) : nullptr;
      steps_.push_back({&document, &step, added, record ? told_by(*record) : Told{}});
    }
  }

  /// The step of an earlier run whose Statement this one names, where that run is known.
  const std::size_t* owner_of(const StepPlace& place) const {
    const auto owner = index_.find(place.told.owner);
    return owner == index_.end() || owner->second == place.vertex ? nullptr : &owner->second;
  }

  void add_outputs(const StepPlace& place) {
    const auto label = owner_of(place) ? "kept" : "made";
    const auto& outputs = at(*place.step, "outputs");
    if (!outputs.is_map()) return;
    for (const auto& [name, name_at, output] : outputs.entries()) {
      const auto digest = output.get("digest", "");
      if (digest.empty()) continue;
      const auto path = output.get("path", "");
      auto facts = pick(output, {"path", "digest", "size"});
      facts["name"] = name;
      const auto brief = digest.substr(digest.find(':') + 1).substr(0, kBrief);
      const auto made = vertex({"output " + digest, "output",
                                "output " + name + (path.empty() ? "" : " " + path) + "@" + brief, std::move(facts)});
      edge(place.vertex, made, label);
    }
  }

  void add_inputs(const StepPlace& place) {
    if (const auto* owner = owner_of(place)) return edge(*owner, place.vertex, "reused");
    for (const auto& resource : place.told.inputs) {
      const auto input = at(resource, "annotations").get(kInput, "");
      if (!input.empty()) edge(input_vertex(resource, input), place.vertex, "used");
    }
  }

  std::size_t input_vertex(const doc::Node& resource, const std::string& input) {
    const auto blob = at(resource, "digest").get("gitBlob", ""), bytes = at(resource, "digest").get("sha256", "");
    if (const auto made = index_.find("output sha256:" + bytes); blob.empty() && made != index_.end()) {
      return made->second;
    }
    const auto path = resource.get("name", ""), kind = kind_of_input(input);
    const auto content = blob.empty() ? "sha256:" + bytes : blob;
    const auto name = (input == "file" ? "file " : input + " ") + (path == input ? std::string() : path);
    Vertex out;
    out.id = kind == "model" && blob.empty() ? "model " + content : "file " + path + "@" + content;
    out.kind = kind;
    out.label = name + "@" + (blob.empty() ? bytes : blob).substr(0, kBrief);
    out.facts = doc::Node::map({{"path", path}, {"input", input}, {"digest", content}});
    return vertex(std::move(out));
  }

  /// What it took from the steps it needs, where that isn't known as a file.
  void add_needs(const StepPlace& place) {
    if (owner_of(place)) return;
    for (const auto& need : items(at(*place.step, "needs"))) add_need(place, need.text());
  }

  void add_need(const StepPlace& place, const std::string& need) {
    for (const auto& other : items(at(*place.document, "steps"))) {
      if (other.get("id", "") != need) continue;
      const auto from = index_.find("step " + place.document->get("run", "") + "/" + need);
      if (from == index_.end()) return;
      const auto outputs = known_outputs(other);
      for (const auto output : outputs.all) {
        if (edges_.contains({output, place.vertex, "used"})) return;
      }
      for (const auto output : outputs.recorded) edge(output, place.vertex, "used");
      if (outputs.recorded.empty()) edge(from->second, place.vertex, "before");
    }
  }

  struct Outputs {
    std::vector<std::size_t> all, recorded;
  };
  Outputs known_outputs(const doc::Node& step) const {
    Outputs out;
    const auto& outputs = at(step, "outputs");
    if (!outputs.is_map()) return out;
    for (const auto& [name, name_at, output] : outputs.entries()) {
      const auto found = index_.find("output " + output.get("digest", ""));
      if (found == index_.end()) continue;
      out.all.push_back(found->second);
      if (output.get("in_record", false)) out.recorded.push_back(found->second);
    }
    return out;
  }

  const Records& records_;
  Graph graph_;
  std::unordered_map<std::string, std::size_t> index_;
  std::set<std::tuple<std::size_t, std::size_t, std::string>> edges_;
  std::vector<StepPlace> steps_;
};

}  // namespace

Graph graph_of(const Records& records) {
  auto out = Builder(records).build();
  for (auto& vertex : out.vertices) vertex.label = one_line(vertex.label, kNameWidth * 2);
  return out;
}

}  // namespace llmops::lineage
