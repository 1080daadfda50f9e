/// \file  A model that is somebody's program.
#include <algorithm>
#include <atomic>

#include "base/text.h"
#include "model/choice.h"
#include "model/exec/deadlines.h"
#include "model/exec/program.h"
#include "model/exec/protocol.h"
#include "model/exec/session.h"
#include "model/exec/waiting.h"
#include "model/model.h"

namespace llmops::model {
namespace {

using exec::Hello;
using exec::Listener;
using exec::Reply;
using exec::Session;
using exec::Waiting;

constexpr std::int64_t kConcurrency = 8;
constexpr Duration kTimeout{120'000};
constexpr const char* kOutputIsForAnswers =
    "standard output is for answers, one JSON object a line; print everything else to standard error";
constexpr std::int64_t kHello = 0;  // queries are numbered from 1

std::string ended_text(const sys::ProcessEnd& end) {
  if (end.signal != 0) return "was ended by signal " + std::to_string(end.signal);
  return "ended with status " + std::to_string(end.status);
}

class Exec final : public Model {
 public:
  Exec(const ModelConfig& config, OpenContext& context)
      : system_(context.system),
        spec_(exec::spec_of(config, context)),
        redactor_(exec::redactor_of(config)),
        name_("the program `" + text::shorten(text::printable(text::join(config.command, " ")), 80) + "`"),
        timeout_(config.timeout.value_or(kTimeout)),
        concurrency_(config.concurrency.value_or(kConcurrency)),
        deadlines_(system_.clock, timeout_,
                   {[this](std::int64_t number) { return waiting_.contains(number); },
                    [this](std::int64_t number) { expire(number); }}) {}

  ~Exec() override {
    fail_all({interrupted()});
    replace_session(nullptr);
    retired_.clear();
  }

  /// Starts the program unless it runs.
  Result<std::shared_ptr<Session>> running();
  void ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) override;
  std::int64_t concurrency() const override { return concurrency_; }

 private:
  static Error interrupted() { return {ErrorKind::interrupted, "stopped before the program answered", {}, {}, {}}; }
  Listener listener();
  Listener::Then on_line(std::int64_t number, std::string_view line);
  Listener::Then on_reply(Reply reply);
  void on_end(const sys::ProcessEnd& end, const std::string& last_words);
  void expire(std::int64_t number);
  /// Nothing more can come of this program: every query fails with this error.
  void give_up(Error error);
  /// Fails the query, whose writing may be what takes so long.
  void abandon(std::int64_t number, QueryFailure failure);
  void fail(std::int64_t number, QueryFailure failure);
  void fail_all(const QueryFailure& failure);
  Result<Answer, QueryFailure> answer_of(Reply reply, const Waiting& waiting) const;
  void replace_session(std::shared_ptr<Session> next);
  std::shared_ptr<Session> session() const {
    const std::lock_guard lock(state_mutex_);
    return session_;
  }
  std::optional<Error> broken() const {
    const std::lock_guard lock(state_mutex_);
    return broken_;
  }

  sys::System& system_;
  const sys::ProcessSpec spec_;
  const Redactor redactor_;
  const std::string name_;
  const Duration timeout_;
  const std::int64_t concurrency_;

  exec::WaitingQueries waiting_;
  std::mutex start_mutex_;          // one start at a time; never held by a program's threads
  mutable std::mutex state_mutex_;  // of the four below
  std::shared_ptr<Session> session_;
  std::vector<std::shared_ptr<Session>> retired_;
  std::optional<Error> broken_;
  std::string reported_;
  std::atomic<bool> ended_ = false;
  std::atomic<int> ends_in_a_row_ = 0;  // without an answer between them
  exec::Deadlines deadlines_;
};

Listener Exec::listener() {
  return {[this](std::int64_t number, std::string_view line) { return on_line(number, line); },
          [this](std::int64_t number) {
            give_up(step_error(name_ + " wrote a line of more than 64 MiB: line " + std::to_string(number)));
          },
          [this](const sys::ProcessEnd& end, const std::string& last_words) { on_end(end, last_words); }};
}

Result<std::shared_ptr<Session>> Exec::running() {
  const std::lock_guard lock(start_mutex_);
  if (auto live = session(); live && !ended_) return live;
  ended_ = false;
  auto started = Session::start(system_, redactor_, spec_, listener());
  if (!started) return std::move(started).error();
  std::shared_ptr<Session> out = *std::move(started);
  replace_session(out);
  // A program that is gone already is told of by its end.
  (void)out->write(exec::hello_line(), kHello);
  return out;
}

/// The old one may still be telling of its end, even on this thread: it is put aside until it has.
void Exec::replace_session(std::shared_ptr<Session> next) {
  std::vector<std::shared_ptr<Session>> over;
  const std::lock_guard lock(state_mutex_);
  std::swap(session_, next);
  if (next) retired_.push_back(std::move(next));
  const auto gone = std::partition(retired_.begin(), retired_.end(), [](const auto& old) { return !old->over(); });
  std::move(gone, retired_.end(), std::back_inserter(over));
  retired_.erase(gone, retired_.end());
}

void Exec::ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) {
  if (auto error = broken()) return done(QueryFailure{*std::move(error), false, std::nullopt, Extent::all});
  auto session = running();
  if (!session) return done(QueryFailure{std::move(session).error(), false, std::nullopt, Extent::all});
  const auto number =
      waiting_.add({std::move(done), system_.clock.monotonic(), query.choices, !query.line.is_null(), nullptr});
  auto line = exec::query_line(std::to_string(number), query);
  if (!line) return fail(number, {std::move(line).error()});
  waiting_.hear(number, stop, [this, number] { abandon(number, {interrupted()}); });
  if (!waiting_.contains(number)) return;
  deadlines_.add(number);
  if (auto written = (*session)->write(*line, number); !written) {
    fail(number,
         {environment_error(name_ + " no longer reads its standard input", "it must read until the end of the file"),
          true});
  }
}

Listener::Then Exec::on_line(std::int64_t number, std::string_view line) {
  if (broken()) return Listener::Then::end_program;
  if (text::trim(line).empty()) return Listener::Then::go_on;
  auto read = exec::read_line(line);
  if (!read) {
    give_up(step_error(name_ + " wrote line " + std::to_string(number) + ", `" + redactor_.clean(line, 80) + "`, and " +
                           read.error().message,
                       read.error().hint.empty() ? kOutputIsForAnswers : read.error().hint));
    return Listener::Then::end_program;
  }
  if (auto* hello = std::get_if<Hello>(&*read)) {
    const std::lock_guard lock(state_mutex_);
    reported_ = text::printable(hello->name + (hello->version.empty() ? "" : " " + hello->version));
  } else {
    return on_reply(std::get<Reply>(*std::move(read)));
  }
  return Listener::Then::go_on;
}

Listener::Then Exec::on_reply(Reply reply) {
  const auto number = text::to_int(reply.id);
  if (!number || !waiting_.given(*number)) {
    give_up(step_error(name_ + " answered the id `" + redactor_.clean(reply.id, 40) + "`, which was not asked",
                       "a program answers each query under the very `id` that the query came with"));
    return Listener::Then::end_program;
  }
  auto waiting = waiting_.take(*number);
  if (!waiting) {
    system_.log.write(sys::Log::Level::warning,
                      name_ + " answered id `" + redactor_.clean(reply.id, 40) + "`, which nobody waits for any more");
    return Listener::Then::go_on;
  }
  ends_in_a_row_ = 0;
  waiting->done(answer_of(std::move(reply), *waiting));
  return Listener::Then::go_on;
}

Result<Answer, QueryFailure> Exec::answer_of(Reply reply, const Waiting& waiting) const {
  auto& wanted = waiting.scores ? reply.scored : reply.output;
  if (!wanted && (reply.output || reply.scored)) {
    return QueryFailure{step_error(name_ + " answered without " + (waiting.scores ? "`score` or `pass`" : "`output`"))};
  }
  if (!wanted) return QueryFailure{step_error(name_ + " said: " + redactor_.clean(reply.error, 300)), reply.retryable};
  if (!reply.unfit.empty()) return QueryFailure{step_error(name_ + " answered with " + reply.unfit)};
  Answer out;
  out.text = *std::move(wanted);
  out.finish_reason = reply.tool_calls.empty() ? "stop" : "tool_calls";
  if (!waiting.choices.empty()) {
    auto choice = choice_in(out.text, waiting.choices);
    if (!choice) {
      return QueryFailure{step_error(name_ + " answered `" + redactor_.clean(out.text, 80) + "`, expected one of the " +
                                     std::to_string(waiting.choices.size()) + " choices")};
    }
    out.text = *std::move(choice);
    out.finish_reason = "choice";
  }
  out.usage = reply.usage;
  out.latency = std::chrono::round<Duration>(system_.clock.monotonic() - waiting.since);
  out.cost = reply.cost;
  out.cost_told = reply.cost.has_value();
  out.spans = std::move(reply.spans);
  out.tool_calls = std::move(reply.tool_calls);
  out.mean_log_probability = reply.mean_log_probability;
  const std::lock_guard lock(state_mutex_);
  out.reported_model = reported_;
  return out;
}

void Exec::on_end(const sys::ProcessEnd& end, const std::string& last_words) {
  const bool again = ++ends_in_a_row_ > 1;
  auto waiting = waiting_.take_all();
  ended_ = true;  // from here on a query starts the program anew
  auto error = step_error(name_ + " " + ended_text(end) + " while " + std::to_string(waiting.size()) +
                              (waiting.size() == 1 ? " query" : " queries") + " waited for an answer",
                          last_words.empty() ? "run it by hand: it must answer lines until its standard input ends"
                                             : "its last words: " + text::shorten(last_words, 300));
  const QueryFailure failure{std::move(error), !again, std::nullopt, again ? Extent::unanswered : Extent::one};
  for (auto& query : waiting) query.done(failure);
}

void Exec::expire(std::int64_t number) {
  abandon(number,
          {step_error(name_ + " gave no answer within " + units::to_string(timeout_), "raise the model's `timeout`"),
           true});
}

void Exec::abandon(std::int64_t number, QueryFailure failure) {
  fail(number, std::move(failure));
  if (const auto live = session()) live->unblock(number);
}

void Exec::give_up(Error error) {
  const QueryFailure failure{std::move(error), false, std::nullopt, Extent::all};
  {
    const std::lock_guard lock(state_mutex_);
    if (broken_) return;
    broken_ = failure.error;
  }
  fail_all(failure);
}

void Exec::fail(std::int64_t number, QueryFailure failure) {
  if (auto waiting = waiting_.take(number)) waiting->done(std::move(failure));
}

void Exec::fail_all(const QueryFailure& failure) {
  for (auto& waiting : waiting_.take_all()) waiting.done(failure);
}

}  // namespace

Result<std::unique_ptr<Model>> open_exec(const ModelConfig& config, OpenContext& context) {
  if (config.command.empty() || config.command.front().empty()) {
    return invalid_error("provider `exec` needs `command`, a program and its arguments");
  }
  auto out = std::make_unique<Exec>(config, context);
  TRY(auto started, out->running());
  return std::unique_ptr<Model>(std::move(out));
}

}  // namespace llmops::model
