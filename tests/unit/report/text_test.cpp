#include "base/text.h"

#include <doctest/doctest.h>

#include "report/plan_text.h"
#include "report/run_text.h"
#include "sys/hash.h"

using namespace llmops;
using namespace llmops::report;

namespace {

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

doc::Node done(const std::string& id, const std::string& kind, const std::string& status) {
  return doc::Node::map(
      {{"id", id}, {"kind", kind}, {"status", status}, {"reason", ""}, {"duration_s", 0}, {"gate", nullptr}});
}

doc::Node run(doc::List steps, const std::string& status) {
  return doc::Node::map({{"run", "01RUN"},
                         {"recipe", "triage"},
                         {"environment", "dev"},
                         {"commit", kCommit},
                         {"dirty", false},
                         {"status", status},
                         {"started", "2026-01-02T03:04:05.000Z"},
                         {"steps", doc::Node(std::move(steps))}});
}

PlanRow row(const std::string& id, const std::string& state, const std::string& reason) {
  PlanRow out;
  out.id = id;
  out.kind = "exec";
  out.state = state;
  out.reason = reason;
  return out;
}

}  // namespace

TEST_CASE("a run has a head, a line for each step, and how it ended") {
  auto train = done("train", "exec", "ran");
  train["duration_s"] = 1.5;
  train["outputs"] = doc::Node::map({{"model", doc::Node::map({{"path", "out/m.bin"}})}});
  auto gate = done("décider", "gate", "cached");

  const auto text = run_text(run({train, gate}, "passed"), Colour::no);

  CHECK(text ==
        "triage  dev  commit 0123456789\n"
        "✓ train    exec  ran     1.5s, out/m.bin\n"
        "= décider  gate  cached\n"
        "passed: 1 of 2 steps done now, 1 up to date\n");
}

TEST_CASE("a run in which nothing was to be done says so") {
  CHECK(
      run_text(run({done("a", "exec", "cached")}, "passed"), Colour::no).ends_with("passed: the step is up to date\n"));
  CHECK(run_text(run({done("a", "exec", "cached"), done("b", "exec", "cached")}, "passed"), Colour::no)
            .ends_with("passed: all 2 steps are up to date\n"));
  CHECK(run_text(run({done("a", "exec", "ran")}, "passed"), Colour::no).ends_with("\npassed\n"));
}

TEST_CASE("a step that did not pass tells why, and what was asked tells what it cost") {
  auto failed = done("ask", "eval", "failed");
  failed["reason"] = "it broke";
  failed["queries"] = doc::Node::map({{"asked", 3}, {"cached", 2}, {"errors", 1}});
  failed["cost_usd"] = nullptr;

  const auto text = run_text(run({failed}, "failed"), Colour::no);

  CHECK(text.find("✗ ask   eval  failed  3 asked, 2 cached, 1 error, cost unknown, it broke\n") != std::string::npos);
  CHECK(text.ends_with("failed\n"));
}

TEST_CASE("uncommitted changes are told") {
  auto document = run({done("a", "exec", "ran")}, "passed");
  document["dirty"] = true;

  CHECK(run_text(document, Colour::no).starts_with("triage  dev  commit 0123456789 with uncommitted changes\n"));
}

TEST_CASE("of many steps only those that need a look are shown") {
  doc::List steps;
  for (int i = 0; i < 40; ++i) steps.push_back(done("s" + std::to_string(i), "exec", "cached"));
  steps[7] = done("s7", "exec", "failed");

  const auto text = run_text(run(std::move(steps), "failed"), Colour::no);

  CHECK(text.find("✗ s7") != std::string::npos);
  CHECK(text.find("s8") == std::string::npos);
  CHECK(text.ends_with("failed: 1 of 40 steps done now, 39 up to date\n"));
}

TEST_CASE("only the first outputs are named where there are many") {
  auto many = done("a", "exec", "ran");
  auto outputs = doc::Node::map();
  for (int i = 1; i <= 6; ++i) outputs["o" + std::to_string(i)] = doc::Node::map({{"path", "f" + std::to_string(i)}});
  many["outputs"] = outputs;

  CHECK(run_text(run({many}, "passed"), Colour::no).find("f1, f2, f3, and 3 more\n") != std::string::npos);
}

TEST_CASE("the log has a line for each run, with a metric's value in each cell") {
  auto eval = done("quality", "eval", "ran");
  const auto metric = [](const char* prompt, double value) {
    return doc::Node::map({{"metric", "accuracy"},
                           {"model", "small"},
                           {"prompt", prompt},
                           {"value", value},
                           {"low", value - 0.1},
                           {"high", value + 0.1}});
  };
  eval["metrics"] = doc::Node(doc::List{metric("terse", 0.5), metric("guided", 0.75)});
  const lineage::RunEntry entry{sys::sha256("r"), kCommit, run({eval}, "passed")};

  CHECK(log_text({&entry}, "", Colour::no) == "0123456789  2026-01-02T03:04:05  passed        triage@dev  01RUN\n");
  CHECK(log_text({&entry}, "accuracy", Colour::no) ==
        "0123456789  2026-01-02T03:04:05  passed        triage@dev  01RUN  small/terse 0.500 [0.400, 0.600]  "
        "small/guided 0.750 [0.650, 0.850]\n");
  CHECK(log_text({&entry}, "unknown", Colour::no).ends_with("01RUN\n"));
}

TEST_CASE("a plan says what would run, in columns") {
  PlanView view{"triage",
                "dev",
                {},
                {row("train", "run", "first run"), row("a", "cached", "up to date"),
                 row("ship", "unknown", "unknown until `train`")}};

  CHECK(plan_text(view, Why::no, Colour::no) ==
        "triage in dev: 3 steps, 1 to run now\n"
        "  train  exec  run      first run\n"
        "  a      exec  cached   up to date\n"
        "  ship   exec  unknown  unknown until `train`\n");
  CHECK(view.would_run());
}

TEST_CASE("a plan in which all is up to date would run nothing, nor would one with only errors") {
  PlanView view{"triage", "dev", {}, {row("a", "cached", "up to date"), row("b", "skipped", "not in `dev`")}};
  CHECK_FALSE(view.would_run());
  view.rows.push_back(row("c", "unknown", "unknown until `a`"));
  CHECK(view.would_run());
}

TEST_CASE("a plan asked why shows both sides of each change") {
  auto changed = row("train", "run", "config size changed, 1 → 2");
  changed.changes = {{"config size", "1", "2"}, {"prompt terse (p.j2)", "", "abc"}};

  const auto text = plan_text({"triage", "dev", {}, {changed}}, Why::yes, Colour::no);

  CHECK(
      text.ends_with("      config size\n        was 1\n        now 2\n"
                     "      prompt terse (p.j2)\n        was not there\n        now abc\n"));
}

TEST_CASE("the estimate is the sum over what would run, and unknown where one cost is") {
  auto first = row("a", "run", "first run"), second = row("b", "run", "first run");
  first.estimate = step::Estimate{1000, 50'000, 2000, Usd{0.5}, {}};
  second.estimate = step::Estimate{234, 1000, 30, Usd{0.25}, {}};

  CHECK(
      plan_text({"t", "dev", {}, {first, second}}, Why::no, Colour::no)
          .ends_with("at most 1,234 queries, about 51,000 tokens in and at most 2,030 out, $0.75, time unknown; cached "
                     "answers cost nothing\n"));

  first.estimate->duration = Duration{60'000};
  second.estimate->duration = Duration{5'000};
  first.estimate->prices["m"] = {model::Pricing::Source::recipe, {.input = 1, .output = 2}, std::nullopt, {}};
  CHECK(plan_text({"t", "dev", {}, {first, second}}, Why::no, Colour::no)
            .ends_with("$0.75, about 1m05s at the latencies of the last run; cached answers cost nothing\n"
                       "price of `m`: $1 in and $2 out per million tokens (recipe)\n"));

  second.estimate->cost = std::nullopt;
  CHECK(plan_text({"t", "dev", {}, {first, second}}, Why::no, Colour::no).find(", cost unknown, about") !=
        std::string::npos);
}

TEST_CASE("a plan as a document has null for what is not known") {
  auto known = row("a", "run", "first run");
  known.key = sys::sha256("key");
  known.estimate = step::Estimate{10, std::nullopt, std::nullopt, Usd{0}, {}};

  const auto node = to_node(PlanView{"t", "dev", sys::sha256("r"), {known, row("b", "unknown", "unknown until `a`")}});

  const auto& steps = node.find("steps")->items();
  CHECK(steps[0].get("key", "") == sys::sha256("key").to_string());
  CHECK(steps[0].find("estimate")->find("input_tokens")->is_null());
  CHECK(steps[0].find("estimate")->get("cost_usd", -1.0) == 0.0);
  CHECK(steps[0].find("estimate")->find("duration_s")->is_null());
  CHECK(steps[1].find("key")->is_null());
  CHECK(steps[1].find("estimate")->is_null());
}
