#include "lineage/document_schema.h"

#include "schema/shapes.h"

namespace llmops::lineage {
namespace {

using namespace schema::shapes;
using schema::Type;

Type metric() {
  return record(
      "metric", "A metric over the cases of a cell.",
      {need("metric", text(), "Its name."), need("model", text(), "Name of the model."),
       need("prompt", or_null(text()), "Name of the prompt; null where there is none."),
       need("n", count(), "Cases scored."), need("errors", count(), "Cases that could not be scored."),
       need("value", or_null(number()), "The mean; null where nothing was scored."),
       need("stderr", or_null(number()), "Its standard error."),
       need("low", or_null(number()), "Lower end of the two-sided 95 % interval."),
       need("high", or_null(number()), "Upper end of the two-sided 95 % interval."),
       may("scale", text(), "What values it may take."), may("better", text(), "Whether higher or lower is better."),
       may("unit", or_null(text()), "Its unit; empty where it has none."),
       may("cached", count(), "Cases whose answer was not asked for again."),
       may("statistic", text(), "What the value is of all cases together; without it, the mean over them.")});
}

Type decision() { return Type::choice_of({"pass", "fail", "inconclusive", "not_applicable"}); }

Type requirement() {
  return record("requirement", "One rule of a gate, decided.",
                {need("metric", text(), "The metric."), need("of", text(), "The cell that it is asked of."),
                 need("versus", or_null(text()), "The cell it is compared with."),
                 may("rule", Type::choice_of({"at_least", "at_most", "better_by", "not_worse_by"}), "What is asked."),
                 need("bound", or_null(number()), "The number it is held against."),
                 need("value", or_null(number()), "What was measured: a mean, or a mean difference."),
                 need("low", or_null(number()), "Lower bound at the requirement's one-sided confidence."),
                 need("high", or_null(number()), "Upper bound at the requirement's one-sided confidence."),
                 need("p", or_null(number()), "One-sided p-value."), may("n", count(), "Cases, or pairs of cases."),
                 may("errors", count(), "Cases without a value."), need("decision", decision(), "What was decided."),
                 need("cases_needed", or_null(count()), "Further cases that would settle it."),
                 may("reason", text(), "In one line."),
                 may("where", Type::map_of(text()), "The cases it is asked of, by field.")});
}

Type gate() {
  return record("gate", "What a gate decided.",
                {need("decision", decision(), "Of all requirements together."),
                 need("selected", or_null(text()), "The cell that was chosen."),
                 may("selection", or_null(text()), "Why it was chosen."),
                 may("warned", boolean(), "True where an inconclusive decision was let pass."),
                 may("sequential", boolean(), "True where its bounds hold at all looks together."),
                 need("requirements", Type::list_of(requirement()), "In the recipe's order.")});
}

Type output() {
  return record("output", "What a step made.",
                {need("value", anything(), "What an expression that names it yields."),
                 need("path", or_null(text()), "In the repository; null where it lies only in the content store."),
                 need("digest", or_null(text()), "`sha256:…` of its bytes, or of a folder's manifest."),
                 need("size", or_null(count()), "Bytes."), need("folder", boolean(), "Whether it is a folder."),
                 need("in_record", boolean(), "Whether its bytes are kept with the record.")});
}

Type queries() {
  return record("queries", "Queries of a step.",
                {need("asked", count(), "Sent to a model."), need("cached", count(), "Answered from the cache."),
                 need("errors", count(), "Failed."), may("retries", count(), "Sent again.")});
}

Type failure() {
  return record("failure", "Why a step could not be done.",
                {need("message", text(), "In one sentence."),
                 need("at", or_null(text()), "`file:line:column`, where a text is to blame.")});
}

Type step() {
  return record(
      "step_run", "A step of a run.",
      {need("id", text(), "As in the recipe."), need("kind", text(), "The kind of step."),
       need("status", Type::choice_of({"ran", "cached", "skipped", "failed", "error", "inconclusive"}),
            "How it ended."),
       need("reason", text(), "Why, in one line."), need("metrics", Type::list_of(metric()), "What it measured."),
       need("gate", or_null(gate()), "What it decided; null where it is no gate."),
       need("outputs", Type::map_of(output()), "What it made, by name."), need("queries", queries(), "What it asked."),
       need("cost_usd", or_null(not_negative()), "US dollars; null where a price is not known."),
       need("duration_s", not_negative(), "Seconds."),
       need("started", or_null(text()), "RFC 3339; null where it did not run."),
       need("finished", or_null(text()), "RFC 3339; null where it did not run."),
       need("version", count(), "Of the kind."),
       need("key", or_null(text()), "Digest of everything that can change its outcome."),
       need("needs", Type::list_of(text()), "Steps that it rested on."),
       need("statement", or_null(text()), "Digest of the record that tells of it."),
       need("error", or_null(failure()), "Of a step that failed.")});
}

Type vertex() {
  return record(
      "vertex", "A thing that took part.",
      {need("id", text(), "Unique in this document."),
       need("kind", Type::choice_of({"commit", "run", "step", "file", "prompt", "dataset", "model", "output"}),
            "What it is."),
       need("label", text(), "For people."), need("facts", Type::map_of(anything()), "What is known of it, by kind.")});
}

Type edge() {
  return record(
      "edge", "What led to what.",
      {need("from", text(), "Id of the vertex that led."), need("to", text(), "Id of the vertex that came of it."),
       need("label", Type::choice_of({"at", "part of", "used", "made", "reused", "kept", "before"}), "How.")});
}

}  // namespace

Type run_document_type() {
  return record(
      "run", "A run of a recipe.",
      {need("run", text(), "Its id, a ULID."), need("recipe", text(), "Name of the recipe."),
       need("recipe_path", text(), "From the repository's root."),
       need("recipe_blob", or_null(text()), "The recipe's git blob; null where it is not tracked as it is."),
       need("environment", text(), "Name of the environment."),
       need("commit", or_null(text()), "The commit that was checked out; null before the first one."),
       need("branch", or_null(text()), "Its branch; null where the head is detached."),
       need("dirty", boolean(), "Whether the work tree differed from the commit."),
       may("partial", boolean(), "Whether only some of the steps were asked for."),
       need("tree", or_null(text()), "The git tree of a work tree that differed."),
       need("changed", Type::list_of(text()), "Paths that differed from the commit."),
       need("release_key", text(), "Digest of the recipe and all it reads, the same in every environment."),
       need("status", Type::choice_of({"passed", "failed", "inconclusive", "error", "interrupted"}), "How it ended."),
       need("started", or_null(text()), "RFC 3339."), need("finished", or_null(text()), "RFC 3339."),
       need("duration_s", number(), "Seconds."),
       need("cost_usd", or_null(not_negative()), "US dollars of all steps; null where a price is not known."),
       need("version", text(), "Of llmops."), need("steps", Type::list_of(step()), "In the order of the graph.")});
}

Type graph_document_type() {
  return record(
      "lineage", "How things led to one another.",
      {need("object", text(), "What was asked for."),
       need("roots", Type::list_of(text()), "Ids of the vertices that it names."),
       need("vertices", Type::list_of(vertex()), "Each once."), need("edges", Type::list_of(edge()), "Each once.")});
}

}  // namespace llmops::lineage
