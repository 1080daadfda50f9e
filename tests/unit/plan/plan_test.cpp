#include "plan/plan.h"

#include <doctest/doctest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/no_git.h"
#include "fakes/recipe_files.h"

using namespace llmops;
using fakes::work;

namespace {

using FileMap = std::map<std::string, std::string>;

/// A recipe planned over files in memory.
struct Planner {
  explicit Planner(FileMap with) : repository(std::move(with)) {}

  std::shared_ptr<recipe::Recipe> load(recipe::LoadOptions options = {}) {
    auto loaded = repository.load(std::move(options));
    REQUIRE(loaded.has_value());
    return std::make_shared<recipe::Recipe>(*std::move(loaded));
  }
  plan::Identities gather(const recipe::Recipe& recipe) {
    plan::GatherContext context{repository.assets, repository.files, clock, repository.cache, models, "/repo"};
    auto found = plan::gather(recipe, context, "c0ffee", plan::Which::all);
    REQUIRE(found.has_value());
    return *std::move(found);
  }
  plan::Plan make(recipe::LoadOptions options = {}) {
    const auto recipe = load(std::move(options));
    auto plan = plan::make_plan(recipe, gather(*recipe), scope);
    REQUIRE(plan.has_value());
    return *std::move(plan);
  }

  fakes::RecipeFiles repository;
  fakes::FakeClock clock;
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  fakes::NoGit git;
  fakes::FakeLog log;
  sys::System system{repository.files, process, http, git, clock, repository.env, log};
  model::ModelStore models{system, "/models"};
  recipe::Scope scope;
};

const std::string kEval = R"(vars: {tone: calm}
models:
  big: {provider: openai, model: m-1, base_url: "https://a.example.org/v1", parameters: {temperature: 0}}
prompts: {terse: p/terse.j2, other: p/other.j2}
datasets: {golden: {path: d.jsonl, expected: label}}
environments:
  dev: {}
  prod: {models: {big: {base_url: "https://b.example.org/v1"}}}
steps:
  - id: quality
    eval:
      models: [big]
      prompts: [terse]
      dataset: golden
      scorers: [{equals: "${case.label}", metric: accuracy}]
)";

FileMap eval_files() {
  return {
      {"work.yaml", work(kEval)}, {"p/terse.j2", "Sort: {{ text }}"}, {"p/other.j2", "unused"}, {"d.jsonl", "{}\n"}};
}

FileMap changed(FileMap files, const std::string& path, const std::string& from, const std::string& to) {
  auto& text = files.at(path);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  return files;
}

plan::PlannedStep first_step(const FileMap& files) { return Planner(files).make().steps.front(); }

step::Outcome made(const std::string& name, const std::string& path, const std::string& bytes) {
  step::Outcome outcome;
  outcome.outputs.push_back({.name = name, .path = path, .digest = sys::sha256(bytes), .value = path});
  return outcome;
}

step::Outcome ended(step::Status status) {
  step::Outcome outcome;
  outcome.status = status;
  return outcome;
}

const std::string kChain = R"(steps:
  - {id: train, exec: {command: [train], outputs: {model: out/m.bin}}}
  - {id: pack, exec: {command: [pack, "${steps.train.outputs.model}"], outputs: [out/pack]}}
  - {id: ship, needs: [pack], exec: {command: [ship]}}
  - {id: alone, exec: {command: [echo]}}
)";

}  // namespace

TEST_CASE("the same recipe over the same content has the same keys") {
  CHECK(first_step(eval_files()).key == first_step(eval_files()).key);
}

TEST_CASE("a key changes with what the step reads, and the change names it") {
  const auto before = first_step(eval_files());
  REQUIRE(before.key.has_value());
  const auto only_change = [&](const std::string& path, const std::string& from, const std::string& to) {
    const auto after = first_step(changed(eval_files(), path, from, to));
    CHECK(after.key != before.key);
    const auto changes = plan::changes(before.parts, after.parts);
    REQUIRE(changes.size() == 1);
    return changes.front().name;
  };
  CHECK(only_change("p/terse.j2", "Sort", "Order") == "prompt terse (p/terse.j2)");
  CHECK(only_change("d.jsonl", "{}", "{ }") == "dataset golden (d.jsonl)");
  CHECK(only_change("work.yaml", "metric: accuracy", "metric: exact") == "config scorers");
  CHECK(only_change("work.yaml", "tone: calm", "tone: loud") == "vars");
  CHECK(only_change("work.yaml", "model: m-1", "model: m-2") == "model big");
  CHECK(only_change("work.yaml", "temperature: 0", "temperature: 1") == "parameters big");
  CHECK(only_change("work.yaml", "expected: label", "expected: text") == "fields golden");
}

TEST_CASE("a key stays when something changes that the step does not read") {
  const auto before = first_step(eval_files());
  const auto same = [&](const std::string& path, const std::string& from, const std::string& to) {
    return first_step(changed(eval_files(), path, from, to)).key == before.key;
  };
  CHECK(same("p/other.j2", "unused", "still unused"));
  CHECK(same("work.yaml", "name: work\n", "name: work\ndescription: Sorts messages.\n"));
  CHECK(same("work.yaml", "model: m-1", "model: m-1, timeout: 9s"));
}

TEST_CASE("whether a file can be executed counts for steps that may run it, and for no prompt or dataset") {
  const FileMap files = {{"work.yaml", work(R"(prompts: {terse: p/terse.j2}
models: {big: {provider: openai, model: m-1, base_url: "https://a.example.org/v1"}}
datasets: {golden: d.jsonl}
steps:
  - {id: input, exec: {shell: "./x.sh > out/a", inputs: [s/x.sh], outputs: [out/a]}}
  - {id: word, exec: {command: [s/x.sh], outputs: [out/b]}}
  - {id: pattern, exec: {command: [make], inputs: [s], outputs: [out/c]}}
  - {id: ask, eval: {models: [big], prompts: [terse], dataset: golden, scorers: [{equals: x}]}}
)")},
                         {"s/x.sh", "true"},
                         {"p/terse.j2", "Sort: {{ text }}"},
                         {"d.jsonl", "{}\n"}};
  const auto planned = [&](std::set<std::string> executables) {
    Planner planner(files);
    planner.repository.assets.executables = std::move(executables);
    return planner.make().steps;
  };
  const auto before = planned({}), after = planned({"s/x.sh", "p/terse.j2", "d.jsonl"});

  const auto change = [&](std::size_t step) {
    return plan::explain(plan::changes(before.at(step).parts, after.at(step).parts));
  };
  CHECK(change(0) == "file (s/x.sh): mode changed 100644 → 100755");
  CHECK(change(1) == "file (s/x.sh): mode changed 100644 → 100755");
  CHECK(change(2).starts_with("file (s) changed, "));
  CHECK(change(3) == "nothing changed");
  CHECK(plan::explain(plan::changes(after[0].parts, before[0].parts)) == "file (s/x.sh): mode changed 100755 → 100644");
}

TEST_CASE("vars that a program is not given don't change its key") {
  const auto key = [](const std::string& vars) {
    return first_step({{"work.yaml",
                        work(vars + "steps:\n  - {id: a, exec: {command: [run, \"${vars.n}\"], outputs: [o]}}\n")}})
        .key;
  };
  const auto before = key("vars: {n: 1, other: x}\n");
  CHECK(key("vars: {n: 1, other: y}\n") == before);
  CHECK(key("vars: {n: 2, other: x}\n") != before);
}

TEST_CASE("a step that waits for another has no key until that is done, and its key rests on what was made") {
  const auto key_after = [](const std::string& bytes) {
    Planner planner({{"work.yaml", work(kChain)}});
    auto plan = planner.make();
    CHECK(plan::ready(plan) == std::vector<std::size_t>{0, 3});
    CHECK(plan.steps[1].state == plan::State::waiting);
    CHECK_FALSE(plan.steps[1].key.has_value());
    CHECK(plan::advance(plan, planner.scope, 0, made("model", "out/m.bin", bytes)) == std::vector<std::size_t>{1});
    REQUIRE(plan.steps[1].key.has_value());
    return *plan.steps[1].key;
  };
  CHECK(key_after("one") == key_after("one"));
  CHECK(key_after("one") != key_after("two"));
}

TEST_CASE("the same output of a step that ran or was cached gives the same key") {
  const auto key_after = [](step::Status status) {
    Planner planner({{"work.yaml", work(kChain)}});
    auto plan = planner.make();
    auto outcome = made("model", "out/m.bin", "one");
    outcome.status = status;
    plan::advance(plan, planner.scope, 0, outcome);
    return plan.steps[1].key;
  };
  CHECK(key_after(step::Status::ran) == key_after(step::Status::cached));
}

TEST_CASE("steps behind one that failed are skipped with the reason, others are not") {
  Planner planner({{"work.yaml", work(kChain)}});
  auto plan = planner.make();
  CHECK(plan::advance(plan, planner.scope, 0, ended(step::Status::failed)).empty());
  REQUIRE(plan.steps[1].outcome.has_value());
  CHECK(plan.steps[1].outcome->status == step::Status::skipped);
  CHECK(plan.steps[1].outcome->reason == "needs `train`, which failed");
  REQUIRE(plan.steps[2].outcome.has_value());
  CHECK(plan.steps[2].outcome->reason == "needs `pack`, which did not run");
  CHECK(plan.steps[3].state == plan::State::ready);
  CHECK_FALSE(plan.finished());
  plan::advance(plan, planner.scope, 3, ended(step::Status::ran));
  CHECK(plan.finished());
}

TEST_CASE("a step whose condition does not hold is skipped, and those that need it still run") {
  Planner planner({{"work.yaml", work(R"(vars: {deep: false}
steps:
  - {id: a, if: vars.deep, exec: {command: [echo]}}
  - {id: b, needs: [a], exec: {command: [echo]}}
)")}});
  const auto plan = planner.make();
  REQUIRE(plan.steps[0].outcome.has_value());
  CHECK(plan.steps[0].outcome->reason == "`if` does not hold");
  CHECK_FALSE(plan.steps[0].outcome->blocks);
  CHECK(plan.steps[1].state == plan::State::ready);
}

TEST_CASE("a condition on a step's outcome is decided when that step is done") {
  Planner planner({{"work.yaml", work(R"(steps:
  - {id: a, exec: {command: [echo], outputs: [o]}}
  - {id: b, if: "steps.a.status == 'cached'", exec: {command: [echo]}}
)")}});
  auto plan = planner.make();
  CHECK(plan.steps[1].state == plan::State::waiting);
  plan::advance(plan, planner.scope, 0, made("o", "o", "x"));
  REQUIRE(plan.steps[1].outcome.has_value());
  CHECK(plan.steps[1].outcome->status == step::Status::skipped);
}

TEST_CASE("a step of another environment is done at once") {
  Planner planner({{"work.yaml", work("environments: {dev: {}, prod: {}}\nsteps:\n  - {id: a, environments: [prod], "
                                      "exec: {command: [echo]}}\n")}});
  const auto plan = planner.make();
  REQUIRE(plan.steps[0].outcome.has_value());
  CHECK(plan.steps[0].outcome->reason == "not in `dev`");
}

TEST_CASE("a model that an earlier step picks is looked up once that is done") {
  const auto files = changed(eval_files(), "work.yaml", "steps:\n", R"(steps:
  - {id: pick, exec: {command: [pick], outputs: {model: chosen}}}
)");
  Planner planner(changed(files, "work.yaml", "models: [big]", "models: [\"${steps.pick.outputs.model}\"]"));
  auto plan = planner.make();
  CHECK(plan.steps[1].state == plan::State::waiting);
  step::Outcome picked;
  picked.outputs.push_back({.name = "model", .value = "big"});
  CHECK(plan::advance(plan, planner.scope, 0, picked) == std::vector<std::size_t>{1});
  const auto& parts = plan.steps[1].parts;
  CHECK(std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.name == "model big"; }));
}

TEST_CASE("a step without outputs, or with `cache: never`, always runs and says why") {
  Planner planner({{"work.yaml", work(R"(steps:
  - {id: a, exec: {command: [echo]}}
  - {id: b, cache: never, exec: {command: [echo], outputs: [o]}}
  - {id: c, exec: {command: [echo], outputs: [p]}}
)")}});
  const auto plan = planner.make();
  CHECK(plan.steps[0].always_reason == "it has no outputs");
  CHECK(plan.steps[1].always_reason == "`cache: never`");
  CHECK_FALSE(plan.steps[2].always_runs);
}

TEST_CASE("selecting steps keeps those they need, and an unknown one is an error of usage") {
  Planner planner({{"work.yaml", work(kChain)}});
  auto plan = planner.make();
  const auto unknown = plan::select(plan, {"pakc"});
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().kind == ErrorKind::usage);
  CHECK(unknown.error().hint == "did you mean `pack`?");
  REQUIRE(plan::select(plan, {"pack"}).has_value());
  CHECK(plan.steps[0].selected);
  CHECK(plan.steps[1].selected);
  CHECK_FALSE(plan.steps[2].selected);
  CHECK_FALSE(plan.steps[3].selected);
}

TEST_CASE("changes are told in words") {
  using plan::Part;
  const std::vector<Part> before = {{"a", "1"}, {"b", "2"}};
  CHECK(plan::explain(plan::changes(before, before)) == "nothing changed");
  CHECK(plan::explain(plan::changes(before, {{"a", "9"}, {"b", "2"}})) == "a changed, 1 → 9");
  CHECK(plan::explain(plan::changes(before, {{"a", "1"}})) == "b is gone, was 2");
  CHECK(plan::explain(plan::changes(before, {{"a", "1"}, {"b", "2"}, {"c", "3"}})) == "c is new, 3");
  CHECK(plan::explain(plan::changes(before, {{"a", "9"}, {"b", "8"}})) == "a changed, 1 → 9 (and 1 more)");
  const auto digest = sys::sha256("x");
  const auto blob = std::string(40, 'a'), other = std::string(40, 'b');
  CHECK(plan::explain({{"f", blob, other + " 100755"}}) == "f changed, aaaaaaaaaaaa → bbbbbbbbbbbb 100755");
  CHECK(plan::mode_change({"f", {}, " 100755"}).empty());
  CHECK(plan::explain({{"p", digest.to_string(), "2"}}) == "p changed, " + digest.brief() + " → 2");
}

TEST_CASE(
    "the release key holds what expressions stand for, but neither the environment's name nor git's state nor "
    "secrets") {
  const auto release_key = [](const std::string& environment, const std::map<std::string, std::string>& variables,
                              const std::string& commit = "c1") {
    Planner planner({{"work.yaml", work(R"(environments: {dev: {}, prod: {}}
vars: {place: "${environment}-${git.commit}"}
models: {m: {provider: openai, model: "${env.M:-f}", base_url: "https://${env.HOST:-a.example.org}/v1"}}
prompts: {p: p.j2}
datasets: {g: {path: g.jsonl, expected: a}}
steps:
  - {id: ask, eval: {models: [m], prompts: [p], dataset: g, scorers: [equals], repeat: "${env.REPEAT:-1}"}}
  - {id: say, exec: {command: [echo, "${vars.place}"]}, env: {T: "${env.T:-t}", S: "${secret.S}"}}
)")},
                     {"p.j2", "{{ a }}"},
                     {"g.jsonl", "{\"a\": 1}\n"}});
    for (const auto& [name, value] : variables) planner.repository.env.set(name, value);
    recipe::LoadOptions options;
    options.environment = environment;
    options.overrides = recipe::Overrides::ignore;
    options.scope.git = [commit](const std::string&) { return Result<doc::Node>(doc::Node(commit)); };
    const auto shared = planner.load(options);
    return plan::release_key(*shared, planner.gather(*shared));
  };
  const auto key = release_key("dev", {});
  CHECK(release_key("prod", {}, "c2") == key);
  CHECK(release_key("dev", {{"M", "f"}, {"T", "t"}, {"REPEAT", "1"}}) == key);
  CHECK(release_key("dev", {{"HOST", "b.example.org"}, {"S", "hidden"}}) == key);
  for (const auto* name : {"M", "T", "REPEAT"}) {
    CAPTURE(name);
    CHECK(release_key("dev", {{name, "2"}}) != key);
  }
}

TEST_CASE("the release key leaves out addresses and environments, and nothing of what is released") {
  const auto release_key = [](const FileMap& files, const std::string& environment,
                              const std::set<std::string>& executables = {}) {
    Planner planner(files);
    planner.repository.assets.executables = executables;
    recipe::LoadOptions options;
    options.environment = environment;
    options.overrides = recipe::Overrides::ignore;
    const auto shared = planner.load(options);
    return plan::release_key(*shared, planner.gather(*shared));
  };
  const auto key = release_key(eval_files(), "dev");
  CHECK(release_key(eval_files(), "prod") == key);
  CHECK(release_key(changed(eval_files(), "work.yaml", "https://a.example.org", "https://c.example.org"), "dev") ==
        key);
  CHECK(release_key(changed(eval_files(), "work.yaml", "prod: {", "prod: {approvals: 2, "), "dev") == key);
  CHECK(release_key(changed(eval_files(), "work.yaml", "model: m-1", "model: m-2"), "dev") != key);
  CHECK(release_key(changed(eval_files(), "work.yaml", "tone: calm", "tone: loud"), "dev") != key);
  CHECK(release_key(changed(eval_files(), "p/terse.j2", "Sort", "Order"), "dev") != key);
  CHECK(release_key(eval_files(), "dev", {"p/terse.j2"}) == key);
  const FileMap script = {{"work.yaml", work("steps:\n  - {id: a, exec: {command: [./run.sh]}}\n")},
                          {"run.sh", "true"}};
  CHECK(release_key(script, "dev", {"run.sh"}) != release_key(script, "dev"));
}
