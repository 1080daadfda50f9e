#include <doctest/doctest.h>

#include "fakes/recipe_files.h"
#include "recipe/graph.h"

using namespace llmops;
using fakes::RecipeFiles;
using fakes::work;

namespace {

const std::string kOneStep = "steps:\n  - {id: a, exec: {command: [echo, hi]}}\n";

/// The only error of a recipe that can't be loaded.
Error only_error(const std::string& lines, recipe::LoadOptions options = {}) {
  RecipeFiles files({{"work.yaml", work(lines)}});
  const auto loaded = files.load(std::move(options));
  REQUIRE_FALSE(loaded.has_value());
  REQUIRE(loaded.error().size() == 1);
  return loaded.error().front();
}

std::vector<std::string> ids(const recipe::Recipe& recipe) {
  std::vector<std::string> out;
  for (const auto& step : recipe.steps) out.push_back(step.id);
  return out;
}

}  // namespace

TEST_CASE("a reference to a step that is not there names the nearest one and its place") {
  const auto error = only_error(R"(steps:
  - {id: train, exec: {command: [echo, hi], outputs: {model: m.bin}}}
  - {id: use, exec: {command: [cat, "${steps.trian.outputs.model}"]}}
)");
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.message == "there is no step `trian`");
  CHECK(error.hint == "did you mean `train`?");
  CHECK(error.at.line == 5);
}

TEST_CASE("a reference to an output that is not declared names the nearest one") {
  const auto error = only_error(R"(steps:
  - {id: train, exec: {command: [echo, hi], outputs: {model: m.bin}}}
  - {id: use, exec: {command: [cat, "${steps.train.outputs.modle}"]}}
)");
  CHECK(error.message == "`train` has no output `modle`");
  CHECK(error.hint == "did you mean `model`?");
}

TEST_CASE("a var that is not there names the nearest one") {
  const auto error = only_error("vars: {size: 3}\nsteps:\n  - {id: a, exec: {command: [echo, \"${vars.sizes}\"]}}\n");
  CHECK(error.message == "`vars.sizes` is not known: there is no `sizes`");
  CHECK(error.hint == "did you mean `size`?");
}

TEST_CASE("a secret in a command line is refused, in `env` it is not") {
  const auto error = only_error("steps:\n  - {id: a, exec: {command: [login, \"${secret.TOKEN}\"]}}\n");
  CHECK(error.message == "`secret.TOKEN` would be seen by everybody in a command line");
  CHECK(error.hint == "pass it in `env:` and let the program read the variable");

  const auto shell = only_error("steps:\n  - {id: a, exec: {shell: \"login ${secret.TOKEN}\"}}\n");
  CHECK(shell.message == error.message);

  RecipeFiles files(
      {{"work.yaml", work("steps:\n  - {id: a, exec: {command: [login]}, env: {T: \"${secret.TOKEN}\"}}\n")}});
  CHECK(files.load().has_value());
}

TEST_CASE("a secret can't stand in a var, in a matrix or in what a step keeps") {
  const std::string hint = "name the secret where it is used: give it in `env`, `api_key` or `headers`";
  const auto var = only_error("vars: {a: {b: [\"${secret.TOKEN}\"]}}\n" + kOneStep);
  CHECK(var.message == "`secret.TOKEN` can't stand in `vars`");
  CHECK(var.hint == hint);
  CHECK(var.at.line == 3);

  const auto override = only_error("vars: {a: 1}\nenvironments: {dev: {vars: {a: \"${secret.TOKEN}\"}}}\n" + kOneStep);
  CHECK(override.at.line == 4);

  const auto axis = only_error("steps:\n  - {id: a, matrix: {k: [\"${secret.TOKEN}\"]}, exec: {command: [echo]}}\n");
  CHECK(axis.message == "`secret.TOKEN` can't stand in a matrix");

  const auto path = only_error("steps:\n  - {id: a, exec: {command: [echo], outputs: [\"${secret.TOKEN}\"]}}\n");
  CHECK(path.message == "`secret.TOKEN` would be kept with the step's record");
}

TEST_CASE("a condition that can't be decided is an error when a recipe is read") {
  const auto error_of = [](const std::string& condition) {
    return only_error("steps:\n  - {id: train, exec: {command: [echo]}}\n  - {id: a, if: \"" + condition +
                      "\", exec: {command: [echo]}}\n");
  };
  CHECK(error_of("steps.trian.status == 'ran'").hint == "did you mean `train`?");
  CHECK(error_of("case.label == 'x'").message == "`case.label` can't be used in an `if`");
  CHECK(error_of("secret.KEY == 'x'").message == "`secret.KEY` can't be used in an `if`");
  CHECK(error_of("vars.nope == 'x'").message == "`vars.nope` is not known: there is no `nope`");
  CHECK(error_of("unknown.x == 1").message == "`unknown` is not known in an `if`");
  CHECK(error_of("steps.a.status == 'ran'").message == "the `if` of `a` can't use the step itself");
  CHECK(error_of("1 +").at.column == 20);
}

TEST_CASE("a condition over what a step yields waits, and the step it names is needed") {
  RecipeFiles files({{"work.yaml", work(R"(steps:
  - {id: a, if: "${steps.b.metrics.loss < 0.5 && env.UNSET == 'x'}", exec: {command: [echo]}}
  - {id: b, exec: {command: [echo]}}
)")}});
  const auto loaded = files.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->graph.needs[0] == std::vector<std::size_t>{1});
}

TEST_CASE("what is wrong in the `if` of a matrix step is told once") {
  const auto error =
      only_error("steps:\n  - {id: a, matrix: {n: [1, 2]}, if: matrix.m == 1, exec: {command: [echo]}}\n");
  CHECK(error.message == "`matrix.m` is not known: there is no `m`");
}

TEST_CASE("steps that need each other are told as the path of their circle") {
  const auto error = only_error(R"(steps:
  - {id: free, exec: {command: [echo]}}
  - {id: a, needs: [b], exec: {command: [echo]}}
  - {id: b, needs: [c], exec: {command: [echo]}}
  - {id: c, needs: [a], exec: {command: [echo]}}
)");
  CHECK(error.message == "steps need each other in a circle: a → b → c → a");
  CHECK(error.at.line == 5);
}

TEST_CASE("two steps that make one path are told by name, not as a circle") {
  const auto same = only_error(R"(steps:
  - {id: a, exec: {shell: "echo > o", outputs: [o]}}
  - {id: b, exec: {shell: "echo > o", outputs: [./o]}}
)");
  CHECK(same.message == "`a` and `b` both make `o`");
  CHECK(same.at.line == 5);

  const auto inside = only_error(R"(steps:
  - {id: a, exec: {shell: "mkdir o; echo > o/a.txt", outputs: [o/]}}
  - {id: b, exec: {shell: "echo > o/a.txt", outputs: [o/a.txt]}}
)");
  CHECK(inside.message == "`b` makes `o/a.txt` within `o`, which `a` makes");

  const auto sizes = only_error("steps:\n  - {id: a, matrix: {n: [1, 2, 3]}, exec: {command: [echo], outputs: [o]}}\n");
  CHECK(sizes.message == "`a[n=1]` and `a[n=2]` both make `o`");
  CHECK(sizes.hint == "put the matrix into the path, as in `build/${matrix.n}.txt`");
}

TEST_CASE("steps of which only one runs may make one path, and who reads it needs both") {
  RecipeFiles files({{"work.yaml", work(R"(vars: {deep: true}
environments: {dev: {}, prod: {}}
steps:
  - {id: a, if: vars.deep, exec: {shell: "echo > o", outputs: [o]}}
  - {id: b, if: not vars.deep, exec: {shell: "echo > o", outputs: [o]}}
  - {id: c, environments: [prod], exec: {shell: "echo > o", outputs: [o]}}
  - {id: use, exec: {command: [cat, o]}}
)")}});
  const auto loaded = files.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->graph.needs[0].empty());
  CHECK(loaded->graph.needs[1].empty());
  CHECK(loaded->graph.needs[3] == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("an output that git tracks is refused with its place") {
  RecipeFiles files({{"work.yaml", work(R"(steps:
  - {id: a, exec: {command: [echo], outputs: [data/a.txt, data/new.txt]}}
  - {id: b, exec: {command: [echo], outputs: [notes/]}}
)")},
                     {"data/a.txt", "a"},
                     {"notes/b/c.txt", "c"}});
  const auto loaded = files.load();
  REQUIRE_FALSE(loaded.has_value());
  REQUIRE(loaded.error().size() == 2);
  const auto& file = loaded.error()[0];
  CHECK(file.kind == ErrorKind::invalid);
  CHECK(file.message == "`data/a.txt` is tracked by git, and `a` would remove it before it runs");
  CHECK(file.hint == "write to a path that git ignores, or take it out of git: `git rm --cached data/a.txt`");
  CHECK(file.at.line == 4);
  CHECK(loaded.error()[1].message ==
        "`notes` holds files tracked by git, such as `notes/b/c.txt`, and `b` would remove it before it runs");
}

TEST_CASE("among many outputs in one folder, those that git tracks are found") {
  std::string steps = "steps:\n  - id: a\n    exec:\n      command: [echo]\n      outputs: [";
  for (int i = 0; i < 20; ++i) steps += "data/" + std::to_string(i) + ", ";
  RecipeFiles files({{"work.yaml", work(steps + "other]\n")},
                     {"data/1", "x"},
                     {"data/12-more", "x"},
                     {"data/12/b/c", "x"},
                     {"data/2.txt", "x"}});
  const auto loaded = files.load();
  REQUIRE_FALSE(loaded.has_value());
  REQUIRE(loaded.error().size() == 2);
  CHECK(loaded.error()[0].message == "`data/1` is tracked by git, and `a` would remove it before it runs");
  CHECK(loaded.error()[1].message ==
        "`data/12` holds files tracked by git, such as `data/12/b/c`, and `a` would remove it before it runs");
}

TEST_CASE("dollars in a var or a matrix come out as they would where the value is used") {
  RecipeFiles files(
      {{"work.yaml", work(R"(vars: {price: "cost $$5", own: "${env.OWN}", both: "${vars.price} ${vars.own}"}
steps:
  - {id: a, matrix: {k: ["x$$y"]}, exec: {command: [echo, "${vars.both}", "${matrix.k}"]}}
)")}});
  files.env.set("OWN", "a$b$$c");
  const auto loaded = files.load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->vars.get("price", "") == "cost $5");
  recipe::Scope scope;
  scope.stage = recipe::Stage::run;
  const auto config = recipe::resolve(loaded->steps[0].config, scope);
  REQUIRE(config.has_value());
  const auto& command = config->node.find("command")->items();
  CHECK(command[1].text() == "cost $5 a$b$$c");
  CHECK(command[2].text() == "x$y");
}

TEST_CASE("two steps can't have one id") {
  const auto error = only_error("steps:\n  - {id: a, exec: {command: [echo]}}\n  - {id: a, exec: {command: [ls]}}\n");
  CHECK(error.message == "there are two steps `a`");
  CHECK(error.at.line == 5);
}

TEST_CASE("ids that can't be one, and ids given twice, are told with what else is wrong with the shape") {
  RecipeFiles files({{"work.yaml", work(R"(steps:
  - {id: two words, exec: {comand: [echo]}}
  - {id: b, exec: {command: [echo]}}
  - {id: b, exec: {command: [echo]}}
  - {id: c, matrix: {x: [1]}, exec: {command: [echo]}}
  - {id: c, matrix: {x: [2]}, exec: {command: [echo]}}
  - {id: "", exec: 5}
)")}});

  const auto loaded = files.load();

  REQUIRE_FALSE(loaded.has_value());
  std::vector<std::string> told;
  for (const auto& error : loaded.error()) told.push_back(std::to_string(error.at.line) + " " + error.message);
  CHECK(told == std::vector<std::string>{"4 `two words` can't be a step's id", "4 unknown key `comand`",
                                         "6 there are two steps `b`", "9 `` can't be a step's id",
                                         "9 `exec` must be a map, found `5`"});
}

TEST_CASE("an id that is given twice is told once, with a matrix or an empty one") {
  const auto plain =
      only_error("steps:\n  - {id: a, matrix: {}, exec: {command: [echo]}}\n  - {id: a, exec: {command: [ls]}}\n");
  CHECK(plain.message == "there are two steps `a`");

  const auto matrix = only_error("steps:\n  - {id: a, matrix: {x: [1, 1]}, exec: {command: [echo]}}\n");
  CHECK(matrix.message == "there are two steps `a[x=1]`");
}

TEST_CASE("every error is found in one go") {
  RecipeFiles files({{"work.yaml", work(R"(steps:
  - {id: a, needs: [nobody], exec: {command: [echo]}}
  - {id: b, exec: {command: [cat, "${steps.nothing.outputs.x}"]}}
  - {id: b, exec: {command: [echo]}}
)")}});
  const auto loaded = files.load();
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().size() == 3);
}

TEST_CASE("an included file joins the shared maps") {
  RecipeFiles files({{"work.yaml", work("include: [./shared.yaml]\nprompts: {one: p/one.j2}\n" + kOneStep)},
                     {"shared.yaml", "prompts: {two: p/two.j2}\n"}});
  const auto loaded = files.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->prompt("two"));
  CHECK(loaded->prompt("two")->config.text() == "p/two.j2");
  CHECK(loaded->files == std::vector<std::string>{"work.yaml", "shared.yaml"});
}

TEST_CASE("a name that an included file declares again is an error with both places") {
  RecipeFiles files({{"work.yaml", work("include: [shared.yaml]\nprompts: {one: p/one.j2}\n" + kOneStep)},
                     {"shared.yaml", "prompts: {one: p/other.j2}\n"}});
  const auto loaded = files.load();
  REQUIRE_FALSE(loaded.has_value());
  REQUIRE(loaded.error().size() == 1);
  const auto& error = loaded.error().front();
  CHECK(error.message.starts_with("`one` is already in `prompts` at work.yaml:4"));
  CHECK(error.at.to_string().starts_with("shared.yaml:1"));
}

TEST_CASE("an included file can't have steps") {
  RecipeFiles files({{"work.yaml", work("include: [shared.yaml]\n" + kOneStep)}, {"shared.yaml", kOneStep}});
  const auto loaded = files.load();
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().front().message.find("`steps`") != std::string::npos);
}

TEST_CASE("an environment's overrides replace vars and models key by key") {
  const std::string lines = R"(vars: {train: {epochs: 3, rate: 0.5}, tone: calm}
models:
  big: {provider: openai, model: m-1, base_url: "https://dev.example.org/v1", parameters: {temperature: 0, max_tokens: 9}}
environments:
  dev: {}
  prod:
    vars: {train: {epochs: 30}}
    models: {big: {base_url: "https://prod.example.org/v1", parameters: {max_tokens: 99}}}
)" + kOneStep;
  RecipeFiles files({{"work.yaml", work(lines)}});

  const auto dev = files.load();
  REQUIRE(dev.has_value());
  CHECK(dev->environment == "dev");
  CHECK(dev->vars.find("train")->get("epochs", 0) == 3);

  recipe::LoadOptions options;
  options.environment = "prod";
  const auto prod = files.load(options);
  REQUIRE(prod.has_value());
  CHECK(prod->vars.find("train")->get("epochs", 0) == 30);
  CHECK(prod->vars.find("train")->get("rate", 0.0) == 0.5);
  CHECK(prod->vars.get("tone", "") == "calm");
  const auto& big = prod->model("big")->config;
  CHECK(big.get("base_url", "") == "https://prod.example.org/v1");
  CHECK(big.get("model", "") == "m-1");
  CHECK(big.find("parameters")->get("max_tokens", 0) == 99);
  CHECK(big.find("parameters")->find("temperature"));

  options.overrides = recipe::Overrides::ignore;
  const auto shared = files.load(options);
  REQUIRE(shared.has_value());
  CHECK(shared->environment == "prod");
  CHECK(shared->vars == dev->vars);
  CHECK(shared->model("big")->config == dev->model("big")->config);
}

TEST_CASE("an override of something that is not there is an error") {
  const auto var = only_error("vars: {tone: calm}\nenvironments: {dev: {vars: {tome: loud}}}\n" + kOneStep);
  CHECK(var.message == "there is no var `tome` to override");
  CHECK(var.hint == "did you mean `tone`?");
}

TEST_CASE("an environment that is not there is an error of usage") {
  recipe::LoadOptions options;
  options.environment = "prd";
  const auto error = only_error("environments: {dev: {}, prod: {}}\n" + kOneStep, options);
  CHECK(error.kind == ErrorKind::usage);
  CHECK(error.hint == "did you mean `prod`?");
}

TEST_CASE("a matrix makes a step for each combination, the last axis fastest") {
  RecipeFiles files({{"work.yaml", work(R"(vars: {sizes: [small, big]}
steps:
  - id: train
    matrix: {size: "${vars.sizes}", seed: [1, 2]}
    exec: {command: [train, "${matrix.size}", "${matrix.seed}"], outputs: ["out/${matrix.size}-${matrix.seed}"]}
  - {id: pack, needs: [train], exec: {command: [ls]}}
)")}});
  const auto loaded = files.load();
  REQUIRE(loaded.has_value());
  CHECK(ids(*loaded) == std::vector<std::string>{"train[size=small,seed=1]", "train[size=small,seed=2]",
                                                 "train[size=big,seed=1]", "train[size=big,seed=2]", "pack"});
  CHECK(loaded->steps[2].base_id == "train");
  CHECK(loaded->steps[2].declared.outputs.front().path == "out/big-1");
  const auto graph = recipe::dependencies(*loaded);
  REQUIRE(graph.has_value());
  CHECK(graph->needs[4] == std::vector<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("a reference to a matrix step by its bare id says how to name one") {
  const auto error = only_error(R"(steps:
  - {id: train, matrix: {size: [a, b]}, exec: {command: [echo], outputs: {m: "${matrix.size}.bin"}}}
  - {id: use, exec: {command: [cat, "${steps.train.outputs.m}"]}}
)");
  CHECK(error.hint == "it has a matrix: name one, as in `steps['train[key=value]']`");
}

TEST_CASE("`--var` wins over the recipe and the environment, and is read as YAML") {
  RecipeFiles files(
      {{"work.yaml",
        work("vars: {n: 1, name: x, half: \"${vars.n}\"}\nenvironments: {dev: {vars: {n: 2}}}\n" + kOneStep)}});
  recipe::LoadOptions options;
  options.vars = {{"n", "7"}, {"name", ""}};
  const auto loaded = files.load(options);
  REQUIRE(loaded.has_value());
  CHECK(loaded->vars.find("n")->is_int());
  CHECK(loaded->vars.get("n", 0) == 7);
  CHECK(loaded->vars.get("name", "-").empty());
  CHECK(loaded->vars.get("half", 0) == 7);
}

TEST_CASE("`--var` of a name that the recipe lacks is an error of usage") {
  recipe::LoadOptions options;
  options.vars = {{"nmae", "y"}};
  const auto error = only_error("vars: {name: x}\n" + kOneStep, options);
  CHECK(error.kind == ErrorKind::usage);
  CHECK(error.hint == "did you mean `name`?");
}

TEST_CASE("a step that reads what another makes needs it") {
  RecipeFiles files({{"work.yaml", work(R"(steps:
  - {id: use, exec: {command: [cat], inputs: [out/set/train.jsonl]}}
  - {id: split, exec: {command: [split], outputs: [out/set]}}
  - {id: all, exec: {command: [ls], inputs: ["out/*"]}}
)")}});
  const auto loaded = files.load();
  REQUIRE(loaded.has_value());
  const auto graph = recipe::dependencies(*loaded);
  REQUIRE(graph.has_value());
  CHECK(graph->needs[0] == std::vector<std::size_t>{1});
  CHECK(graph->needs[2] == std::vector<std::size_t>{1});
  CHECK(graph->order == std::vector<std::size_t>{1, 0, 2});
}

namespace {

const std::string kMeasured = R"(models: {small: {provider: exec, command: [./bot]}}
datasets: {golden: {path: data/golden.jsonl}}
environments:
  dev: {datasets: {golden: {expected: label}}}
  prod: {datasets: {golden: {expected: label}}}
)";

std::string gated(const std::string& eval_keys, const std::string& gate) {
  return kMeasured + "steps:\n  - {id: quality, " + eval_keys +
         "eval: {models: [small], dataset: golden, scorers: [equals]}}\n  - {id: decide, gate: {from: quality, " +
         gate + "}}\n";
}

}  // namespace

TEST_CASE("a gate is checked against the evals that it decides on, matrix and all") {
  CHECK(only_error(gated("", "require: [{metric: equal, at_least: 0.5}]")).message == "there is no metric `equal`");
  const auto several = only_error(gated("matrix: {n: [1, 2]}, ", "require: [{metric: equals, at_least: 0.5}]"));
  CHECK(several.message ==
        "the requirement fits several cells: `small` of `quality[n=1]` on `golden`, `small` of `quality[n=2]` on "
        "`golden`");
  CHECK(several.at.line == 10);

  RecipeFiles files({{"work.yaml", work(gated("", "require: [{metric: equals, at_least: 0.5}]"))}});
  CHECK(files.load().has_value());
}

TEST_CASE("a gate can't decide on an eval that does not run in its environment") {
  const auto elsewhere = gated("environments: [prod], ", "require: [{metric: equals, at_least: 0.5}]");
  const auto error = only_error(elsewhere);
  CHECK(error.message == "`quality` has no results for a gate");
  CHECK(error.hint == "name an `eval` step that runs here");

  recipe::LoadOptions prod;
  prod.environment = "prod";
  RecipeFiles files({{"work.yaml", work(elsewhere)}});
  CHECK(files.load(prod).has_value());
}

TEST_CASE("a gate that names no step is told that, and nothing else") {
  const auto error = only_error(
      "steps:\n  - {id: decide, gate: {from: qualty, require: [{metric: equals, at_least: 0.5}]}}\n"
      "  - {id: quality, exec: {command: [echo]}}\n");
  CHECK(error.message == "there is no step `qualty`");
}

TEST_CASE("what only an environment makes complete is complete there, and no error of what all share") {
  RecipeFiles files({{"work.yaml", work(gated("", "require: [{metric: equals, at_least: 0.5}]"))}});
  recipe::LoadOptions shared;
  shared.overrides = recipe::Overrides::ignore;
  CHECK(files.load(shared).has_value());

  const auto lines = work(
      "models: {small: {provider: exec, command: [./bot]}}\ndatasets: {golden: {path: g.jsonl}}\n"
      "steps:\n  - {id: a, eval: {models: [small], dataset: golden, scorers: [equals]}}\n");
  RecipeFiles bare({{"work.yaml", lines}});
  const auto loaded = bare.load();
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().front().message == "`equals` has nothing to compare with");
}

TEST_CASE("a step that is wrong in itself is no missing one to those that name it") {
  const auto error = only_error(R"(models: {small: {provider: exec, command: [./bot]}}
datasets: {golden: {path: data/golden.jsonl}}
steps:
  - {id: quality, eval: {models: [small], dataset: golden, scorers: [eqals]}}
  - {id: decide, gate: {from: quality, require: [{metric: equals, at_least: 0.5}]}}
  - {id: tell, needs: [quality], exec: {command: [cat, "${steps.quality.outputs.results}"]}}
)");
  CHECK(error.message == "unknown scorer `eqals`");
}
