#include "cli/document_schemas.h"

#include "lineage/document_schema.h"
#include "schema/shapes.h"

namespace llmops::cli {
namespace {

using namespace schema::shapes;
using schema::Type;

Type change() {
  return record("change", "A part of a step's key that is not as it was.",
                {need("name", text(), "What it is of, such as a file or a part of the configuration."),
                 need("before", text(), "Its digest or value at the last run; empty where it was not there."),
                 need("after", text(), "Its digest or value now; empty where it is not there.")});
}

Type estimate() {
  return record("estimate", "What running the step would take, at most; cached answers are in it.",
                {need("queries", count(), "Queries of models."), need("input_tokens", or_null(count()), "Tokens sent."),
                 need("output_tokens", or_null(count()), "Tokens of the answers."),
                 need("cost_usd", or_null(not_negative()), "US dollars; null where a price is not known.")});
}

Type planned_step() {
  return record("planned_step", "What would happen to a step.",
                {need("id", text(), "As in the recipe."), need("kind", text(), "The kind of step."),
                 need("state", Type::choice_of({"run", "cached", "skipped", "error", "unknown"}), "What would happen."),
                 need("reason", text(), "Why, in one line."),
                 need("key", or_null(text()), "Digest of all that can change its outcome; null where not known yet."),
                 need("changes", Type::list_of(change()), "Since the last run."),
                 need("estimate", or_null(estimate()), "Null where it would not run, or nobody can say.")});
}

Type placed_message() {
  return record("message", "An error or a warning.",
                {need("file", or_null(text()), "Where it stands; null where no file is to blame."),
                 need("line", count(), "From 1; 0 where it is not known."),
                 need("column", count(), "In code points, from 1; 0 where it is not known."),
                 need("message", text(), "In one sentence."), need("hint", text(), "What to do next, or empty.")});
}

}  // namespace

Type plan_document_type() {
  return record("plan", "What a run would do now.",
                {need("recipe", text(), "Name of the recipe."), need("environment", text(), "Name of the environment."),
                 need("release_key", text(), "Digest of the recipe and all it reads, the same in every environment."),
                 need("refused", or_null(text()), "Why the environment would refuse the run; null where it would not."),
                 need("steps", Type::list_of(planned_step()), "In the order of the graph.")});
}

Type validation_document_type() {
  return Type::list_of(record("validation", "Whether a recipe is valid.",
                              {need("recipe", text(), "Its path or name, as asked for."),
                               need("valid", boolean(), "Whether there are no errors."),
                               need("errors", Type::list_of(placed_message()), "All of them."),
                               need("warnings", Type::list_of(placed_message()), "Keys that have no effect yet.")}));
}

Type log_document_type() { return Type::list_of(lineage::run_document_type()); }

Type models_document_type() {
  return Type::list_of(record(
      "model", "A model of this machine, or one known by name.",
      {need("name", text(), "As a recipe names it."), need("stored", boolean(), "Whether it is on this machine."),
       need("sha256", text(), "Digest of its file, in hexadecimal."), need("size", count(), "Bytes."),
       need("path", or_null(text()), "Of its file; null where it is not stored."),
       need("source", text(), "Where it comes from.")}));
}

Type doctor_document_type() {
  return Type::list_of(record(
      "finding", "Something that llmops rests on.",
      {need("what", text(), "Its name."), need("state", Type::choice_of({"ok", "missing", "broken"}), "How it is."),
       need("found", text(), "What was found, or empty."), need("hint", text(), "What to do, or empty."),
       need("needed", boolean(), "Whether llmops does nothing without it.")}));
}

}  // namespace llmops::cli
