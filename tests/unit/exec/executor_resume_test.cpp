#include <doctest/doctest.h>

#include <thread>

#include "exec/journal.h"
#include "unit/exec/machine.h"

using namespace llmops;
using exec::Machine;
using exec::outcome;
using exec::statuses;
using Texts = std::vector<std::string>;

namespace {

const std::string kTwo = R"(  - {id: train, cache: never, work: {outputs: {model: out/model}}}
  - {id: pack, needs: [train], work: {outputs: {pack: out/pack}}}
)";

/// What a run leaves that was killed after `train`.
void leave_killed_run(Machine& machine) {
  fakes::write_file(machine.box.repo / "out/model", "made by train\n");
  step::Outcome done;
  const auto bytes = sys::sha256("made by train\n");
  done.outputs.push_back(
      {.name = "model", .path = "out/model", .digest = bytes, .size = Bytes{14}, .value = "out/model"});
  exec::Journal journal(machine.box.files, machine.box.repo / ".llmops");
  REQUIRE(journal.begin("01KILLED", "work", "dev").has_value());
  REQUIRE(journal.step_done("train", machine.key_of("train"), done).has_value());
}

}  // namespace

TEST_CASE("a run that was killed is taken up: what it had done is not done again") {
  Machine machine(kTwo);
  leave_killed_run(machine);

  const auto result = machine.run();

  CHECK(machine.kind.ran() == Texts{"pack"});
  CHECK(machine.last.said == Texts{"taking up run 01KILLED, which was interrupted"});
  CHECK(outcome(result, "train").reason == "done by the interrupted run 01KILLED");
  CHECK(result.run.status == lineage::RunStatus::passed);
}

TEST_CASE("what a killed run did and had not kept in the cache is kept there when it is taken up") {
  Machine machine("  - {id: train, work: {outputs: {model: out/model}}}\n  - {id: tell, needs: [train], work: {}}\n");
  leave_killed_run(machine);
  machine.run();
  REQUIRE(machine.kind.ran() == Texts{"tell"});

  const auto later = machine.run();

  CHECK(machine.kind.ran() == Texts{"tell"});
  CHECK(statuses(later) == Texts{"train cached", "tell ran"});
  CHECK(outcome(later, "train").reason == "up to date");
}

TEST_CASE("a run that was taken up and finished is not taken up again") {
  Machine machine(kTwo);
  leave_killed_run(machine);
  machine.run();
  machine.kind.ran();

  machine.run();

  CHECK(machine.last.said.empty());
  CHECK(machine.kind.ran() == Texts{"train"});
}

TEST_CASE("a step of a killed run whose output was changed since is done again") {
  Machine machine(kTwo);
  leave_killed_run(machine);
  fakes::write_file(machine.box.repo / "out/model", "somebody's own bytes");

  machine.run();

  CHECK(machine.kind.ran() == Texts{"train", "pack"});
  CHECK(fakes::read_file(machine.box.repo / "out/model") == "made by train\n");
}

TEST_CASE("a deleted output that can't be brought back is an error, and nothing is done again") {
  Machine machine("  - {id: train, work: {outputs: {model: out/model}}}\n  - {id: tell, needs: [train], work: {}}\n");
  machine.run();
  REQUIRE(machine.kind.ran() == Texts{"train", "tell"});
  std::filesystem::remove_all(machine.box.repo / "out");
  fakes::write_file(machine.box.repo / "out", "in the way of the folder");

  const auto result = machine.try_run({}, {}, {});

  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().front().kind == ErrorKind::environment);
  CHECK(result.error().front().trail == Texts{"bringing back the output `out/model`"});
  CHECK(machine.kind.ran().empty());
}

TEST_CASE("a step of a killed run that rests on something else now is done again") {
  Machine machine(kTwo);
  leave_killed_run(machine);
  fakes::write_file(
      machine.box.repo / "work.yaml",
      "llmops: 1\nname: work\nsteps:\n  - {id: train, cache: never, work: {size: 2, outputs: {model: out/model}}}\n");

  machine.run();

  CHECK(machine.kind.ran() == Texts{"train"});
}

TEST_CASE("force does not take up what a killed run had done") {
  Machine machine(kTwo);
  leave_killed_run(machine);

  machine.run({.reuse = exec::Reuse::no});

  CHECK(machine.kind.ran() == Texts{"train", "pack"});
}

TEST_CASE("a run that is stopped leaves no record, and the next one goes on from it") {
  Machine machine(kTwo + "  - {id: ship, needs: [pack], work: {outputs: {ship: out/ship}}}\n");
  StopSource stop;
  machine.kind.does("pack", [&](step::Context& context) -> Result<step::Outcome> {
    stop.request_stop();
    if (context.stop().stop_requested()) return Error{ErrorKind::interrupted, "stopped", {}, {}, {}};
    return machine.kind.make(context);
  });

  const auto stopped = machine.run({}, stop.get_token());

  CHECK(stopped.run.status == lineage::RunStatus::interrupted);
  CHECK(stopped.record.empty());
  CHECK_FALSE(machine.has_records());
  CHECK(machine.kind.ran() == Texts{"train", "pack"});
  CHECK(outcome(stopped, "ship").status == step::Status::skipped);

  machine.kind.does("pack", {});
  const auto resumed = machine.run();

  CHECK(machine.kind.ran() == Texts{"pack", "ship"});
  CHECK(resumed.run.status == lineage::RunStatus::passed);
  CHECK(machine.has_records());
}

/// Two runs of a recipe with the one step `train`; the first is at it until the second waits for it.
struct Both {
  Result<exec::RunResult, Errors> second;
  int most_at_once;
};
Both run_two(Machine& machine) {
  std::mutex mutex;
  std::condition_variable changed;
  bool began = false, waits = false;
  std::atomic<int> at_once = 0, most = 0;
  machine.kind.does("train", [&](step::Context& context) -> Result<step::Outcome> {
    most = std::max(most.load(), ++at_once);
    {
      std::unique_lock lock(mutex);
      began = true;
      changed.notify_all();
      changed.wait_for(lock, std::chrono::seconds(10), [&] { return waits; });
    }
    auto made = machine.kind.make(context);
    --at_once;
    return made;
  });
  std::jthread first([&] { static_cast<void>(machine.try_run({}, {}, {})); });
  {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return began; }));
  }

  auto second = machine.try_run({}, {}, [&](const exec::Event& event) {
    const auto* said = std::get_if<exec::Said>(&event);
    if (!said || said->text != "waiting for another run that is at `train`") return;
    const std::lock_guard lock(mutex);
    waits = true;
    changed.notify_all();
  });
  first.join();

  CHECK(waits);
  return {std::move(second), most};
}

TEST_CASE("two runs never do the same step at once, and the second takes what the first has made") {
  Machine machine("  - {id: train, work: {outputs: {model: out/model}}}\n");

  const auto both = run_two(machine);

  CHECK(both.most_at_once == 1);
  REQUIRE(both.second.has_value());
  CHECK(both.second->run.status == lineage::RunStatus::passed);
  CHECK(machine.kind.ran() == Texts{"train"});
  CHECK(statuses(*both.second) == Texts{"train cached"});
}

TEST_CASE("what the first of two runs has not kept in the cache, the second takes from the journal, and keeps") {
  Machine machine("  - {id: train, work: {outputs: {model: out/model}}}\n");
  machine.cache.kept_steps.puts_to_lose = 1;

  const auto both = run_two(machine);
  const auto later = machine.run();

  REQUIRE(both.second.has_value());
  CHECK(statuses(*both.second) == Texts{"train cached"});
  CHECK(statuses(later) == Texts{"train cached"});
  CHECK(machine.kind.ran() == Texts{"train"});
}
