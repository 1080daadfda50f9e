#include <algorithm>

#include "lineage/graph.h"
#include "lineage/wording.h"

namespace llmops::lineage {
namespace {

constexpr std::size_t kLineWidth = 240;

/// Which way a branch of the tree goes on.
enum class Walk {
  up,    ///< To what it came from.
  down,  ///< To what it led to.
  both,  ///< Of the object itself and its parts.
  stop,
};

std::string_view word_up(std::string_view label) {
  if (label == "made") return "made by ";
  if (label == "before") return "after ";
  if (label == "reused") return "reuses ";
  if (label == "used") return "used ";
  return label == "part of" ? "part of " : "at ";
}

std::string_view word_down(std::string_view label) {
  if (label == "made") return "made ";
  if (label == "before") return "before ";
  if (label == "reused") return "reused by ";
  if (label == "kept") return "kept ";
  return label == "used" ? "used by " : "";
}

bool is_part(std::string_view label) { return label == "part of" || label == "at"; }

class Tree {
 public:
  explicit Tree(const Graph& graph) : graph_(graph), above_(graph.vertices.size()), below_(graph.vertices.size()) {
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
      below_[graph.edges[i].from].push_back(i);
      above_[graph.edges[i].to].push_back(i);
    }
  }

  std::string text() {
    for (const auto root : graph_.roots) {
      opened_.assign(graph_.vertices.size(), false);
      own_.assign(graph_.vertices.size(), false);
      claim(root);
      out_ += one_line(graph_.vertices[root].label, kLineWidth) + "\n";
      open({root, {}, Walk::both}, root, "");
    }
    return std::move(out_);
  }

 private:
  struct Branch {
    std::size_t vertex = 0;
    std::string line;
    Walk walk = Walk::stop;
  };

  /// The object's own parts are opened at their own place, wherever else they are met.
  void claim(std::size_t vertex) {
    own_[vertex] = true;
    for (const auto i : below_[vertex]) {
      const auto& edge = graph_.edges[i];
      if (is_part(edge.label) && !own_[edge.to]) claim(edge.to);
    }
  }

  const std::string& label(std::size_t vertex) const { return graph_.vertices[vertex].label; }

  /// The run that a step ran in, and its commit, in one line.
  std::string context_of(std::size_t run) const {
    auto out = "part of " + label(run);
    for (const auto edge : above_[run]) out += ", " + label(graph_.edges[edge].from);
    return out;
  }

  std::vector<Branch> branches(const Branch& of, std::size_t parent) const {
    std::vector<Branch> out;
    for (const auto i : above_[of.vertex]) {
      const auto& edge = graph_.edges[i];
      if (edge.from == parent || of.walk == Walk::stop || edge.label == "kept") continue;
      const bool context = edge.label == "part of" && of.walk == Walk::down;
      if (context) out.push_back({edge.from, context_of(edge.from), Walk::stop});
      if (of.walk != Walk::down)
        out.push_back({edge.from, std::string(word_up(edge.label)) + label(edge.from), Walk::up});
    }
    for (const auto i : below_[of.vertex]) {
      const auto& edge = graph_.edges[i];
      if (edge.to == parent || of.walk == Walk::stop || of.walk == Walk::up) continue;
      if (edge.label == "kept" && of.walk != Walk::both) continue;
      const auto walk = is_part(edge.label) ? of.walk : Walk::down;
      out.push_back({edge.to, std::string(word_down(edge.label)) + label(edge.to), walk});
    }
    return out;
  }

  void open(const Branch& branch, std::size_t parent, const std::string& indent) {
    opened_[branch.vertex] = true;
    const auto below = branches(branch, parent);
    for (std::size_t i = 0; i < below.size(); ++i) {
      const bool last = i + 1 == below.size();
      const auto& next = below[i];
      const auto elsewhere = branches(next, branch.vertex).empty() ? std::string_view() : place_of(next);
      out_ += indent + (last ? "└─ " : "├─ ") + one_line(next.line, kLineWidth) + std::string(elsewhere) + "\n";
      if (elsewhere.empty()) open(next, branch.vertex, indent + (last ? "   " : "│  "));
    }
  }

  /// Where a branch is opened instead of here; empty where it is here.
  std::string_view place_of(const Branch& branch) const {
    if (opened_[branch.vertex]) return " (above)";
    return own_[branch.vertex] && branch.walk != Walk::both ? " (below)" : "";
  }

  const Graph& graph_;
  std::vector<std::vector<std::size_t>> above_, below_;
  std::vector<bool> opened_, own_;
  std::string out_;
};

}  // namespace

std::string to_text(const Graph& graph) { return Tree(graph).text(); }

}  // namespace llmops::lineage
