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

Type price() {
  const auto usd = or_null(not_negative());
  return record("used_price", "What asking a model costs.",
                {need("source", Type::choice_of({"recipe", "table", "unknown"}), "Where it is from."),
                 need("input", usd, "USD per million tokens of the prompt."),
                 need("output", usd, "USD per million tokens of the answer."),
                 need("cache_read", usd, "USD per million tokens that the server's cache had."),
                 need("cache_write", usd, "USD per million tokens that went into the server's cache."),
                 need("usd_per_hour", usd, "USD per hour of a machine of one's own."),
                 need("table", or_null(text()), "The day on which the built-in table was taken; else null.")});
}

Type estimate() {
  return record("estimate", "What running the step would take, at most; cached answers are in it.",
                {need("queries", count(), "Queries of models."), need("input_tokens", or_null(count()), "Tokens sent."),
                 need("output_tokens", or_null(count()), "Tokens of the answers."),
                 need("cost_usd", or_null(not_negative()), "US dollars; null where a price is not known."),
                 need("duration_s", or_null(not_negative()),
                      "Seconds, at the latencies of the step's last run here; null where there was none."),
                 need("prices", Type::map_of(price()), "Of the models that are asked for money, by name.")});
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

Type comparison_document_type() {
  const auto side =
      record("side", "A run that is compared.",
             {need("asked", text(), "As it was named."), need("run", text(), "Its id."),
              need("commit", text(), "The commit it is of."), need("recipe", text(), "Name of the recipe."),
              need("environment", text(), "Name of the environment."),
              need("dirty", boolean(), "Whether the work tree differed from the commit."),
              need("started", text(), "RFC 3339."),
              need("cell", or_null(text()), "The only cell that is meant; null for all.")});
  const auto metric = record(
      "compared_metric", "A metric of a cell on both sides, over the cases that both have.",
      {need("metric", text(), "Its name."), need("of", text(), "The cell, or both of them."),
       need("step", text(), "The step that measured."), need("n", count(), "Pairs of cases."),
       need("errors", count(), "Pairs of which a side could not be scored."),
       need("dropped", count(), "Cases that only one side has."), need("a", or_null(number()), "Mean of the one."),
       need("b", or_null(number()), "Mean of the other."), need("difference", or_null(number()), "b - a."),
       need("low", or_null(number()), "Lower end of the two-sided 95 % interval of the difference."),
       need("high", or_null(number()), "Upper end."), need("p", or_null(not_negative()), "Two-sided p-value."),
       need("p_adjusted", or_null(not_negative()), "The same after Holm, over all rows."),
       need("test", or_null(text()), "Where interval and p come from; null where nothing can be tested."),
       need("smallest_detectable", or_null(not_negative()),
            "The least true difference that a sample like this shows four times in five."),
       need("better", Type::choice_of({"higher", "lower"}), "Whether higher or lower is better."),
       need("unit", text(), "Its unit; empty where it has none.")});
  const auto flip_side = record("flip_side", "A case on one side.",
                                {need("value", or_null(number()), "Its score; null where it could not be scored."),
                                 need("error", or_null(text()), "Why its query failed."),
                                 need("output", or_null(text()), "The answer; null where it is not on this machine.")});
  const auto flip =
      record("flip", "A case whose score changed.",
             {need("case", text(), "Its id."), need("fields", Type::map_of(text()), "The case's short fields."),
              need("metric", text(), "The metric."), need("of", text(), "The cell."), need("a", flip_side, "There."),
              need("b", flip_side, "Here.")});
  const auto difference =
      record("difference", "Something that both rest on and is not the same.",
             {need("what", text(), "Its kind and name."), need("before", text(), "Blob id or digest there."),
              need("after", text(), "Blob id or digest here."),
              need("diff", or_null(text()), "Unified diff of a prompt; null where there is none.")});
  return record("comparison", "Two measured runs, case by case.",
                {need("a", side, "The one."), need("b", side, "The other."),
                 need("metrics", Type::list_of(metric), "In the order of steps, cells and metrics."),
                 need("flips", Type::list_of(flip), "What got worse first."),
                 need("differences", Type::list_of(difference), "Prompts, models, datasets, scorers."),
                 need("notes", Type::list_of(text()), "What a reader must know, a sentence each.")});
}

Type bisection_document_type() {
  const auto paired =
      record("paired", "The metric on two sides, over the cases that both have.",
             {need("n", count(), "Pairs of cases."), need("before", number(), "Mean of the one."),
              need("after", number(), "Mean of the other."), need("difference", number(), "after - before."),
              need("low", number(), "Lower end of its two-sided 95 % interval."), need("high", number(), "Upper end."),
              need("p", or_null(not_negative()), "Two-sided p-value.")});
  const auto visit = record("visit", "A commit that was looked at.",
                            {need("commit", text(), "Its id."), need("subject", text(), "First line of its message."),
                             need("asked", count(), "Queries that were really asked."),
                             need("skipped", or_null(text()), "Why it could not be measured; null where it was.")});
  return record("bisection", "The commit that moved a metric.",
                {need("metric", text(), "Its name."), need("of", text(), "The cell; empty for the only one."),
                 need("good", text(), "The commit from before."), need("bad", text(), "The commit from after."),
                 need("whole", paired, "From the one to the other."),
                 need("commit", or_null(text()), "The commit that moved it; null where these cases show no change."),
                 need("step", or_null(paired), "From the commit before it to it."),
                 need("not_measured", Type::list_of(text()), "Commits before it that may be the one as well."),
                 need("visited", Type::list_of(visit), "From the oldest to the newest.")});
}

Type calibration_document_type() {
  const auto estimate = record("estimate", "A value with its two-sided 95 % interval.",
                               {need("value", number(), "The value."), need("low", number(), "Lower end."),
                                need("high", number(), "Upper end.")});
  const auto threshold =
      record("threshold", "Of a graded judge: the score from which on an answer passes.",
             {need("value", number(), "The one that agrees best with people."),
              need("kappa", number(), "On the cases that it was chosen on."),
              need("kappa_expected", number(), "What may be expected of new cases, by cross-fitting.")});
  const auto count_of = record(
      "pair_of_labels", "How many cases got these two labels.",
      {need("judge", text(), "The judge's."), need("people", text(), "People's."), need("n", count(), "Cases.")});
  return record(
      "calibration", "A judge against people.",
      {need("n", count(), "Cases that both have judged."), need("not_labelled", count(), "Cases that people have not."),
       need("not_judged", count(), "Labelled cases that the judge could not score."),
       need("unknown_labels", count(), "Labels of cases that were not asked."),
       need("threshold", or_null(threshold), "Null for a judge that passes or fails."),
       need("agreement", or_null(estimate), "Share of cases with equal labels; null where there are none."),
       need("kappa", or_null(estimate), "Cohen's kappa; null where it is not defined."),
       need("confusion", Type::list_of(count_of), "By both labels.")});
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
