#include "exec/executor.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "base/text.h"
#include "doc/yaml.h"
#include "exec/inputs.h"
#include "exec/journal.h"
#include "exec/memory.h"
#include "exec/pinned.h"
#include "exec/run_record.h"
#include "exec/step_lock.h"
#include "exec/step_runner.h"
#include "exec/unchanged.h"
#include "exec/worker_pool.h"
#include "sys/hash.h"

namespace llmops::exec {
namespace {

/// A step that took this long is kept at once.
constexpr Duration kLongStep{100};

/// A name that can be a file's.
std::string file_name(const std::string& id) {
  std::string out;
  for (const char c : id) out += c == '/' || c == '\0' ? '_' : c;
  return out;
}

class Executor {
 public:
  Executor(Services& services, plan::Plan plan, const recipe::Scope& base, const RunOptions& options, StopToken stop,
           const Listener& listener)
      : services_(services),
        plan_(std::move(plan)),
        base_(base),
        options_(options),
        stop_(std::move(stop)),
        listener_(listener),
        memory_(services, plan_.recipe->name, plan_.recipe->environment),
        journal_(services.system.files, services.state_folder()),
        times_(plan_.steps.size()) {}

  Result<RunResult, Errors> run() {
    services_.secrets.heed(stop_);
    result_.run.id = sys::new_id(services_.system.clock);
    result_.run.started = services_.system.clock.now();
    auto head = services_.repository.head();  // Whatever is committed or checked out meanwhile.
    if (!head) return Errors{std::move(head).error()};
    result_.run.commit = std::move(head->commit);
    result_.run.branch = std::move(head->branch);
    if (auto failed = take_cached()) return Errors{*std::move(failed)};
    if (!to_run_.empty()) {
      if (auto failed = begin()) return Errors{*std::move(failed)};
      tell(RunStarted{result_.run.id, plan_.recipe->name, plan_.recipe->environment, plan_.steps.size(),
                      to_run_.size()});
      work();
    }
    return finish();
  }

 private:
  using Found = std::pair<std::size_t, step::Outcome>;

  /// Everything that is up to date, as far as that can be followed without running anything.
  std::optional<Error> take_cached() {
    const store::ManyReads many(services_.cache);
    std::deque<std::size_t> ready;
    for (const auto index : plan::ready(plan_)) ready.push_back(index);
    while (!ready.empty()) {
      const auto index = ready.front();
      ready.pop_front();
      auto found = options_.reuse == Reuse::no ? Result<Lookup>(Lookup{std::nullopt, "asked for by `--force`"})
                                               : look_up(services_, plan_.steps[index]);
      if (!found) return std::move(found).error();
      if (!found->outcome) {
        to_run_.push_back(index);
        if (!found->reason.empty()) reasons_[index] = std::move(found->reason);
        continue;
      }
      for (const auto next : advance(index, *std::move(found->outcome))) ready.push_back(next);
    }
    return std::nullopt;
  }

  std::vector<std::size_t> advance(std::size_t index, step::Outcome outcome) {
    const std::lock_guard lock(plan_mutex_);
    return plan::advance(plan_, base_, index, std::move(outcome));
  }

  /// Before anything runs: what must be written can be.
  std::optional<Error> begin() {
    if (auto started = services_.system.process.start_supervisor(); !started) return std::move(started).error();
    if (auto writable = services_.cache.writable(); !writable) return std::move(writable).error();
    auto left = journal_.unfinished(plan_.recipe->name, plan_.recipe->environment);
    if (!left) return std::move(left).error();
    unfinished_ = *std::move(left);
    if (auto began = journal_.begin(result_.run.id, plan_.recipe->name, plan_.recipe->environment); !began) {
      return std::move(began).error();
    }
    auto changed = services_.repository.changed_paths();
    if (!changed) return std::move(changed).error();
    if (!changed->empty()) {
      auto tree = services_.repository.snapshot_work_tree();
      if (!tree) return std::move(tree).error();
      result_.run.dirty = true;
      result_.run.dirty_tree = *std::move(tree);
    }
    if (unfinished_) tell(Said{"taking up run " + unfinished_->run + ", which was interrupted"});
    return std::nullopt;
  }

  void work() {
    const auto mode = options_.reuse == Reuse::no              ? model::CacheMode::refresh
                      : options_.network == Network::forbidden ? model::CacheMode::only
                                                               : model::CacheMode::use;
    asker_ = std::make_unique<model::Asker>(
        model::OpenContext{services_.system, services_.repository.root(), services_.models_folder},
        services_.cache.answers(), mode);
    workers_ = std::make_unique<WorkerPool>(options_.jobs);
    std::deque<std::size_t> waiting(to_run_.begin(), to_run_.end());
    std::size_t running = 0;
    while (true) {
      while (!waiting.empty() && running < options_.jobs && may_start()) {
        const auto index = waiting.front();
        waiting.pop_front();
        if (auto known = settled_without_running(index)) {
          for (const auto next : settle(index, *std::move(known))) waiting.push_back(next);
        } else {
          start(index);
          ++running;
        }
      }
      if (running == 0) break;
      auto [index, outcome] = next_done();
      --running;
      for (const auto next : settle(index, std::move(outcome))) waiting.push_back(next);
    }
    for (const auto index : waiting) give_up_on(index);
    workers_.reset();
    asker_.reset();
  }

  bool may_start() const {
    return !stop_.stop_requested() && (!failed_ || options_.on_failure == OnFailure::keep_going);
  }

  /// What became ready on the way may be up to date, or have been done by the run that was interrupted.
  std::optional<step::Outcome> settled_without_running(std::size_t index) {
    const auto& planned = plan_.steps[index];
    if (options_.reuse == Reuse::no) return std::nullopt;
    if (unfinished_ && planned.key) {
      const auto done = unfinished_->done.find(planned.id);
      if (done != unfinished_->done.end() && done->second.key == planned.key->hex()) {
        auto outcome = done->second.outcome;
        outcome.reason = "done by the interrupted run " + done->second.run;
        if (auto taken = take_over(planned, std::move(outcome))) return taken;
      }
    }
    auto found = look_up(services_, planned);
    if (!found) return outcome_of(std::move(found).error());
    if (!found->reason.empty()) reasons_[index] = std::move(found->reason);
    return std::move(found->outcome);
  }

  void start(std::size_t index) {
    const auto& planned = plan_.steps[index];
    const auto& step = plan_.recipe->steps[index];
    times_[index].began = services_.system.clock.now();
    const auto reason = reasons_.contains(index)      ? reasons_[index]
                        : options_.reuse == Reuse::no ? "asked for by `--force`"
                                                      : reason_to_run(memory_, planned);
    tell(StepStarted{planned.id, std::string(step.kind->name()), reason, times_[index].began});
    workers_->hand([this, index, &step] {
      auto outcome = perform(index, step);
      const std::lock_guard lock(done_mutex_);
      done_.emplace_back(index, std::move(outcome));
      done_changed_.notify_one();
    });
  }

  /// On a worker thread.
  step::Outcome perform(std::size_t index, const recipe::Step& step) {
    auto lock = lock_step(services_, *plan_.recipe, step.id, stop_,
                          [&] { tell(Said{"waiting for another run that is at `" + step.id + "`"}); });
    if (!lock) return outcome_of(std::move(lock).error());
    auto declared = declared_by_now(step);
    if (!declared) return outcome_of(std::move(declared).error());
    auto places = lock_outputs(services_, *plan_.recipe, *declared, stop_, [&](const std::string& path) {
      tell(Said{"`" + step.id + "` waits for another run that makes `" + path + "`"});
    });
    if (!places) return outcome_of(std::move(places).error());
    if (options_.reuse == Reuse::yes) {
      if (auto done = done_meanwhile(plan_.steps[index], lock->waited)) return *std::move(done);
    }
    StepWork work;
    work.step = &step;
    work.run_id = result_.run.id;
    work.environment = plan_.recipe->environment;
    work.recipe_path = plan_.recipe->path;
    work.log_file = journal_.run_folder() / (file_name(step.id) + ".log");
    auto failed = prepare(work);
    auto outcome =
        failed ? outcome_of(*std::move(failed)) : run_step(services_, *asker_, work, stop_, [&](step::StepEvent event) {
          if (auto* note = std::get_if<step::Note>(&event)) note->text = services_.secrets.mask(std::move(note->text));
          tell(StepTold{step.id, std::move(event)});
        });
    if (outcome.passed()) {
      const std::lock_guard guard(plan_mutex_);
      auto same = check_unchanged(services_, plan_, step, work.scope, Reads::by_programs);
      if (!same) outcome = with_what_was_sent(outcome_of(std::move(same).error()), outcome);
    }
    outcome = services_.secrets.mask(std::move(outcome));
    keep(plan_.steps[index], outcome);  // Before the lock goes: whoever waited for it must find the outcome.
    return outcome;
  }

  /// With names and paths that steps before it yield.
  Result<step::Declared> declared_by_now(const recipe::Step& step) {
    const std::lock_guard guard(plan_mutex_);
    return recipe::declared_now(step, plan::scope_of(plan_, base_, step));
  }

  /// Its scope and its inputs, with bytes brought that are not on this machine yet.
  std::optional<Error> prepare(StepWork& work) {
    const auto& step = *work.step;
    std::vector<PinnedBytes> missing;
    {
      const std::lock_guard guard(plan_mutex_);
      work.scope = run_scope(services_, plan_, step, result_.run.id, base_);
      if (auto wrong = recipe::check_now(*plan_.recipe, step, work.scope); !wrong.empty()) return wrong.front();
      auto found = missing_bytes(services_, *plan_.recipe, step, work.scope);
      if (!found) return std::move(found).error().front();
      missing = *std::move(found);
    }
    for (const auto& wanted : missing) {
      auto brought = bring(services_, wanted, options_.network, stop_, [&](Bytes done, std::optional<Bytes>) {
        step::Progress progress;
        progress.done = static_cast<std::int64_t>(done.value);
        progress.unit = "bytes";
        tell(StepTold{step.id, progress});
      });
      if (!brought) return std::move(brought).error();
    }
    const std::lock_guard guard(plan_mutex_);
    auto inputs = inputs_of(services_, plan_, step, work.scope);
    if (!inputs) return std::move(inputs).error().front();
    if (auto same = check_unchanged(services_, plan_, step, work.scope, Reads::all); !same) return same.error();
    work.inputs = *std::move(inputs);
    work.scope.outcomes = &work.inputs.steps;  // The plan's own map changes while this step runs.
    work.budget = options_.budget;
    return std::nullopt;
  }

  static step::Outcome outcome_of(Error error) {
    step::Outcome outcome;
    outcome.status = step::Status::error;
    outcome.reason = error.message;
    outcome.error = std::move(error);
    outcome.cacheable = false;
    return outcome;
  }

  /// Another run may have done it while this one waited. What that run's batch of cache entries still holds back is in
  /// its journal.
  std::optional<step::Outcome> done_meanwhile(const plan::PlannedStep& planned, bool waited) {
    auto found = look_up(services_, planned);
    if (!found) return outcome_of(std::move(found).error());
    if (found->outcome) return std::move(found->outcome);
    if (!waited || planned.always_runs || !planned.key) return std::nullopt;
    auto done = journal_.done(planned.id, planned.key->hex());
    return done && *done ? take_over(planned, reused(**std::move(done))) : std::nullopt;
  }

  /// What another run's journal says of a step becomes this run's too: that one may have ended before its batch of
  /// cache entries was written, and this one may have to be taken up.
  std::optional<step::Outcome> take_over(const plan::PlannedStep& planned, step::Outcome outcome) {
    if (!outcome.passed()) return std::nullopt;
    const auto missing = missing_output(services_, outcome);
    if (!missing) return outcome_of(missing.error());
    if (!missing->empty()) return std::nullopt;
    outcome.status = step::Status::ran;
    keep(planned, outcome);
    if (outcome.status == step::Status::ran) outcome.status = step::Status::cached;
    return outcome;
  }

  Found next_done() {
    std::unique_lock lock(done_mutex_);
    done_changed_.wait(lock, [&] { return !done_.empty(); });
    auto found = std::move(done_.front());
    done_.pop_front();
    return found;
  }

  std::vector<std::size_t> settle(std::size_t index, step::Outcome outcome) {
    const auto& planned = plan_.steps[index];
    times_[index].ended = services_.system.clock.now();
    failed_ = failed_ || !outcome.lets_go_on();
    memory_.set(planned.id, planned.parts);
    memory_.note_latencies(planned.id, outcome);
    tell(StepEnded{planned.id, std::string(plan_.recipe->steps[index].kind->name()), outcome});
    return advance(index, std::move(outcome));
  }

  /// A passed step is kept before anything rests on it.
  void keep(const plan::PlannedStep& planned, step::Outcome& outcome) {
    if (outcome.status != step::Status::ran) return;
    Result<void> kept;
    if (outcome.cacheable && !planned.always_runs && planned.key) {
      kept = services_.cache.steps().put(*planned.key, doc::pack(step::to_node(outcome)));
      // Short steps are kept by the batch; until then the journal has them.
      if (kept && outcome.duration >= kLongStep) kept = services_.cache.flush();
    }
    if (kept) kept = journal_.step_done(planned.id, planned.key ? planned.key->hex() : std::string(), outcome);
    if (kept) return;
    outcome = with_what_was_sent(outcome_of(std::move(kept).error()), outcome);
  }

  static step::Outcome with_what_was_sent(step::Outcome outcome, const step::Outcome& sent) {
    outcome.queries = sent.queries;
    outcome.cost = sent.cost;
    outcome.duration = sent.duration;
    return outcome;
  }

  void give_up_on(std::size_t index) {
    if (plan_.steps[index].state == plan::State::done) return;
    step::Outcome outcome;
    outcome.status = step::Status::skipped;
    outcome.blocks = true;
    outcome.reason = stop_.stop_requested() ? "the run was stopped" : "an earlier step did not pass";
    for (const auto next : advance(index, std::move(outcome))) give_up_on(next);
  }

  Result<RunResult, Errors> finish() {
    auto& run = result_.run;
    run.finished = services_.system.clock.now();
    result_.ran = !to_run_.empty();
    describe(plan_, options_, times_, run);
    run.status = stop_.stop_requested() ? lineage::RunStatus::interrupted : lineage::status_of(run.steps);
    if (auto saved = memory_.save(); !saved) return Errors{std::move(saved).error()};
    if (result_.ran) tell_what_moved();
    const bool whole = run.status != lineage::RunStatus::interrupted;
    if (whole) {
      auto written = record_run(services_, plan_, run, result_.ran);
      if (!written) return Errors{std::move(written).error()};
      if (!written->said.empty()) tell(Said{std::move(written->said)});
      result_.record = written->is_new ? run.id : std::string();
      if (written->is_new && !result_.ran) remember_foreign();
    }
    // What the cache does not have yet, the journal has: a run that it calls finished is not taken up.
    if (auto flushed = services_.cache.flush(); !flushed) return Errors{std::move(flushed).error()};
    if (whole && result_.ran) TRY_VOID(journal_.finish(std::string(to_string(run.status))));
    tell(RunEnded{&run, !result_.record.empty()});
    return std::move(result_);
  }

  /// The record is of what the run began on.
  void tell_what_moved() {
    const auto& run = result_.run;
    const auto head = services_.repository.head();
    if (head && (head->commit != run.commit || head->branch != run.branch)) {
      const auto shown = [](const std::string& commit, const std::string& branch) {
        return commit.substr(0, 10) + (branch.empty() ? std::string() : " (" + branch + ")");
      };
      tell(Said{"HEAD moved to " + shown(head->commit, head->branch) + " while the run went on; it began on " +
                shown(run.commit, run.branch) + ", and is recorded there"});
    }
    for (const auto& [path, blob] : plan_.identities.files) {
      const auto now = services_.source.tracked(path);
      if (now && *now && (*now)->git_blob == blob) continue;
      tell(Said{"`" + path + "` changed while the run went on; the record is of what it was before"});
    }
  }

  /// A fresh clone of a repository whose results are here already: the next `plan` can say what changed. Where that
  /// can't be written, it says less.
  void remember_foreign() {
    for (const auto& planned : plan_.steps) {
      if (planned.key) memory_.set(planned.id, planned.parts);
    }
    static_cast<void>(memory_.save().has_value());
  }

  void tell(const Event& event) {
    const std::lock_guard lock(tell_mutex_);
    if (listener_) listener_(event);
  }

  Services& services_;
  plan::Plan plan_;
  const recipe::Scope& base_;
  const RunOptions& options_;
  StopToken stop_;
  const Listener& listener_;
  Memory memory_;
  Journal journal_;
  RunResult result_;
  std::vector<std::size_t> to_run_;
  std::map<std::size_t, std::string> reasons_;
  std::optional<Unfinished> unfinished_;
  std::unique_ptr<model::Asker> asker_;
  std::vector<StepTimes> times_;
  bool failed_ = false;
  std::mutex plan_mutex_, done_mutex_, tell_mutex_;
  std::condition_variable done_changed_;
  std::deque<Found> done_;
  std::unique_ptr<WorkerPool> workers_;  // Last: it ends before what it uses goes.
};

}  // namespace

Result<RunResult, Errors> run(Services& services, plan::Plan plan, const recipe::Scope& base, const RunOptions& options,
                              StopToken stop, const Listener& listener) {
  return Executor(services, std::move(plan), base, options, std::move(stop), listener).run();
}

}  // namespace llmops::exec
