#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "lineage/records.h"
#include "unit/exec/machine.h"

using namespace llmops;
using exec::Machine;
using exec::OnFailure;
using exec::outcome;
using exec::Reuse;
using exec::RunOptions;
using exec::statuses;
using Texts = std::vector<std::string>;

namespace {

const std::string kChain = R"(  - {id: pack, needs: [train], work: {outputs: {pack: out/pack}}}
  - {id: train, work: {outputs: {model: out/model}}}
  - {id: alone, work: {outputs: {alone: out/alone}}}
)";

Result<step::Outcome> fails(step::Context&) { return step_error("it broke"); }

/// Lets go once as many have come as were asked for; false where they did not come within ten seconds.
class Meeting {
 public:
  explicit Meeting(int wanted) : wanted_(wanted) {}
  bool come() {
    std::unique_lock lock(mutex_);
    ++here_;
    changed_.notify_all();
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return here_ >= wanted_; });
  }

 private:
  int wanted_, here_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace

TEST_CASE("steps run after those they need, and the run is recorded") {
  Machine machine(kChain);

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"train", "alone", "pack"});
  CHECK(statuses(result) == Texts{"train ran", "pack ran", "alone ran"});
  CHECK(result.run.status == lineage::RunStatus::passed);
  CHECK(result.ran);
  CHECK(result.record == result.run.id);
  CHECK_FALSE(result.run.dirty);
  CHECK(machine.has_records());
  CHECK(machine.last.reasons["train"] == "first run");
  for (const auto& step : result.run.steps) CHECK(step.outcome.statement.size() == 71);
}

TEST_CASE("steps that don't need each other run at the same time, up to the number of jobs") {
  Machine machine("  - {id: a, work: {}}\n  - {id: b, work: {}}\n");
  Meeting meeting(2);
  std::atomic<bool> met = true;
  const auto meet = [&](step::Context&) -> Result<step::Outcome> {
    if (!meeting.come()) met = false;
    return step::Outcome{};
  };
  machine.kind.does("a", meet);
  machine.kind.does("b", meet);

  machine.run({.jobs = 2});

  CHECK(met);
}

TEST_CASE("with one job, one step runs at a time") {
  Machine machine("  - {id: a, work: {}}\n  - {id: b, work: {}}\n  - {id: c, work: {}}\n");
  std::atomic<int> at_once = 0, most = 0;
  const auto count = [&](step::Context&) -> Result<step::Outcome> {
    most = std::max(most.load(), ++at_once);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --at_once;
    return step::Outcome{};
  };
  for (const auto* id : {"a", "b", "c"}) machine.kind.does(id, count);

  machine.run({.jobs = 1});

  CHECK(most == 1);
  CHECK(machine.kind.ran().size() == 3);
}

TEST_CASE("after a failure nothing more begins") {
  Machine machine(kChain);
  machine.kind.does("train", fails);

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"train"});
  CHECK(statuses(result) == Texts{"train failed", "pack skipped", "alone skipped"});
  CHECK(result.run.status == lineage::RunStatus::failed);
  CHECK(outcome(result, "train").error->message == "it broke");
  CHECK(outcome(result, "pack").reason == "needs `train`, which failed");
  CHECK(outcome(result, "alone").reason == "an earlier step did not pass");
}

TEST_CASE("when told to keep going, what does not depend on the failure is done") {
  Machine machine(kChain);
  machine.kind.does("train", fails);

  const auto result = machine.run({.on_failure = OnFailure::keep_going});

  CHECK(machine.kind.ran() == Texts{"train", "alone"});
  CHECK(statuses(result) == Texts{"train failed", "pack skipped", "alone ran"});
}

TEST_CASE("a failed step runs again, what passed does not") {
  Machine machine(kChain);
  machine.kind.does("pack", fails);
  machine.run();
  CHECK(machine.kind.ran().size() == 3);

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"pack"});
  CHECK(machine.last.reasons["pack"] == "did not pass, or had errors, last time");
  CHECK(statuses(result) == Texts{"train cached", "pack failed", "alone cached"});
}

TEST_CASE("what is up to date is not done again, and adds no record") {
  Machine machine(kChain);
  const auto first = machine.run();
  CHECK(machine.kind.ran().size() == 3);

  const auto second = machine.run();

  CHECK(machine.kind.ran().empty());
  CHECK_FALSE(second.ran);
  CHECK(second.record.empty());
  CHECK(second.run.status == lineage::RunStatus::passed);
  CHECK(statuses(second) == Texts{"train cached", "pack cached", "alone cached"});
  CHECK(outcome(second, "train").statement == outcome(first, "train").statement);
}

TEST_CASE("a clone whose steps are up to date by another clone's runs records them for itself") {
  Machine machine(kChain);
  const auto first = machine.run();
  machine.box.sh("git update-ref -d refs/llmops/records && git update-ref -d refs/notes/llmops");
  machine.kind.ran();

  const auto second = machine.run();

  CHECK(machine.kind.ran().empty());
  CHECK_FALSE(second.record.empty());
  const auto repository = machine.box.open();
  const auto records = lineage::Records::read(*repository);
  REQUIRE(records);
  CHECK(records->runs().size() == 1);
  for (const auto& step : second.run.steps) {
    CAPTURE(step.id);
    CHECK(step.outcome.status == step::Status::cached);
    CHECK_FALSE(step.dependencies.empty());
    CHECK(records->find(*Digest::parse(step.outcome.statement)));
  }
  CHECK(machine.run().record.empty());
}

TEST_CASE("an output that somebody changed is made again") {
  Machine machine(kChain);
  machine.run();
  machine.kind.ran();
  fakes::write_file(machine.box.repo / "out/model", "somebody's own bytes");

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"train"});
  CHECK(machine.last.reasons["train"] == "its output `out/model` was changed");
  CHECK(statuses(result) == Texts{"train ran", "pack cached", "alone cached"});
  CHECK(fakes::read_file(machine.box.repo / "out/model") == "made by train\n");
}

TEST_CASE("an output that was deleted is brought back without running") {
  Machine machine(kChain);
  machine.run();
  machine.kind.ran();
  machine.box.sh("rm -r out");

  const auto result = machine.run();

  CHECK(machine.kind.ran().empty());
  CHECK_FALSE(result.ran);
  CHECK(fakes::read_file(machine.box.repo / "out/pack") == "made by pack\n");
  CHECK(fakes::read_file(machine.box.repo / "out/model") == "made by train\n");
}

TEST_CASE("a step that makes other bytes makes those after it run") {
  Machine machine(kChain);
  machine.run();
  machine.kind.ran();
  machine.kind.does("train", [&](step::Context& context) -> Result<step::Outcome> {
    fakes::write_file(machine.box.repo / "out/model", "other weights, longer ones\n");
    step::Outcome out;
    TRY(auto output, context.keep_path("model", "out/model"));
    out.outputs.push_back(std::move(output));
    return out;
  });
  fakes::write_file(machine.box.repo / "out/model", "changed");

  machine.run();

  CHECK(machine.kind.ran() == Texts{"train", "pack"});
  CHECK(machine.last.reasons["pack"].starts_with("step train changed, "));
}

TEST_CASE("force runs everything again, whatever is kept") {
  Machine machine(kChain);
  machine.run();
  machine.kind.ran();

  const auto result = machine.run({.reuse = Reuse::no});

  CHECK(machine.kind.ran() == Texts{"train", "alone", "pack"});
  CHECK(machine.last.reasons["alone"] == "asked for by `--force`");
  CHECK(machine.last.reasons["pack"] == "asked for by `--force`");
  CHECK(result.ran);
}

TEST_CASE("a step is tried again with doubled waits until it passes") {
  Machine machine("  - {id: a, retry: {times: 3, backoff: 1s}, work: {}}\n");
  int tries = 0;
  machine.kind.does("a", [&](step::Context& context) -> Result<step::Outcome> {
    if (++tries < 3) return step_error("not yet");
    return machine.kind.make(context);
  });
  const auto before = machine.box.clock.monotonic();

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"a", "a", "a"});
  CHECK(statuses(result) == Texts{"a ran"});
  CHECK(machine.box.clock.monotonic() - before == std::chrono::seconds(3));
  REQUIRE(machine.last.notes.size() == 2);
  CHECK(machine.last.notes[0] == "try 1 of 4 failed: not yet; trying again in 1.0s");
}

TEST_CASE("a step that fails at every try is failed") {
  Machine machine("  - {id: a, retry: 1, work: {}}\n");
  machine.kind.does("a", fails);

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"a", "a"});
  CHECK(statuses(result) == Texts{"a failed"});
}

TEST_CASE("a gate's no is not tried again") {
  Machine machine("  - {id: a, retry: 2, work: {}}\n");
  machine.kind.does("a", [](step::Context&) -> Result<step::Outcome> {
    step::Outcome out;
    out.status = step::Status::failed;
    out.gate = doc::Node::map({{"decision", "fail"}, {"requirements", doc::Node::list()}});
    out.cacheable = false;
    return out;
  });

  machine.run();

  CHECK(machine.kind.ran() == Texts{"a"});
}

TEST_CASE("a step that takes longer than its timeout is stopped and has failed") {
  Machine machine("  - {id: slow, timeout: 20ms, work: {}}\n");
  machine.kind.does("slow", [](step::Context& context) -> Result<step::Outcome> {
    while (!context.stop().stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Error{ErrorKind::interrupted, "stopped", {}, {}, {}};
  });

  const auto result = machine.run();

  CHECK(statuses(result) == Texts{"slow failed"});
  CHECK(outcome(result, "slow").reason == "`slow` did not end within 20ms");
  CHECK(result.run.status == lineage::RunStatus::failed);
}

TEST_CASE("a step kind that throws is a bug, told as one") {
  Machine machine("  - {id: a, work: {}}\n");
  machine.kind.does("a", [](step::Context&) -> Result<step::Outcome> { throw std::runtime_error("boom"); });

  const auto result = machine.run();

  REQUIRE(outcome(result, "a").error.has_value());
  CHECK(outcome(result, "a").error->kind == ErrorKind::bug);
  CHECK(outcome(result, "a").error->message == "the step kind threw: boom");
  CHECK(outcome(result, "a").status == step::Status::error);
}

TEST_CASE("a secret that a step was given is masked in why it failed") {
  Machine machine("  - {id: a, env: {TOKEN: \"${secret.TOKEN}\"}, work: {}}\n");
  machine.box.env.set("TOKEN", "s3cr3t-value");
  machine.kind.does("a", [](step::Context&) -> Result<step::Outcome> { return step_error("401 for s3cr3t-value"); });

  const auto result = machine.run();

  CHECK(outcome(result, "a").error->message == "401 for ***");
  CHECK(outcome(result, "a").reason == "401 for ***");
}

TEST_CASE("a run that came to nothing adds no record") {
  Machine machine("  - {id: a, work: {}}\n");
  machine.kind.does("a", [](step::Context&) -> Result<step::Outcome> { return environment_error("no network"); });

  const auto result = machine.run();

  CHECK(statuses(result) == Texts{"a error"});
  CHECK(result.run.status == lineage::RunStatus::error);
  CHECK(result.record.empty());
  CHECK_FALSE(machine.has_records());
}

TEST_CASE("a run over uncommitted changes keeps the work tree that it saw") {
  Machine machine(kChain);
  fakes::write_file(machine.box.repo / "notes.txt", "not committed\n");

  const auto result = machine.run();

  CHECK(result.run.dirty);
  REQUIRE(result.run.dirty_tree.has_value());
  CHECK(result.run.dirty_tree->changed == Texts{"notes.txt"});
  CHECK(machine.box.sh("git show " + result.run.dirty_tree->tree + ":notes.txt") == "not committed");
}
