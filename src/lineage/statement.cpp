#include "lineage/statement.h"

#include <algorithm>

#include "base/text.h"
#include "lineage/predicates.h"
#include "lineage/resources.h"
#include "sys/hash.h"
#include "sys/system.h"

namespace llmops::lineage {
namespace {

doc::Node time_or_null(Time at) { return at == Time{} ? doc::Node() : doc::Node(sys::to_rfc3339(at)); }

doc::Node statement(std::string_view predicate_type, doc::Node subjects, doc::Node predicate) {
  return doc::Node::map({{"_type", kStatementType},
                         {"subject", std::move(subjects)},
                         {"predicateType", predicate_type},
                         {"predicate", std::move(predicate)}});
}

bool measured_or_decided(const StepRun& step) {
  const auto& outputs = step.outcome.outputs;
  const bool keeps = std::any_of(outputs.begin(), outputs.end(), [](const auto& output) { return output.in_record; });
  return !step.outcome.gate.is_null() || !step.results.empty() || (keeps && !step.outcome.metrics.empty());
}

/// test-result has no word for what can't be told: it is a warning where it does not block.
std::string_view result_of(const StepRun& step) {
  if (!step.outcome.passed()) return "FAILED";
  const auto decision = step.outcome.gate.get("decision", "pass");
  return decision == "pass" || decision == "not_applicable" ? "PASSED" : "WARNED";
}

/// `accuracy of small/guided at least 0.6`, `accuracy of small/guided better than small/terse by 0.02`
std::string name_of(const doc::Node& requirement) {
  const auto text_of = [&](std::string_view key) {
    const auto* value = requirement.find(key);
    return value && !value->is_null() ? value->text() : std::string();
  };
  auto rule = text::replace_all(text_of("rule"), "_", " ");
  if (const auto versus = text_of("versus"); !versus.empty()) {
    if (rule.ends_with(" by")) rule.resize(rule.size() - 3);
    rule += " than " + versus + " by";
  }
  return text_of("metric") + " of " + text_of("of") + " " + rule + " " + text_of("bound");
}

struct TestNames {
  doc::Node passed = doc::Node::list(), warned = doc::Node::list(), failed = doc::Node::list();
};

TestNames tests_of(const doc::Node& gate) {
  TestNames out;
  const auto* requirements = gate.find("requirements");
  if (!requirements || !requirements->is_list()) return out;
  for (const auto& requirement : requirements->items()) {
    const auto decision = requirement.get("decision", "");
    auto& names = decision == "pass" ? out.passed : decision == "fail" ? out.failed : out.warned;
    names.push_back(name_of(requirement));
  }
  return out;
}

doc::Node about_step(const Run& run, const StepRun& step) {
  return doc::Node::map({{"run", run.id},
                         {"id", step.id},
                         {"kind", step.kind},
                         {"version", step.version},
                         {"recipe", run.recipe},
                         {"environment", run.environment},
                         {"status", step::to_string(step.outcome.status)},
                         {"reason", step.outcome.reason},
                         {"started", time_or_null(step.started)},
                         {"finished", time_or_null(step.finished)},
                         {"needs", doc::Node::strings(step.needs)}});
}

/// Statements of the steps that it rested on.
doc::Node evidence_of(const Run& run, const StepRun& step) {
  auto out = doc::Node::list();
  for (const auto& other : run.steps) {
    if (std::find(step.needs.begin(), step.needs.end(), other.id) == step.needs.end()) continue;
    if (const auto digest = Digest::parse(other.outcome.statement)) out.push_back(resource(other.id, *digest));
  }
  return out;
}

void add_own_fields(const Run& run, const StepRun& step, doc::Node& predicate) {
  const auto& outcome = step.outcome;
  predicate["llmops_step"] = about_step(run, step);
  predicate["llmops_key"] = step.key.empty() ? doc::Node() : doc::Node(step.key);
  predicate["llmops_metrics"] = doc::Node(doc::List(outcome.metrics.begin(), outcome.metrics.end()));
  predicate["llmops_gate"] = outcome.gate;
  predicate["llmops_queries"] = doc::Node::map({{"asked", outcome.queries.asked},
                                                {"cached", outcome.queries.cached},
                                                {"errors", outcome.queries.errors},
                                                {"retries", outcome.queries.retries}});
  predicate["llmops_cost_usd"] = outcome.cost ? doc::Node(outcome.cost->value) : doc::Node();
  predicate["llmops_evidence"] = evidence_of(run, step);
  if (step.results.empty()) return;
  const auto digest = sys::sha256(step.results);
  predicate["llmops_results"] = doc::Node::map({{"sha256", digest.hex()}, {"file", results_file_name(digest)}});
}

doc::Node build_definition(const Run& run, const StepRun& step) {
  return doc::Node::map({{"buildType", "urn:llmops:step:" + step.kind + ":v" + std::to_string(step.version)},
                         {"externalParameters", doc::Node::map({{"recipe", run.recipe_path},
                                                                {"step", step.id},
                                                                {"environment", run.environment},
                                                                {"config", step.config}})},
                         {"resolvedDependencies", dependencies_of(run, step)}});
}

doc::Node run_details(const Run& run, const StepRun& step) {
  auto metadata = doc::Node::map({{"invocationId", run.id}});
  if (step.started != Time{}) metadata["startedOn"] = sys::to_rfc3339(step.started);
  if (step.finished != Time{}) metadata["finishedOn"] = sys::to_rfc3339(step.finished);
  return doc::Node::map({{"builder", doc::Node::map({{"id", "urn:llmops:local"},
                                                     {"version", doc::Node::map({{"llmops", run.version}})}})},
                         {"metadata", std::move(metadata)}});
}

doc::Node test_result(const Run& run, const StepRun& step) {
  auto tests = tests_of(step.outcome.gate);
  return doc::Node::map({{"result", result_of(step)},
                         {"configuration", dependencies_of(run, step)},
                         {"passedTests", std::move(tests.passed)},
                         {"warnedTests", std::move(tests.warned)},
                         {"failedTests", std::move(tests.failed)},
                         {"llmops_config", step.config}});
}

}  // namespace

std::string results_file_name(const Digest& results) { return results.hex() + ".results.jsonl"; }

doc::Node statement_of(const Run& run, const StepRun& step) {
  const bool test = measured_or_decided(step);
  auto predicate =
      test ? test_result(run, step)
           : doc::Node::map({{"buildDefinition", build_definition(run, step)}, {"runDetails", run_details(run, step)}});
  add_own_fields(run, step, predicate);
  return statement(test ? kTestResult : kProvenance, subjects_of(run, step), std::move(predicate));
}

doc::Node statement_of(const Run& run) {
  auto subjects = doc::Node::list();
  if (run.dirty_tree) {
    subjects.push_back(resource("work tree", "gitTree", run.dirty_tree->tree));
  } else if (!run.dirty) {
    subjects.push_back(resource("commit", "gitCommit", run.commit));
  }
  subjects.push_back(resource("release key", run.release_key));
  auto statements = doc::Node::list();
  for (const auto& step : run.steps) {
    if (const auto digest = Digest::parse(step.outcome.statement)) statements.push_back(resource(step.id, *digest));
  }
  auto predicate = doc::Node::map({{"document", to_document(run)}, {"statements", std::move(statements)}});
  return statement(kRunPredicate, std::move(subjects), std::move(predicate));
}

}  // namespace llmops::lineage
