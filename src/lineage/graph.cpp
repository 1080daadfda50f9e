#include "lineage/graph.h"

#include <algorithm>
#include <deque>

#include "base/text.h"

namespace llmops::lineage {
namespace {

constexpr std::size_t kLeastDigits = 8;

using Vertices = std::vector<std::size_t>;

/// Who is next to whom.
struct Neighbours {
  explicit Neighbours(const Graph& graph) : above(graph.vertices.size()), below(graph.vertices.size()) {
    for (const auto& edge : graph.edges) {
      below[edge.from].push_back(edge.to);
      if (edge.label != "kept") above[edge.to].push_back(edge.from);
    }
  }
  std::vector<Vertices> above, below;
};

template <class Fits>
Vertices all_that(const Graph& graph, const Fits& fits) {
  Vertices out;
  for (std::size_t i = 0; i < graph.vertices.size(); ++i) {
    if (fits(graph.vertices[i])) out.push_back(i);
  }
  return out;
}

bool is_named(const Vertex& vertex, std::string_view object) {
  const std::string_view id = vertex.id;
  return id == object || id.substr(id.find(' ') + 1) == object || vertex.facts.get("path", "") == object ||
         vertex.facts.get("input", "") == object;
}

bool has_digest(const Vertex& vertex, std::string_view digits) {
  const auto digest = vertex.facts.get("digest", "");
  const auto shown = std::string_view(digest).substr(digest.find(':') + 1);
  return vertex.kind != "run" && shown.starts_with(digits);
}

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

/// Finds what a person means, the most exact reading first.
class Finder {
 public:
  Finder(sys::GitRepository& repository, const Records& records, const Graph& graph)
      : repository_(repository), records_(records), graph_(graph) {}

  Result<Vertices> find(std::string_view object) const {
    if (auto out = by_name(object); !out.empty()) return out;
    const auto run = records_.run(object);
    if (run) return with_id("run " + (*run)->id());
    if (auto out = by_digest(object); !out.empty()) return out;
    const auto shown = "`" + text::printable(object) + "`";
    const auto commit = repository_.resolve(object);
    if (commit) {
      if (auto out = with_id("commit " + *commit); !out.empty()) return out;
      return usage_error("nothing is recorded of " + shown + ", which is the commit " + commit->substr(0, 12),
                         "`llmops log` lists the runs");
    }
    if (commit.error().kind != ErrorKind::usage) return commit.error();
    if (run.error().message.find("fits several") != std::string::npos) return run.error();
    return usage_error(shown + " is no commit, and no run, file, dataset, prompt, model or digest that a record names",
                       "`llmops log` lists the runs");
  }

 private:
  Vertices with_id(const std::string& id) const {
    return all_that(graph_, [&](const Vertex& vertex) { return vertex.id == id; });
  }
  Vertices by_name(std::string_view object) const {
    while (object.starts_with("./")) object.remove_prefix(2);
    if (object.empty()) return {};
    return all_that(graph_, [&](const Vertex& vertex) { return is_named(vertex, object); });
  }
  Vertices by_digest(std::string_view object) const {
    if (object.starts_with("sha256:")) object.remove_prefix(7);
    if (object.size() < kLeastDigits || !is_hex(object)) return {};
    return all_that(graph_, [&](const Vertex& vertex) { return has_digest(vertex, object); });
  }

  sys::GitRepository& repository_;
  const Records& records_;
  const Graph& graph_;
};

/// The object itself: with a commit its runs, with a run its steps.
Vertices whole(const Graph& graph, const Neighbours& neighbours, const Vertices& roots) {
  Vertices out = roots;
  std::vector<bool> known(graph.vertices.size());
  for (const auto root : roots) known[root] = true;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto& kind = graph.vertices[out[i]].kind;
    if (kind != "commit" && kind != "run") continue;
    for (const auto part : neighbours.below[out[i]]) {
      if (!known[part]) out.push_back(part);
      known[part] = true;
    }
  }
  return out;
}

std::vector<bool> reach(const std::vector<Vertices>& next, const Vertices& from, int depth) {
  std::vector<bool> seen(next.size());
  std::deque<std::pair<std::size_t, int>> open;
  for (const auto vertex : from) {
    seen[vertex] = true;
    open.emplace_back(vertex, 0);
  }
  while (!open.empty()) {
    const auto [vertex, distance] = open.front();
    open.pop_front();
    if (distance >= depth) continue;
    for (const auto neighbour : next[vertex]) {
      if (seen[neighbour]) continue;
      seen[neighbour] = true;
      open.emplace_back(neighbour, distance + 1);
    }
  }
  return seen;
}

/// A step alone says little: its run and that run's commit come along.
void add_context(const Graph& graph, const Neighbours& neighbours, std::vector<bool>& kept) {
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i] || graph.vertices[i].kind != "step") continue;
    for (const auto run : neighbours.above[i]) {
      if (graph.vertices[run].kind != "run") continue;
      kept[run] = true;
      for (const auto commit : neighbours.above[run]) kept[commit] = true;
    }
  }
}

Graph cut(Graph graph, const std::vector<bool>& kept) {
  Graph out;
  std::vector<std::size_t> moved(graph.vertices.size());
  for (std::size_t i = 0; i < graph.vertices.size(); ++i) {
    if (!kept[i]) continue;
    moved[i] = out.vertices.size();
    out.vertices.push_back(std::move(graph.vertices[i]));
  }
  for (auto& edge : graph.edges) {
    if (kept[edge.from] && kept[edge.to])
      out.edges.push_back({moved[edge.from], moved[edge.to], std::move(edge.label)});
  }
  for (const auto root : graph.roots) out.roots.push_back(moved[root]);
  out.object = std::move(graph.object);
  return out;
}

}  // namespace

Result<Graph> lineage_of(sys::GitRepository& repository, const Records& records, const std::string& object,
                         Direction direction, int depth) {
  auto graph = graph_of(records);
  graph.object = object;
  TRY(graph.roots, Finder(repository, records, graph).find(object));
  const Neighbours neighbours(graph);
  const auto start = whole(graph, neighbours, graph.roots);
  std::vector<bool> kept(graph.vertices.size());
  const auto keep = [&](const std::vector<bool>& more) {
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = kept[i] || more[i];
  };
  if (direction != Direction::down) keep(reach(neighbours.above, start, depth));
  if (direction != Direction::up) keep(reach(neighbours.below, start, depth));
  add_context(graph, neighbours, kept);
  return cut(std::move(graph), kept);
}

}  // namespace llmops::lineage
