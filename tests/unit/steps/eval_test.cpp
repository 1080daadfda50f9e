#include "steps/eval/eval.h"

#include <doctest/doctest.h>

#include <cmath>

#include "doc/yaml.h"
#include "fakes/fake_step_context.h"
#include "score/answers.h"
#include "score/results.h"
#include "steps/eval/eval_config.h"
#include "steps/eval/questions.h"

using namespace llmops;
using fakes::FakeStepContext;

namespace {

doc::Node yaml(const std::string& text) {
  auto node = doc::parse_yaml("work.yaml", text);
  REQUIRE(node.has_value());
  return *std::move(node);
}

void add_model(FakeStepContext& context, const std::string& name, const std::string& provider) {
  model::AskedModel model;
  model.name = name;
  model.config.provider = provider;
  model.identity = sys::sha256(name);
  context.given_inputs.models[name] = model;
}

void add_prompt(FakeStepContext& context, const std::string& name, const std::string& text) {
  auto parsed = prompt::Prompt::parse("p/" + name + ".j2", text);
  REQUIRE(parsed.has_value());
  step::PromptInput input;
  input.name = name;
  input.path = "p/" + name + ".j2";
  input.identity = std::string(40, 'a');
  input.prompt = std::make_shared<const prompt::Prompt>(*std::move(parsed));
  context.given_inputs.prompts[name] = input;
}

/// Three cases, two models that draw, two prompts.
struct Eval {
  Eval() {
    add_model(context, "small", "openai");
    add_model(context, "large", "openai");
    add_prompt(context, "terse", "T {{ text }}");
    add_prompt(context, "guided", "G {{ text }}");
    context.files.put("/d.jsonl", R"({"id": "a", "text": "one", "label": "1"}
{"id": "b", "text": "two", "label": "2"}
{"id": "c", "text": "three", "label": "3"}
)");
    step::DatasetInput dataset;
    dataset.name = "golden";
    dataset.path = "d.jsonl";
    dataset.identity = "d";
    dataset.file = "/d.jsonl";
    dataset.fields.expected = "label";
    context.given_inputs.datasets["golden"] = dataset;
    context.answer = [](const model::Ask&) { return said("1"); };
  }
  static Result<model::Answer> said(const std::string& text) {
    model::Answer answer;
    answer.text = text;
    answer.latency = Duration{10};
    return answer;
  }
  Result<step::Outcome> run(const std::string& lines) {
    context.given_config = yaml("dataset: golden\nscorers: [{equals: null, metric: accuracy}]\n" + lines);
    return steps::eval::kind().run(context);
  }
  score::Results results() {
    auto read = score::results_from_jsonl("results", context.kept.at("results"));
    REQUIRE(read.has_value());
    return *std::move(read);
  }

  FakeStepContext context;
};

std::string text_of(const model::Ask& ask) {
  std::string out;
  for (const auto& message : ask.query.messages) {
    for (const auto& part : message.content) out += part.text;
  }
  return out;
}

}  // namespace

TEST_CASE("every model is asked with every prompt on every case, in order") {
  Eval eval;
  std::vector<std::string> asked;
  eval.context.answer = [&](const model::Ask& ask) {
    asked.push_back(ask.model->name + " " + text_of(ask));
    return Eval::said("1");
  };

  REQUIRE(eval.run("models: [small, large]\nprompts: [terse, guided]").has_value());

  CHECK(asked == std::vector<std::string>{"small T one", "small T two", "small T three", "small G one", "small G two",
                                          "small G three", "large T one", "large T two", "large T three", "large G one",
                                          "large G two", "large G three"});
  CHECK(eval.results().cell_names() ==
        std::vector<std::string>{"small/terse", "small/guided", "large/terse", "large/guided"});
  CHECK(eval.context.progress.back().done == 12);
  CHECK(eval.context.progress.back().total == 12);
}

TEST_CASE("repeats are averaged within their case") {
  Eval eval;
  eval.context.answer = [](const model::Ask& ask) { return Eval::said(ask.query.repeat == 0 ? "1" : "x"); };

  const auto outcome = eval.run("models: [small]\nprompts: [terse]\nrepeat: 4");

  REQUIRE(outcome.has_value());
  const auto results = eval.results();
  CHECK(results.repeat == 4);
  REQUIRE(results.cells[0].cases.size() == 3);
  CHECK(results.cells[0].cases[0].scores[0] == 0.25);
  CHECK(results.cells[0].cases[1].scores[0] == 0.0);
}

TEST_CASE("a greedy model is asked once a case, however often answers are to be drawn") {
  Eval eval;
  add_model(eval.context, "local", "llama");
  int asked = 0;
  eval.context.answer = [&](const model::Ask&) {
    ++asked;
    return Eval::said("1");
  };

  REQUIRE(eval.run("models: [local]\nprompts: [terse]\nrepeat: 4").has_value());
  CHECK(asked == 3);
  CHECK(eval.context.notes ==
        std::vector<std::string>{"greedy answers don't change: models without sampling were asked once a case"});

  asked = 0;
  REQUIRE(eval.run("models: [local]\nprompts: [terse]\nrepeat: 4\nparameters: {temperature: 0.7}").has_value());
  CHECK(asked == 12);
}

TEST_CASE("a failed query is an error of its case, never a wrong answer") {
  Eval eval;
  eval.context.answer = [](const model::Ask& ask) -> Result<model::Answer> {
    if (ask.tag == 1) return environment_error("it timed out");
    return Eval::said("1");
  };

  const auto outcome = eval.run("models: [small]\nprompts: [terse]");

  REQUIRE(outcome.has_value());
  CHECK_FALSE(outcome->cacheable);
  CHECK(outcome->status == step::Status::inconclusive);
  CHECK(outcome->reason == "more than `max_errors` (1 %): 1 of 3 queries failed: it timed out");
  const auto allowed = eval.run("models: [small]\nprompts: [terse]\nmax_errors: 50%");
  REQUIRE(allowed.has_value());
  CHECK(allowed->status == step::Status::ran);
  CHECK_FALSE(allowed->cacheable);
  CHECK(allowed->reason == "1 of 3 queries failed: it timed out");
  const auto results = eval.results();
  CHECK(results.cells[0].cases[1].error == "it timed out");
  CHECK_FALSE(results.cells[0].cases[1].scores[0].has_value());
  const auto& accuracy = outcome->metrics.front();
  CHECK(accuracy.get("n", 0) == 2);
  CHECK(accuracy.get("errors", 0) == 1);
  CHECK(accuracy.get("value", 0.0) == 0.5);
}

TEST_CASE("a case of which one repeat failed has no mean") {
  Eval eval;
  eval.context.answer = [](const model::Ask& ask) -> Result<model::Answer> {
    if (ask.tag == 1) return environment_error("it timed out");
    return Eval::said("1");
  };

  REQUIRE(eval.run("models: [small]\nprompts: [terse]\nrepeat: 2").has_value());

  const auto results = eval.results();
  CHECK_FALSE(results.cells[0].cases[0].scores[0].has_value());
  CHECK(results.cells[0].cases[1].scores[0] == 0.0);
}

TEST_CASE("an eval in which every query failed is an error itself") {
  Eval eval;
  eval.context.answer = [](const model::Ask&) -> Result<model::Answer> { return environment_error("no connection"); };

  const auto outcome = eval.run("models: [small]\nprompts: [terse]");

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().kind == ErrorKind::environment);
  CHECK(outcome.error().message == "no connection");
  CHECK(outcome.error().trail == std::vector<std::string>{"asking; all 3 queries failed"});
}

TEST_CASE("a budget that ended leaves the eval inconclusive") {
  Eval eval;
  eval.context.budget_end = model::BudgetEnd{model::BudgetEnd::Limit::queries, 2, {}};

  const auto outcome = eval.run(
      "models: [small]\nprompts: [terse]\nbudget: {usd: 1.5, queries: 2, tokens: 30, minutes: 0.5}\nconcurrency: 3");

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == step::Status::inconclusive);
  CHECK_FALSE(outcome->cacheable);
  CHECK(outcome->reason == "the budget of 2 queries ended after 3 of 3 queries");
  CHECK(eval.context.limits.budget == model::BudgetLimits{Usd{1.5}, 30, 2, 0.5});
  CHECK(eval.context.limits.concurrency == 3);
}

TEST_CASE("a field that a prompt reads and no case has is told before anything is asked") {
  Eval eval;
  add_prompt(eval.context, "broken", "{{ nothing.here }}");
  bool asked = false;
  eval.context.answer = [&](const model::Ask&) -> Result<model::Answer> {
    asked = true;
    return environment_error("no model here");
  };

  const auto outcome = eval.run("models: [small]\nprompts: [broken]");

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().message.find("`nothing` is not a field of the dataset") == 0);
  CHECK_FALSE(asked);
}

TEST_CASE("a prompt that can't be rendered for a case stops the eval and names the case") {
  Eval eval;
  add_prompt(eval.context, "broken", "{{ text.here }}");

  const auto outcome = eval.run("models: [small]\nprompts: [broken]");

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().kind == ErrorKind::invalid);
  CHECK(outcome.error().trail == std::vector<std::string>{"rendering the case `a`"});
}

TEST_CASE("the eval's parameters win over the prompt's, and those over the model's") {
  Eval eval;
  auto& parameters = eval.context.given_inputs.models["small"].config.parameters;
  parameters.temperature = 0.1;
  parameters.max_tokens = 10;
  parameters.seed = 7;
  add_prompt(eval.context, "own", "---\nparameters: {temperature: 0.5, max_tokens: 20}\n---\n{{ text }}");
  model::Parameters seen;
  eval.context.answer = [&](const model::Ask& ask) {
    seen = ask.query.parameters;
    return Eval::said("1");
  };

  REQUIRE(eval.run("models: [small]\nprompts: [own]\nparameters: {max_tokens: 30}").has_value());

  CHECK(seen.temperature == 0.5);
  CHECK(seen.max_tokens == 30);
  CHECK(seen.seed == 7);
}

TEST_CASE("a program is sent the case and needs no prompt, another model does") {
  Eval eval;
  add_model(eval.context, "program", "exec");
  std::vector<std::string> sent;
  eval.context.answer = [&](const model::Ask& ask) {
    sent.push_back(ask.query.case_fields.get("text", ""));
    return Eval::said("1");
  };

  REQUIRE(eval.run("models: [program]").has_value());
  CHECK(sent == std::vector<std::string>{"one", "two", "three"});
  CHECK(eval.results().cell_names() == std::vector<std::string>{"program"});

  const auto without = eval.run("models: [small]");
  REQUIRE_FALSE(without.has_value());
  CHECK(without.error().message == "`small` needs a prompt");
}

TEST_CASE("two scorers can't give one metric, and one needs something to compare with") {
  Eval eval;
  eval.context.given_config = yaml(
      "dataset: golden\nmodels: [small]\nprompts: [terse]\n"
      "scorers: [{equals: null, metric: x}, {contains: a, metric: x}]");
  const auto twice = steps::eval::kind().run(eval.context);
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().message == "two scorers give the metric `x`");

  eval.context.given_inputs.datasets["golden"].fields.expected.clear();
  const auto nothing = eval.run("models: [small]\nprompts: [terse]");
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().message == "`equals` has nothing to compare with");
}

TEST_CASE("results go into the record, answers into the content store alone") {
  Eval eval;

  const auto outcome = eval.run("models: [small]\nprompts: [terse]");

  REQUIRE(outcome.has_value());
  CHECK(outcome->output("results")->in_record);
  CHECK_FALSE(outcome->output("answers")->in_record);
  CHECK(eval.context.kept.at("answers").starts_with(
      R"({"cell":0,"case":"a","repeat":0,"output":"1","expected":"1","latency_ms":10})"));
}

TEST_CASE("a case's long fields stand with one of its answers, since the results have no room for them") {
  Eval eval;
  const std::string story(201, 's');
  eval.context.files.put("/d.jsonl", R"({"id": "a", "text": ")" + story +
                                         R"(", "tags": ["x", 1], "label": "1"})"
                                         "\n");

  const auto outcome = eval.run("models: [small, large]\nprompts: [terse]");

  REQUIRE(outcome.has_value());
  std::vector<score::AnswerLine> lines;
  REQUIRE(score::read_answers(eval.context.kept.at("answers"),
                              [&](score::AnswerLine line) { lines.push_back(std::move(line)); }));
  REQUIRE(lines.size() == 2);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(lines[0].long_fields == Pairs{{"text", story}, {"tags", "[\"x\",1]"}});
  CHECK(lines[1].long_fields.empty());
}

TEST_CASE("an estimate counts queries for each model and prompt, greedy ones once") {
  Eval eval;
  add_model(eval.context, "local", "llama");
  auto& dataset = eval.context.given_inputs.datasets["golden"];
  dataset.cases = 3;
  dataset.size = Bytes{400};
  const auto estimate = [&](const std::string& lines) {
    return steps::eval::kind().estimate(yaml("dataset: golden\nscorers: [equals]\n" + lines),
                                        eval.context.given_inputs);
  };

  CHECK(estimate("models: [small, large]\nprompts: [terse, guided]\nrepeat: 2").queries == 24);
  CHECK(estimate("models: [local]\nprompts: [terse]\nrepeat: 2").queries == 3);
  CHECK_FALSE(estimate("models: [local]\nprompts: [terse]").cost.has_value());

  eval.context.given_inputs.models["small"].config.price = {.input = 10.0, .output = 20.0};
  CHECK(estimate("models: [small]\nprompts: [terse]").cost.has_value());
}

TEST_CASE("an estimate tells the price of each model that is asked for money, and who says so") {
  Eval eval;
  add_model(eval.context, "listed", "openai");
  add_model(eval.context, "local", "llama");
  eval.context.given_inputs.models["listed"].config.model = "gpt-4.1-mini";
  add_model(eval.context, "unlisted", "openai");

  const auto prices =
      steps::eval::kind()
          .estimate(yaml("dataset: golden\nscorers: [equals]\nmodels: [listed, local, unlisted]\nprompts: [terse]"),
                    eval.context.given_inputs)
          .prices;

  REQUIRE(prices.size() == 2);
  CHECK(prices.at("listed").source == model::Pricing::Source::table);
  CHECK(prices.at("unlisted") == model::Pricing{});
}

TEST_CASE("an estimate's time is known where all latencies are, by concurrency and rates") {
  Eval eval;
  add_model(eval.context, "one", "openai");
  add_model(eval.context, "two", "openai");
  auto& inputs = eval.context.given_inputs;
  inputs.datasets["golden"].cases = 100;
  inputs.models["one"].config.concurrency = 10;
  inputs.models["two"].config.concurrency = 5;
  const auto duration = [&](const std::string& lines) {
    return steps::eval::kind().estimate(yaml("dataset: golden\nscorers: [equals]\n" + lines), inputs).duration;
  };

  CHECK(duration("models: [one]\nprompts: [terse]") == std::nullopt);
  inputs.latencies["one"] = Duration{500};
  CHECK(duration("models: [one]\nprompts: [terse]") == Duration{5'000});
  CHECK(duration("models: [one, two]\nprompts: [terse]") == std::nullopt);
  inputs.latencies["two"] = Duration{1'000};
  CHECK(duration("models: [one, two]\nprompts: [terse]") == Duration{20'000});
  CHECK(duration("models: [one, two]\nprompts: [terse, guided]\nconcurrency: 6") == Duration{50'000});
  inputs.models["one"].config.requests_per_minute = 25;
  CHECK(duration("models: [one]\nprompts: [terse]") == Duration{180'000});
}

TEST_CASE("scorers see what was called, and a judge is offered no tools and held to no form of the eval's") {
  Eval eval;
  add_model(eval.context, "judge", "openai");
  std::vector<model::Parameters> judged;
  eval.context.answer = [&](const model::Ask& ask) -> Result<model::Answer> {
    if (ask.model->name == "judge") {
      judged.push_back(ask.query.parameters);
      return Eval::said(R"({"reason": "so it is", "pass": true, "score": 1})");
    }
    auto answer = Eval::said("1");
    answer->tool_calls = {{"look", doc::Node::map({{"at", "it"}})}};
    answer->mean_log_probability = 0;
    return answer;
  };
  eval.context.given_config = yaml(R"(dataset: golden
models: [small]
prompts: [terse]
judge: judge
parameters: {format: json, tools: [{name: look}], logprobs: true}
scorers: [{llm-rubric: It is so.}, {tool-call: look}, is-valid-tool-call, perplexity]
)");

  const auto outcome = steps::eval::kind().run(eval.context);

  REQUIRE(outcome.has_value());
  CHECK(judged == std::vector<model::Parameters>(3));
  const auto results = eval.results();
  for (const auto& one : results.cells[0].cases) {
    for (std::size_t metric = 0; metric < 4; ++metric) CHECK(one.scores[metric] == 1.0);
  }
}

namespace {

/// An eval whose models answer with the case's own text, and whose `vectors` embed a text as [its length, 1].
struct Compared : Eval {
  Compared() {
    add_model(context, "vectors", "openai");
    context.given_inputs.models["vectors"].config.api = "embeddings";
    context.answer = [this](const model::Ask& ask) -> Result<model::Answer> {
      if (ask.query.embed.empty()) return said(text_of(ask).substr(2));
      embedded.push_back(ask.model->name + " " + ask.query.embed.front());
      model::Answer answer;
      answer.vectors = {{static_cast<float>(ask.query.embed.front().size()), 1}};
      answer.finish_reason = finish_reason;
      answer.usage = {512, 0};
      answer.cost = Usd{0.5};
      return answer;
    };
  }
  Result<step::Outcome> score(const std::string& scorers) {
    context.given_config = yaml("dataset: golden\nmodels: [small]\nprompts: [terse]\nembedder: vectors\n" + scorers);
    return steps::eval::kind().run(context);
  }
  std::vector<std::string> embedded;
  std::string finish_reason = "stop";
};

step::Surroundings around(const std::vector<std::string>& embedders) {
  step::Surroundings out;
  out.providers = {{"small", "openai"}, {"vectors", "openai"}, {"others", "openai"}};
  out.embedders = embedders;
  return out;
}

std::vector<std::string> wrong(const std::string& config, const std::vector<std::string>& embedders) {
  std::vector<std::string> out;
  const auto node = steps::eval::kind().complete(yaml("dataset: golden\nprompts: [terse]\n" + config), embedders);
  for (const auto& error : steps::eval::kind().check(node, around(embedders))) out.push_back(error.message);
  return out;
}

}  // namespace

TEST_CASE("a scorer that compares by vectors has answer and reference embedded, and their cosine is the score") {
  Compared eval;

  REQUIRE(eval.score("scorers: [{similar: abc}]").has_value());

  CHECK(eval.embedded == std::vector<std::string>{"vectors one", "vectors abc", "vectors two", "vectors abc",
                                                  "vectors three", "vectors abc"});
  const auto results = eval.results();
  REQUIRE(results.cells[0].cases.size() == 3);
  CHECK(*results.cells[0].cases[0].scores[0] == doctest::Approx(1));
  CHECK(*results.cells[0].cases[2].scores[0] == doctest::Approx((5 * 3 + 1) / std::sqrt(26.0 * 10)));
  REQUIRE(results.judges.size() == 1);
  CHECK(results.judges[0].name == "vectors");
  CHECK(results.judges[0].asked == 6);
  CHECK(results.judges[0].cost == Usd{3});
  CHECK(eval.context.notes.empty());
}

TEST_CASE("texts that were too long to be embedded whole are told of once") {
  Compared eval;
  eval.finish_reason = "length";

  REQUIRE(eval.score("scorers: [{similar: abc}]").has_value());

  CHECK(eval.context.notes ==
        std::vector<std::string>{"`vectors` reads 512 tokens of a text: of 4 longer ones only the "
                                 "beginning was compared"});
}

TEST_CASE("a model that gives no vector is an error of the case, not a score") {
  Compared eval;
  eval.context.answer = [](const model::Ask& ask) -> Result<model::Answer> {
    return ask.query.embed.empty() ? Eval::said("x") : Result<model::Answer>(model::Answer{});
  };

  const auto outcome = eval.score("scorers: [{similar: abc}]");

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().message == "the model `vectors` gave no vector");
}

TEST_CASE("another model that embeds is another way to score") {
  Compared eval;
  REQUIRE(eval.score("scorers: [{similar: abc}]").has_value());
  const auto before = eval.results().scorers;
  eval.context.given_inputs.models["vectors"].identity = sys::sha256("other");
  REQUIRE(eval.score("scorers: [{similar: abc}]").has_value());
  CHECK(eval.results().scorers != before);
}

TEST_CASE("the recipe's only model that embeds is taken where none is named") {
  const auto config =
      yaml("models: [small]\ndataset: golden\nscorers: [{similar: a}, {similar: {to: b, model: own}, metric: o}]");
  const auto& kind = steps::eval::kind();

  const auto only = kind.complete(config, {"vectors"});
  REQUIRE(kind.declare(only).has_value());
  const auto reads = kind.declare(only)->reads;
  std::vector<std::string> names;
  for (const auto& model : reads.models) names.push_back(model.value);
  CHECK(names == std::vector<std::string>{"small", "vectors", "own"});
  CHECK(kind.complete(config, {"a", "b"}) == config);
  CHECK(kind.complete(config, {}) == config);
  const auto without = yaml("models: [small]\ndataset: golden\nscorers: [equals]");
  CHECK(kind.complete(without, {"vectors"}) == without);
}

TEST_CASE("models that embed and models that answer are told apart before anything runs") {
  using Messages = std::vector<std::string>;
  CHECK(wrong("models: [small]\nscorers: [{similar: a}]", {"vectors"}) == Messages{});
  CHECK(wrong("models: [small]\nscorers: [{similar: a}]", {}) ==
        Messages{"`similar` needs a model that embeds, and the recipe has none"});
  CHECK(wrong("models: [small]\nscorers: [{similar: a}]", {"vectors", "others"}) ==
        Messages{"`similar` needs a model that embeds, and the recipe has several: `vectors`, `others`"});
  CHECK(wrong("models: [small]\nembedder: others\nscorers: [{similar: a}]", {"vectors", "others"}) == Messages{});
  CHECK(wrong("models: [small]\nscorers: [{similar: {to: a, model: small}}]", {"vectors"}) ==
        Messages{"`small` answers and does not embed, but `similar` needs vectors"});
  CHECK(wrong("models: [vectors]\njudge: vectors\nscorers: [{llm-rubric: a}]", {"vectors"}) ==
        Messages{"`vectors` embeds texts and answers nothing, so it can't be evaluated",
                 "`vectors` embeds texts and answers nothing, so it can't judge"});
}

TEST_CASE("a case's own scorers count in it alone, beside those of the eval") {
  Eval eval;
  eval.context.files.put("/d.jsonl",
                         R"({"id": "a", "text": "one", "label": "1", "checks": [{"contains": "1", "metric": "m"}]}
{"id": "b", "text": "two", "label": "2", "checks": {"scorers": [{"contains": "1"}, {"contains": "x", "weight": 3}], "threshold": 0.2}}
{"id": "c", "text": "three", "label": "1"}
)");
  eval.context.given_inputs.datasets["golden"].fields.assertions = "checks";

  REQUIRE(eval.run("models: [small]\nprompts: [terse]").has_value());

  const auto results = eval.results();
  std::vector<std::string> names;
  for (const auto& metric : results.metrics) names.push_back(metric.name);
  CHECK(names ==
        std::vector<std::string>{"accuracy", "m", "contains", "pass", "score", "latency_ms", "cost_usd_per_query"});
  CHECK(results.metrics[2].scale == score::Scale::graded);
  const auto& cases = results.cells[0].cases;
  CHECK(cases[0].without == std::vector<std::size_t>{2});
  CHECK(cases[1].without == std::vector<std::size_t>{1});
  CHECK(cases[2].without == std::vector<std::size_t>{1, 2});
  CHECK(cases[1].scores[2] == 0.25);
  CHECK(cases[0].scores[3] == 1.0);
  CHECK(cases[1].scores[3] == 1.0);  // (0·1 + 1·1 + 0·3) / 5 reaches 0.2.
  CHECK(cases[1].scores[4] == 0.2);
  CHECK(cases[2].scores[3] == 1.0);
  const auto own = score::summarise(results, results.cells[0], 1);
  CHECK(own.n == 1);
  CHECK(own.errors == 0);
}

TEST_CASE("a query that failed is an error of the metrics that its case has") {
  Eval eval;
  eval.context.files.put("/d.jsonl",
                         R"({"id": "a", "text": "one", "label": "1", "checks": [{"contains": "1", "metric": "m"}]}
{"id": "b", "text": "two", "label": "1"}
)");
  eval.context.given_inputs.datasets["golden"].fields.assertions = "checks";
  eval.context.answer = [](const model::Ask& ask) {
    return text_of(ask) == "T two" ? Result<model::Answer>(step_error("no")) : Eval::said("1");
  };

  REQUIRE(eval.run("models: [small]\nprompts: [terse]").has_value());

  const auto results = eval.results();
  CHECK(results.cells[0].cases[1].without == std::vector<std::size_t>{1});
  CHECK(score::summarise(results, results.cells[0], 0).errors == 1);
  CHECK(score::summarise(results, results.cells[0], 1).errors == 0);
  CHECK(score::summarise(results, results.cells[0], 2).errors == 1);
}
