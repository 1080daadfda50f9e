#include "exec/step_runner.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "exec/step_context.h"

namespace llmops::exec {
namespace {

/// Asks to stop when the run does, or when time is up.
class Deadline {
 public:
  Deadline(StopToken outer, std::optional<Duration> limit)
      : heard_(std::move(outer), [this] { source_.request_stop(); }) {
    if (limit) timer_ = std::jthread([this, limit = *limit](const StopToken& over) { wait(over, limit); });
  }
  StopToken token() const { return source_.get_token(); }
  bool passed() const { return passed_; }

 private:
  void wait(const StopToken& over, Duration limit) {
    std::unique_lock lock(mutex_);
    const bool ended = changed_.wait_for(lock, over, limit, [&] { return over.stop_requested(); });
    if (ended) return;
    passed_ = true;
    source_.request_stop();
  }

  StopSource source_;
  std::stop_callback<std::function<void()>> heard_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::atomic<bool> passed_ = false;
  std::jthread timer_;
};

step::Outcome outcome_of(Error error) {
  step::Outcome outcome;
  outcome.status = error.kind == ErrorKind::step ? step::Status::failed : step::Status::error;
  outcome.reason = error.message;
  outcome.error = std::move(error);
  outcome.cacheable = false;
  return outcome;
}

/// What earlier tries sent was sent too.
void add_what_was_sent(const step::Outcome& before, step::Outcome& outcome) {
  outcome.queries.asked += before.queries.asked;
  outcome.queries.retries += before.queries.retries;
  outcome.cost =
      outcome.cost && before.cost ? std::optional(Usd{outcome.cost->value + before.cost->value}) : std::nullopt;
}

bool is_git_local(const std::string& name) {
  static constexpr std::string_view kLocal[] = {"GIT_DIR",
                                                "GIT_WORK_TREE",
                                                "GIT_INDEX_FILE",
                                                "GIT_COMMON_DIR",
                                                "GIT_PREFIX",
                                                "GIT_OBJECT_DIRECTORY",
                                                "GIT_NAMESPACE",
                                                "GIT_GRAFT_FILE",
                                                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                "GIT_CONFIG",
                                                "GIT_CONFIG_PARAMETERS",
                                                "GIT_CONFIG_COUNT",
                                                "GIT_SHALLOW_FILE",
                                                "GIT_IMPLICIT_WORK_TREE",
                                                "GIT_INTERNAL_SUPER_PREFIX",
                                                "GIT_NO_REPLACE_OBJECTS",
                                                "GIT_REPLACE_REF_BASE"};
  for (const auto local : kLocal) {
    if (name == local) return true;
  }
  return false;
}

class Runner {
 public:
  Runner(Services& services, model::Asker& asker, const StepWork& work, StopToken stop,
         const std::function<void(step::StepEvent)>& emit)
      : services_(services), asker_(asker), work_(work), stop_(std::move(stop)), emit_(emit) {}

  step::Outcome run() {
    const auto tries = 1 + work_.step->retry.times;
    auto wait = work_.step->retry.backoff;
    step::Outcome before;
    for (std::int64_t number = 1;; ++number) {
      auto outcome = attempt();
      add_what_was_sent(before, outcome);
      const bool again = number < tries && !stop_.stop_requested() &&
                         (outcome.status == step::Status::failed || outcome.status == step::Status::error) &&
                         outcome.gate.is_null();
      if (!again) return outcome;
      before = outcome;
      emit_(step::Note{"try " + std::to_string(number) + " of " + std::to_string(tries) + " failed: " + outcome.reason +
                       "; trying again in " + units::to_string(wait)});
      services_.system.clock.sleep(wait, stop_);
      wait *= 2;
    }
  }

 private:
  step::Outcome attempt() {
    const auto began = services_.system.clock.monotonic();
    const auto timed = [&](step::Outcome outcome) {
      outcome.duration = std::chrono::duration_cast<Duration>(services_.system.clock.monotonic() - began);
      return outcome;
    };
    auto setup = set_up();
    if (!setup) return timed(outcome_of(std::move(setup).error().front()));
    Deadline deadline(stop_, work_.step->timeout);
    setup->stop = deadline.token();
    StepContext context(services_, asker_, *std::move(setup));
    auto outcome = guarded(context);
    if (!outcome) {
      auto error = std::move(outcome).error();
      // The program's own limit is the same, and may be a moment earlier.
      const auto took = services_.system.clock.monotonic() - began;
      if (deadline.passed() || (work_.step->timeout && took >= *work_.step->timeout)) {
        error = step_error("`" + work_.step->id + "` did not end within " + units::to_string(*work_.step->timeout),
                           "give it a longer `timeout`");
      }
      outcome = outcome_of(std::move(error));
    }
    outcome->queries = context.queries();
    outcome->cost = context.cost();
    return timed(*std::move(outcome));
  }

  Result<step::Outcome> guarded(StepContext& context) const {
    try {
      return work_.step->kind->run(context);
    } catch (const std::exception& thrown) {
      return Error{ErrorKind::bug, std::string("the step kind threw: ") + thrown.what(), work_.step->at, {}, {}};
    }
  }

  Result<StepSetup, Errors> set_up() const {
    StepSetup setup;
    setup.id = work_.step->id;
    setup.run_id = work_.run_id;
    setup.environment = work_.environment;
    setup.recipe_path = work_.recipe_path;
    TRY(setup.config, recipe::config_now(*work_.step, work_.scope));
    setup.inputs = work_.inputs;
    for (const auto& [name, value] : services_.system.env.all()) {
      if (!is_git_local(name)) setup.env[name] = value;
    }
    setup.env["LLMOPS_RUN_ID"] = work_.run_id;
    setup.env["LLMOPS_STEP"] = work_.step->id;
    setup.env["LLMOPS_ENVIRONMENT"] = work_.environment;
    for (const auto& [name, value] : work_.step->env) {
      TRY(const auto known, recipe::resolve(value, work_.scope));
      setup.env[name] = known.node.text();
    }
    setup.timeout = work_.step->timeout;
    setup.budget = work_.budget;
    setup.log_file = work_.log_file;
    setup.emit = emit_;
    return setup;
  }

  Services& services_;
  model::Asker& asker_;
  const StepWork& work_;
  StopToken stop_;
  const std::function<void(step::StepEvent)>& emit_;
};

}  // namespace

step::Outcome run_step(Services& services, model::Asker& asker, const StepWork& work, StopToken stop,
                       const std::function<void(step::StepEvent)>& emit) {
  return Runner(services, asker, work, std::move(stop), emit).run();
}

}  // namespace llmops::exec
