#include "cli/command.h"

namespace llmops::cli {

Action declare_validate(CLI::App& app);
Action declare_plan(CLI::App& app);
Action declare_run(CLI::App& app);
Action declare_log(CLI::App& app);
Action declare_show(CLI::App& app);
Action declare_compare(CLI::App& app);
Action declare_score(CLI::App& app);
Action declare_bisect(CLI::App& app);
Action declare_judge(CLI::App& app);
Action declare_lineage(CLI::App& app);
Action declare_models(CLI::App& app);
Action declare_import(CLI::App& app);
Action declare_schema(CLI::App& app);
Action declare_completion(CLI::App& app);
Action declare_doctor(CLI::App& app);

const std::vector<Command>& commands() {
  static const std::vector<Command> rows = {
      {"validate", "Check recipes, their prompts and their data; run nothing.", declare_validate,
       "llmops validate\nllmops validate recipes/triage.yaml"},
      {"plan", "Show what would run, why, and what it would cost.", declare_plan,
       "llmops plan triage\nllmops plan triage --why\nllmops plan triage --exit-code"},
      {"run", "Run recipes; what is up to date is not done again.", declare_run,
       "llmops run triage\nllmops run triage --env staging\nllmops run triage --step compare --force\nllmops run "
       "triage --json | jq .status"},
      {"log", "List recorded runs, newest first.", declare_log, "llmops log\nllmops log --metric accuracy -n 5"},
      {"show", "Show one run, step or commit.", declare_show,
       "llmops show\nllmops show HEAD~1\nllmops show compare --json\nllmops show --report out.html"},
      {"compare", "Compare two runs, commits, environments or cells, case by case.", declare_compare,
       "llmops compare HEAD~1 HEAD\nllmops compare dev staging\nllmops compare small/terse small/guided\nllmops "
       "compare HEAD~1 HEAD --report compare.html"},
      {"score", "Score the answers of a run again, as the recipe says now; ask nothing.", declare_score,
       "llmops score HEAD\nllmops score dev --json | jq '.steps[].metrics'"},
      {"bisect", "Find the commit that moved a metric, asking as little as the cache allows.", declare_bisect,
       "llmops bisect --metric accuracy --of small/guided --good v1.0\nllmops bisect triage --metric accuracy --good "
       "HEAD~20 --bad HEAD --json | jq .commit"},
      {"judge", "Compare a judge with people.", declare_judge,
       "llmops judge calibrate HEAD --metric polite --labels labels.csv --field right\nllmops judge calibrate dev "
       "--metric factuality --of small/guided --field human"},
      {"lineage", "Follow what led to what.", declare_lineage,
       "llmops lineage of prompts/guided.j2 --down\nllmops lineage of HEAD --format dot | dot -Tsvg > lineage.svg"},
      {"models", "List and bring models.", declare_models,
       "llmops models list\nllmops models pull smollm2-135m-instruct"},
      {"import", "Make a recipe of another tool's configuration.", declare_import,
       "llmops import promptfoo promptfooconfig.yaml\nllmops import promptfoo evals/promptfooconfig.yaml --out "
       "recipes/support.yaml --strict\nllmops import openai-evals evals/registry/evals/test-match.yaml"},
      {"schema", "Print JSON Schemas and the reference of the recipe language.", declare_schema,
       "llmops schema > recipe.schema.json\nllmops schema reference"},
      {"completion", "Print a completion script for bash, zsh or fish.", declare_completion,
       "llmops completion bash > ~/.local/share/bash-completion/completions/llmops"},
      {"doctor", "Look at what llmops needs, and say how to mend what is missing.", declare_doctor, "llmops doctor"},
  };
  return rows;
}

}  // namespace llmops::cli
