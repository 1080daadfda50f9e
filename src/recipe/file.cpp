#include "recipe/file.h"

namespace llmops::recipe {

using schema::Record;
using schema::Type;

const Record<DatasetConfig>& record_of(DatasetConfig*) {
  static const auto record =
      Record<DatasetConfig>("dataset", "Labelled or unlabelled cases: JSON Lines or CSV.")
          .may("path", &DatasetConfig::path, "The file, tracked by git or made by a step.")
          .may("uri", &DatasetConfig::uri, "Where bytes outside git come from; needs `sha256`.")
          .may_as(Type::of(Type::Kind::digest), "sha256", &DatasetConfig::sha256,
                  "The digest that the bytes must have.")
          .may("expected", &DatasetConfig::expected, "The field that scorers compare an answer with.")
          .may("id", &DatasetConfig::id, "The field that names a case; default `id`, else the line's digest.")
          .may("cluster", &DatasetConfig::cluster, "The field that groups cases which are not independent.")
          .may("assert", &DatasetConfig::assertions,
               "The field that holds scorers of a case's own: a list of them, or `{scorers, threshold}`.")
          .short_for("path");
  return record;
}

const Record<EnvironmentConfig>& record_of(EnvironmentConfig*) {
  static const auto record =
      Record<EnvironmentConfig>("environment", "Where steps run, and what must have been proved before.")
          .may("after", &EnvironmentConfig::after, "The environment that must have passed with the same release key.")
          .may_as(Type::choice_of({"code", "artifact"}), "promote", &EnvironmentConfig::promote,
                  "Whether code runs again here, or what was built before is taken over.")
          .without_effect("every step runs again here")
          .may("approvals", &EnvironmentConfig::approvals, "How many people other than the author must approve.")
          .without_effect("nobody is asked to approve a run")
          .may("branches", &EnvironmentConfig::branches, "Branches from which the commit must be reachable.")
          .without_effect("commits of any branch may run here")
          .may("clean", &EnvironmentConfig::clean, "Refuse a work tree with uncommitted changes.")
          .may("vars", &EnvironmentConfig::vars, "Values that replace those of `vars`.")
          .may("models", &EnvironmentConfig::models, "Keys that replace those of `models`, by name.")
          .may("datasets", &EnvironmentConfig::datasets, "Keys that replace those of `datasets`, by name.")
          .may("indexes", &EnvironmentConfig::indexes, "Keys that replace those of `indexes`, by name.")
          .without_effect("no step reads an index")
          .may("targets", &EnvironmentConfig::targets, "Keys that replace those of `targets`, by name.")
          .without_effect("no step deploys")
          .may("budget", &EnvironmentConfig::budget, "Limits of a run here.")
          .without_effect("a run is limited by `--budget-usd` and the like, an eval by its own `budget`");
  return record;
}

const Record<StepRetry>& record_of(StepRetry*) {
  static const auto tries = [] {
    auto out = Type::of(Type::Kind::integer);
    out.least = 0;
    out.most = 100;
    return out;
  }();
  static const auto record = Record<StepRetry>("step_retry", "Trying a failed step again.")
                                 .may_as(tries, "times", &StepRetry::times, "Further tries after the first.")
                                 .may("backoff", &StepRetry::backoff, "Wait before the second try; doubled each time.")
                                 .short_for("times");
  return record;
}

Record<StepFile> step_record(const step::Kinds& kinds) {
  std::vector<schema::Alternative> alternatives;
  for (const auto* kind : kinds.all()) {
    alternatives.push_back({std::string(kind->name()), kind->config_type(), std::string(kind->summary())});
  }
  Record<StepFile> record("step", "One step of the recipe: its id, exactly one kind, and when and how it runs.");
  record.need("id", &StepFile::id, "Its name, unique in the recipe.")
      .may("needs", &StepFile::needs, "Steps that must have passed first, beside those it refers to.")
      .may("if", &StepFile::condition, "Run only where this expression over vars, environment, git and steps holds.")
      .may("environments", &StepFile::environments, "Run only in these environments.")
      .may("matrix", &StepFile::matrix, "Run once for each combination of these values.")
      .may("env", &StepFile::env, "Environment variables of its programs.")
      .may_as(Type::positive_duration(), "timeout", &StepFile::timeout, "Stop it after this long.")
      .may("retry", &StepFile::retry, "Try again when it fails.")
      .may_as(Type::choice_of({"auto", "never"}), "cache", &StepFile::cache,
              "`auto` skips the step while nothing it rests on has changed; `never` runs it every time.")
      .may("run_on", &StepFile::run_on, "Where it runs: `local`, or an engine of `engines:`.")
      .without_effect("it runs on this machine");
  record.one_of(&StepFile::kind, std::move(alternatives));
  return record;
}

const Record<RecipeFile>& record_of(RecipeFile*) {
  static const auto record =
      Record<RecipeFile>("recipe", "What a team ships, where it goes, and the steps that take it there.")
          .need("llmops", &RecipeFile::format, "Version of the recipe language.")
          .need("name", &RecipeFile::name, "The recipe's identity, unique in the repository.")
          .may("description", &RecipeFile::description, "One sentence for people.")
          .may("triggers", &RecipeFile::triggers, "Events that run it: a list of names, or a map with limits for each.")
          .without_effect("a recipe runs where `llmops run` is called")
          .may("vars", &RecipeFile::vars, "Plain values that expressions and prompts may use.")
          .may("models", &RecipeFile::models, "Anything that answers a query, by name.")
          .may("prompts", &RecipeFile::prompts, "Jinja templates: paths by name.")
          .may("datasets", &RecipeFile::datasets, "Cases, by name.")
          .may("indexes", &RecipeFile::indexes, "Vector indexes, by name.")
          .without_effect("no step reads an index")
          .may("environments", &RecipeFile::environments, "Where steps run; the first is the default.")
          .need("steps", &RecipeFile::steps, "What is done.")
          .may("include", &RecipeFile::include, "Files whose models, prompts, datasets, indexes and environments join.")
          .may("tracking", &RecipeFile::tracking, "Sinks that hear of runs.")
          .without_effect("nobody is told; `llmops run --events` writes a file")
          .may("engines", &RecipeFile::engines, "Where steps can run other than here, by name.")
          .without_effect("every step runs on this machine")
          .may("cache", &RecipeFile::cache, "Where results are shared.")
          .without_effect("results are kept on this machine")
          .may("lineage", &RecipeFile::lineage, "How records are kept.")
          .without_effect("records are kept in `refs/llmops/records`")
          .may("targets", &RecipeFile::targets, "Where deployments go, by name.")
          .without_effect("no step deploys")
          .may("budget", &RecipeFile::budget, "Limits of a run.")
          .without_effect("a run is limited by `--budget-usd` and the like, an eval by its own `budget`");
  return record;
}

Type recipe_type(const step::Kinds& kinds) {
  Type type = record_of(static_cast<RecipeFile*>(nullptr)).type();
  for (auto& field : type.fields) {
    const auto map_of = [&](Type item) { field.type = Type::map_of(std::move(item)); };
    if (field.name == "steps") field.type = Type::list_of(step_record(kinds).type());
    if (field.name == "models") map_of(schema::type_of<model::ModelConfig>());
    if (field.name == "prompts") map_of(Type::of(Type::Kind::string));
    if (field.name == "datasets") map_of(schema::type_of<DatasetConfig>());
    if (field.name == "environments") map_of(schema::type_of<EnvironmentConfig>());
  }
  return type;
}

}  // namespace llmops::recipe
