#include "model/ask_run.h"

#include <algorithm>

#include "model/backoff.h"
#include "model/provider.h"

namespace llmops::model {
namespace {

Error not_in_cache(const AskedModel& model) {
  return environment_error("the answer of model `" + model.name + "` is not in the cache (--offline)",
                           "run once without `--offline`");
}

Error unknown_price(const AskedModel& model) {
  return invalid_error("a budget in USD can't be kept: the price of model `" + model.name + "` (`" +
                           model.config.model + "`) is not known",
                       {}, "give it a `price: {input: …, output: …}`, in USD per million tokens");
}

Error unknown_tokens(const AskedModel& model) {
  return invalid_error(
      "the budget can't be kept: model `" + model.name + "` does not tell how many tokens its answers take", {},
      "limit its `queries` or `minutes` instead");
}

bool counts_usd(const std::array<Budget*, 2>& budgets) {
  return std::any_of(budgets.begin(), budgets.end(),
                     [](const Budget* budget) { return budget != nullptr && budget->limits().usd; });
}

/// Whether what was sent and not answered takes nothing, instead of an amount that nobody knows.
bool tells_cost(const Pricing& pricing) { return cost_of(pricing, {0, 0}, Duration{0}).has_value(); }

}  // namespace

AskRun::AskRun(AskShared& shared, const AskLimits& limits, const Next& next, const OnAnswer& on_answer, StopToken stop)
    : shared_(shared),
      limits_(limits),
      next_(next),
      on_answer_(on_answer),
      stop_(std::move(stop)),
      own_budget_(limits.budget, Budget::Owner::asking, shared.system.clock.monotonic()),
      budgets_{limits.budget.any() ? &own_budget_ : nullptr, limits.shared} {}

AskEnd AskRun::run() {
  const std::stop_callback hear(stop_, [inbox = inbox_] { inbox->nudge(); });
  while (!stop_.stop_requested() && !fatal_) {
    take_arrivals();
    wake_alarms();
    end_in_time();
    pull();
    dispatch();
    if (flights_.empty() && exhausted_) break;
    // Without flights the budget has just ended: there may be more to pull.
    if (!flights_.empty() && !stop_.stop_requested() && !fatal_) wait();
  }
  drain();
  return {totals_, error()};
}

void AskRun::pull() {
  while (!exhausted_ && !fatal_ && !stop_.stop_requested() && may_hold_more()) {
    auto ask = next_();
    if (!ask) {
      exhausted_ = true;
      return;
    }
    take(*std::move(ask));
    take_arrivals();
  }
}

bool AskRun::may_hold_more() const {
  std::int64_t at_once = 0;
  for (const auto& [model, line] : lines_) at_once += line.opened != nullptr ? line.opened->most_at_once() : 0;
  if (limits_.concurrency) at_once = std::min(at_once, *limits_.concurrency);
  return static_cast<std::int64_t>(flights_.size()) + same_waiting_ < 2 * std::max<std::int64_t>(at_once, 1);
}

void AskRun::take(Ask ask) {
  auto& line = line_of(*ask.model);
  const auto& model = *ask.model;
  if (model.config.parameters != Parameters{}) {
    ask.query.parameters = merge(model.config.parameters, ask.query.parameters);
  }
  std::optional<Digest> key;
  if (model.cacheable) {
    key = query_key(model.identity, ask.query, draw_of(model.config, ask.query));
    if (shared_.mode != CacheMode::refresh && deliver_kept(line, ask, *key)) return;
  }
  if (shared_.mode == CacheMode::only && needs_network(model.config))
    return deliver_error(ask.tag, not_in_cache(model), 0);
  if (line.given_up) return deliver_error(ask.tag, *line.given_up, 0);
  if (totals_.budget_end || (key && join_same(ask, *key)) || !open(line)) return;
  const auto number = ++last_number_;
  if (key) by_key_.emplace(*key, number);
  flights_.emplace(number,
                   Flight{&line, ask.tag, std::move(ask.query), key, {}, Flight::State::ready, 0, std::nullopt, {}});
  line.ready.push_back(number);
}

AskRun::Line& AskRun::line_of(const AskedModel& model) {
  const auto [found, is_new] = lines_.try_emplace(&model);
  if (is_new) {
    found->second.model = &model;
    found->second.pricing = pricing_of(model.config);
  }
  return found->second;
}

bool AskRun::deliver_kept(const Line& line, const Ask& ask, const Digest& key) {
  auto bytes = shared_.answers.get(key);
  if (!bytes) {
    warn_once(bytes.error());
    return false;
  }
  if (!*bytes) return false;
  auto answer = answer_from_bytes(**bytes);
  if (!answer) return false;
  put_cost(line.pricing, *answer);
  ++totals_.cached;
  tell({ask.tag, *std::move(answer), std::nullopt, true, 0});
  return true;
}

bool AskRun::join_same(const Ask& ask, const Digest& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  flights_.at(found->second).same.push_back(ask.tag);
  ++same_waiting_;
  return true;
}

bool AskRun::open(Line& line) {
  if (line.opened != nullptr) return true;
  const auto& model = *line.model;
  if (counts_usd(budgets_) && provider_of(model.config).is_billed && !tells_cost(line.pricing)) {
    fatal_ = unknown_price(model);
    return false;
  }
  auto opened = shared_.models.open(model);
  if (!opened) {
    fatal_ = std::move(opened).error();
    return false;
  }
  line.opened = *opened;
  return true;
}

void AskRun::take_arrivals() {
  for (auto& arrival : inbox_->take()) {
    --on_their_way_;
    auto& flight = flights_.at(arrival.flight);
    --flight.line->on_their_way;
    if (arrival.result) {
      auto answer = *std::move(arrival.result);
      answer.busy = arrival.busy;
      put_cost(flight.line->pricing, answer);
      count_spent(flight, answer);
      succeed(arrival.flight, flight, std::move(answer));
    } else {
      for (std::size_t i = 0; i < budgets_.size(); ++i) {
        if (budgets_[i] != nullptr) budgets_[i]->settle(flight.line->model->identity, flight.rooms[i]);
      }
      fail(arrival.flight, flight, std::move(arrival.result).error());
    }
  }
}

void AskRun::count_spent(const Flight& flight, const Answer& answer) {
  auto& line = *flight.line;
  const auto& usage = answer.usage;
  Spent spent{answer.cost, std::nullopt};
  if (usage.input_tokens || usage.output_tokens) {
    spent.tokens = usage.input_tokens.value_or(0) + usage.output_tokens.value_or(0);
    line.told_tokens = true;
  }
  const bool billed = provider_of(line.model->config).is_billed;
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    if (budgets_[i] == nullptr) continue;
    budgets_[i]->settle(line.model->identity, flight.rooms[i], spent);
    const auto& limits = budgets_[i]->limits();
    const bool blind = (limits.tokens && !spent.tokens) || (limits.usd && billed && !spent.cost);
    if (blind && !line.told_tokens && !fatal_) fatal_ = unknown_tokens(*line.model);
  }
}

void AskRun::succeed(std::uint64_t number, Flight& flight, Answer answer) {
  flight.line->failures_of_all = 0;
  flight.line->opened->note_answer();
  if (!answer.cost) totals_.cost.reset();
  if (totals_.cost) totals_.cost->value += answer.cost->value;
  const auto add = [](std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
    if (more) sum = sum.value_or(0) + *more;
  };
  add(totals_.usage.input_tokens, answer.usage.input_tokens);
  add(totals_.usage.output_tokens, answer.usage.output_tokens);
  if (flight.key) keep(*flight.key, answer);
  Asked asked{flight.tag, std::move(answer), std::nullopt, false, flight.retries};
  tell(asked);
  asked.cached = true;
  asked.retries = 0;
  for (const auto tag : flight.same) {
    ++totals_.cached;
    asked.tag = tag;
    tell(asked);
  }
  drop(number, flight);
}

/// An answer may bring more to ask.
void AskRun::tell(const Asked& asked) {
  on_answer_(asked);
  exhausted_ = false;
}

void AskRun::keep(const Digest& key, const Answer& answer) {
  if (auto put = shared_.answers.put(key, to_bytes(answer)); !put) warn_once(put.error());
}

void AskRun::fail(std::uint64_t number, Flight& flight, QueryFailure failure) {
  // It was sent, and only an answer tells what an unpriced model takes.
  if (!tells_cost(flight.line->pricing)) totals_.cost.reset();
  if (stop_.stop_requested()) {
    interrupted_ = true;
    return drop(number, flight);
  }
  if (retry(number, flight, failure)) return;
  auto& line = *flight.line;
  finish_with(number, flight, failure.error);
  note_failure(line, failure);
}

void AskRun::note_failure(Line& line, const QueryFailure& failure) {
  line.failures_of_all = failure.extent == Extent::one ? 0 : line.failures_of_all + 1;
  if (line.given_up || line.failures_of_all < limits_.give_up_after) return;
  if (failure.extent == Extent::all || !line.opened->answered()) give_up(line, failure.error);
}

bool AskRun::retry(std::uint64_t number, Flight& flight, const QueryFailure& failure) {
  auto& line = *flight.line;
  const auto& config = line.model->config.retry;
  if (!failure.retryable || flight.retries >= config.times || line.given_up || totals_.budget_end || fatal_)
    return false;
  if (failure.retry_after.value_or(Duration{0}) > kLongestWait) return false;
  // The server is gone for now: each query that is left finds out at once whether it is back.
  if (failure.extent != Extent::one && line.failures_of_all >= limits_.give_up_after) return false;
  const auto now = shared_.system.clock.monotonic();
  const auto random = shared_.system.clock.random();
  auto wait = wait_before_retry(config, flight.retries, random);
  if (failure.retry_after) wait = spread(*failure.retry_after, random);
  ++flight.retries;
  ++totals_.retries;
  flight.last_error = failure.error;
  flight.state = Flight::State::waiting;
  alarms_.push({now + wait, number});
  return true;
}

void AskRun::finish_with(std::uint64_t number, Flight& flight, const Error& error) {
  deliver_error(flight.tag, error, flight.retries);
  for (const auto tag : flight.same) deliver_error(tag, error, 0);
  drop(number, flight);
}

void AskRun::deliver_error(std::size_t tag, const Error& error, int retries) {
  ++totals_.errors;
  tell({tag, std::nullopt, error, false, retries});
}

void AskRun::drop(std::uint64_t number, Flight& flight) {
  same_waiting_ -= static_cast<std::int64_t>(flight.same.size());
  if (flight.key) by_key_.erase(*flight.key);
  flights_.erase(number);
}

void AskRun::give_up(Line& line, const Error& error) {
  line.given_up = error;
  line.ready.clear();
  std::vector<std::uint64_t> left;
  for (const auto& [number, flight] : flights_) {
    if (flight.line == &line && flight.state != Flight::State::on_its_way) left.push_back(number);
  }
  for (const auto number : left) finish_with(number, flights_.at(number), error);
}

void AskRun::warn_once(const Error& error) {
  if (std::exchange(warned_, true)) return;
  shared_.system.log.write(sys::Log::Level::warning, "the cache of answers can't be used: " + error.message);
}

/// What is on its way is awaited, so that no answer is paid for and lost.
void AskRun::drain() {
  while (on_their_way_ > 0) {
    inbox_->wait(std::nullopt);
    take_arrivals();
  }
  if (auto flushed = shared_.answers.flush(); !flushed) warn_once(flushed.error());
}

std::optional<Error> AskRun::error() const {
  if (stop_.stop_requested() && (interrupted_ || !exhausted_ || !flights_.empty())) {
    return Error{ErrorKind::interrupted,
                 "stopped before every query was answered",
                 {},
                 "what was answered is kept: run it again to go on",
                 {}};
  }
  return fatal_;
}

}  // namespace llmops::model
