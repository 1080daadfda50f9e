/// \file  Sending, within the bounds of places, budget and patience.
#include <algorithm>

#include "model/ask_run.h"

namespace llmops::model {

void AskRun::wake_alarms() {
  const auto now = shared_.system.clock.monotonic();
  while (!alarms_.empty() && alarms_.top().at <= now) {
    const auto number = alarms_.top().flight;
    alarms_.pop();
    const auto found = flights_.find(number);
    if (found == flights_.end()) continue;
    found->second.state = Flight::State::ready;
    found->second.line->ready.push_front(number);
  }
}

void AskRun::dispatch() {
  for (auto& [model, line] : lines_) {
    bool sent = false;
    while (dispatch_one(line)) sent = true;
    if (sent) line.opened->model().flush();
  }
}

/// False where this line must wait.
bool AskRun::dispatch_one(Line& line) {
  if (line.ready.empty() || stop_.stop_requested() || fatal_) return false;
  if (limits_.concurrency && on_their_way_ >= std::max<std::int64_t>(*limits_.concurrency, 1)) return false;
  if (line.paused_until > shared_.system.clock.monotonic()) return false;
  const auto number = line.ready.front();
  auto& flight = flights_.at(number);
  if (flight.retries == 0) {
    const auto verdict = budget_.verdict(on_their_way_);
    if (verdict == AskBudget::Verdict::ended) end_budget();
    if (verdict != AskBudget::Verdict::go) return false;
  }
  if (!take_room(flight)) return false;
  if (!take_place(line)) {
    give_room(flight, std::nullopt);
    return false;
  }
  line.ready.pop_front();
  send(number, flight);
  return true;
}

/// Of the budget that others spend too.
bool AskRun::take_room(Flight& flight) {
  if (limits_.shared == nullptr) return true;
  const auto& model = flight.line->model->identity;
  const auto room = flight.retries > 0 ? limits_.shared->take_anyway(model) : limits_.shared->take(model, inbox_);
  flight.room = room;
  if (room.verdict == BudgetVerdict::ended) end_budget();
  return room.verdict == BudgetVerdict::go;
}

void AskRun::give_room(Flight& flight, std::optional<Usd> cost) {
  if (limits_.shared != nullptr) limits_.shared->settle(flight.line->model->identity, flight.room, cost);
}

/// While something of ours is on its way to the model, its arrival wakes us; else others have all places.
bool AskRun::take_place(Line& line) {
  return line.on_their_way > 0 ? line.opened->take_place() : line.opened->take_place_or_wait(inbox_);
}

void AskRun::send(std::uint64_t number, Flight& flight) {
  if (flight.retries == 0) {
    budget_.sent();
    ++totals_.asked;
  }
  ++on_their_way_;
  ++flight.line->on_their_way;
  flight.state = Flight::State::on_its_way;
  auto* opened = flight.line->opened;
  auto query = flight.line->model->config.retry.times > flight.retries ? flight.query : std::move(flight.query);
  const auto began = opened->busy().begin(shared_.system.clock.monotonic());
  opened->model().ask(
      std::move(query), stop_,
      [opened, number, began, &clock = shared_.system.clock, inbox = inbox_](Result<Answer, QueryFailure> result) {
        const auto busy = opened->busy().end(began, clock.monotonic());
        opened->free_place();  // first: once the last answer is taken, the models may be gone
        inbox->push({number, std::move(result), busy});
      });
}

void AskRun::end_budget() {
  totals_.budget_ended = true;
  std::vector<std::uint64_t> left;
  for (const auto& [number, flight] : flights_) {
    if (flight.state != Flight::State::on_its_way) left.push_back(number);
  }
  for (const auto number : left) {
    auto& flight = flights_.at(number);
    if (flight.last_error) {
      finish_with(number, flight, *flight.last_error);
    } else {
      drop(number, flight);
    }
  }
  for (auto& [model, line] : lines_) line.ready.clear();
}

/// The soonest alarm, or end of a pause that holds something back.
std::optional<AskRun::Time> AskRun::next_moment() const {
  std::optional<Time> out;
  const auto consider = [&](Time at) { out = out ? std::min(*out, at) : at; };
  if (!alarms_.empty()) consider(alarms_.top().at);
  const auto now = shared_.system.clock.monotonic();
  for (const auto& [model, line] : lines_) {
    if (!line.ready.empty() && line.paused_until > now) consider(line.paused_until);
  }
  return out;
}

/// Whether another run of this asker has all places of a model that we have something for.
bool AskRun::waits_for_a_place() const {
  const auto now = shared_.system.clock.monotonic();
  return std::any_of(lines_.begin(), lines_.end(), [&](const auto& entry) {
    return !entry.second.ready.empty() && entry.second.paused_until <= now;
  });
}

void AskRun::wait() {
  const auto moment = next_moment();
  if (!moment) return inbox_->wait(std::nullopt);
  const auto left = std::chrono::ceil<Duration>(*moment - shared_.system.clock.monotonic());
  if (left <= Duration{0}) return;
  if (on_their_way_ > 0 || waits_for_a_place()) {
    inbox_->wait(left);
  } else {
    shared_.system.clock.sleep(left, stop_);  // nobody else has anything to say
  }
}

}  // namespace llmops::model
