#include "lineage/graph.h"
#include "lineage/wording.h"

namespace llmops::lineage {
namespace {

constexpr std::size_t kLabelWidth = 240;

/// A quoted string of the DOT language, in which a backslash begins an escape.
std::string dot_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : one_line(text, kLabelWidth)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string_view shape_of(std::string_view kind) {
  if (kind == "commit") return "ellipse";
  if (kind == "run") return "box3d";
  if (kind == "step") return "box";
  return kind == "output" ? "cylinder" : "note";
}

}  // namespace

std::string to_dot(const Graph& graph) {
  std::string out = "digraph lineage {\n  rankdir=LR;\n  node [fontname=\"Helvetica\"];\n";
  for (std::size_t i = 0; i < graph.vertices.size(); ++i) {
    const auto& vertex = graph.vertices[i];
    out += "  v" + std::to_string(i) + " [label=" + dot_string(vertex.label) +
           ", shape=" + std::string(shape_of(vertex.kind)) + "];\n";
  }
  for (const auto& edge : graph.edges) {
    out += "  v" + std::to_string(edge.from) + " -> v" + std::to_string(edge.to) + " [label=" + dot_string(edge.label) +
           "];\n";
  }
  return out + "}\n";
}

doc::Node to_node(const Graph& graph) {
  auto roots = doc::Node::list(), vertices = doc::Node::list(), edges = doc::Node::list();
  for (const auto root : graph.roots) roots.push_back(graph.vertices[root].id);
  for (const auto& vertex : graph.vertices) {
    vertices.push_back(
        doc::Node::map({{"id", vertex.id}, {"kind", vertex.kind}, {"label", vertex.label}, {"facts", vertex.facts}}));
  }
  for (const auto& edge : graph.edges) {
    edges.push_back(doc::Node::map(
        {{"from", graph.vertices[edge.from].id}, {"to", graph.vertices[edge.to].id}, {"label", edge.label}}));
  }
  return doc::Node::map({{"object", graph.object},
                         {"roots", std::move(roots)},
                         {"vertices", std::move(vertices)},
                         {"edges", std::move(edges)}});
}

}  // namespace llmops::lineage
