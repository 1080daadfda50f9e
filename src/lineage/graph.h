#pragma once
/// \file  How things led to one another: commits, files, runs, steps, outputs, metrics.
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "lineage/records.h"

namespace llmops::lineage {

struct Vertex {
  /// Unique: `commit <id>`, `run <id>`, `file <path>@<blob or digest>`, `step <run>/<id>`, `output <digest>`,
  /// `model <digest>`.
  std::string id;
  std::string kind;   ///< `commit`, `run`, `file`, `step`, `output`, `model`, `dataset`, `prompt`.
  std::string label;  ///< For people.
  doc::Node facts;    ///< Metrics, status, times.
};
struct Edge {
  std::size_t from = 0, to = 0;  ///< What led, to what came of it.
  /// `at` (commit to run), `part of` (run to step), `used` (file, model or output to step), `made` (step to output),
  /// `reused` (step to the same step of a later run), `kept` (that later step to an output of the first; followed
  /// downwards only), `before` (step to a step that needs it).
  std::string label;
};
struct Graph {
  std::string object;              ///< What was asked for.
  std::vector<std::size_t> roots;  ///< The vertices that it names.
  std::vector<Vertex> vertices;
  std::vector<Edge> edges;
};

enum class Direction { up, down, both };

/// The part of the graph within `depth` edges of `object`: a commit (any revision), a run id (or prefix), a file's path
/// (all its versions), a name as a recipe gives it (`dataset golden`), a digest of an output, model or blob (or a
/// prefix of at least 8), a vertex's id. Of a commit the runs, and of a run the steps, count as the object itself. Each
/// step brings its run and commit along. Unknown: kind `usage`, with what was tried.
Result<Graph> lineage_of(sys::GitRepository& repository, const Records& records, const std::string& object,
                         Direction direction, int depth);

/// Everything that the records tell, without roots.
Graph graph_of(const Records& records);

/// A tree for the terminal, from each root: what it came from, then what it led to. What stands above already is not
/// opened again, and what is a part of the object is opened at its own place.
std::string to_text(const Graph& graph);
/// Graphviz.
std::string to_dot(const Graph& graph);
/// `{"object","roots":[id…],"vertices":[{"id","kind","label","facts"}],"edges":[{"from","to","label"}]}`, edges by id;
/// see `document_schema.h`.
doc::Node to_node(const Graph& graph);

}  // namespace llmops::lineage
