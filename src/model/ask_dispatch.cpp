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
  const auto number = line.ready.front();
  auto& flight = flights_.at(number);
  if (!take_room(flight)) return false;
  const auto turn = take_turn(line, flight);
  if (!turn) {
    give_room(flight, budgets_.size());
    return false;
  }
  line.ready.pop_front();
  send(number, flight, *turn);
  return true;
}

/// In all budgets, or in none. False where one has none left: then the flight may be gone.
bool AskRun::take_room(Flight& flight) {
  const auto& model = flight.line->model->identity;
  const auto which = flight.retries > 0 ? Budget::Try::again : Budget::Try::first;
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    if (budgets_[i] == nullptr) continue;
    const auto room = budgets_[i]->take(model, which, shared_.system.clock.monotonic(), inbox_);
    flight.rooms[i] = room;
    if (room.verdict == BudgetVerdict::go) continue;
    give_room(flight, i);
    if (room.verdict == BudgetVerdict::ended) end_budget(*room.end);
    return false;
  }
  return true;
}

/// What was taken of the first so many budgets.
void AskRun::give_room(const Flight& flight, std::size_t budgets) {
  for (std::size_t i = 0; i < budgets; ++i) {
    if (budgets_[i] != nullptr) budgets_[i]->give_back(flight.line->model->identity, flight.rooms[i]);
  }
}

/// While something of ours is on its way to the model, its arrival wakes us; else others have all places.
std::optional<Turn> AskRun::take_turn(Line& line, const Flight& flight) {
  const auto turn =
      line.opened->take_turn(shared_.system.clock.monotonic(), flight.query, line.on_their_way > 0 ? nullptr : inbox_);
  line.held_until = turn.at;
  if (turn.verdict == Turn::Verdict::go) return turn;
  if (turn.verdict == Turn::Verdict::later) tell_hold(line, turn);
  return std::nullopt;
}

/// Once of each kind: who reads it wants to know that it waits, not each time.
void AskRun::tell_hold(Line& line, const Turn& turn) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(turn.at - shared_.system.clock.monotonic());
  auto& told = turn.hold == Turn::Hold::rate ? line.told_of_rate : line.told_of_server;
  if (!limits_.on_note || wait <= std::chrono::seconds(1) || std::exchange(told, true)) return;
  limits_.on_note(
      (turn.hold == Turn::Hold::rate ? "waiting for the rate limit of `" : "waiting as asked by the server of `") +
      line.model->name + "`: " + std::to_string(wait.count()) + " s");
}

void AskRun::send(std::uint64_t number, Flight& flight, const Turn& turn) {
  if (flight.retries == 0) ++totals_.asked;
  ++on_their_way_;
  ++flight.line->on_their_way;
  flight.state = Flight::State::on_its_way;
  auto* opened = flight.line->opened;
  auto query = flight.line->model->config.retry.times > flight.retries ? flight.query : std::move(flight.query);
  const auto began = opened->busy().begin(shared_.system.clock.monotonic());
  opened->model().ask(std::move(query), stop_,
                      [opened, number, turn, began, &clock = shared_.system.clock,
                       inbox = inbox_](Result<Answer, QueryFailure> result) {
                        const auto now = clock.monotonic();
                        const auto busy = opened->busy().end(began, now);
                        opened->end_turn(turn, result,
                                         now);  // first: once the last answer is taken, the models may be gone
                        inbox->push({number, std::move(result), busy});
                      });
}

/// Minutes are over while queries wait to be sent.
void AskRun::end_in_time() {
  if (totals_.budget_end || !has_unsent()) return;
  const auto now = shared_.system.clock.monotonic();
  for (const auto* budget : budgets_) {
    if (budget == nullptr || !budget->ends_at() || now < *budget->ends_at()) continue;
    return end_budget(budget->end_of(BudgetEnd::Limit::minutes));
  }
}

bool AskRun::has_unsent() const { return static_cast<std::int64_t>(flights_.size()) > on_their_way_; }

void AskRun::end_budget(const BudgetEnd& end) {
  totals_.budget_end = end;
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
  for (const auto* budget : budgets_) {
    if (budget != nullptr && budget->ends_at() && has_unsent()) consider(*budget->ends_at());
  }
  const auto now = shared_.system.clock.monotonic();
  for (const auto& [model, line] : lines_) {
    if (!line.ready.empty() && line.held_until > now) consider(line.held_until);
  }
  return out;
}

/// Whether another run of this asker has all places of a model that we have something for.
bool AskRun::waits_for_a_place() const {
  const auto now = shared_.system.clock.monotonic();
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const auto& entry) { return !entry.second.ready.empty() && entry.second.held_until <= now; });
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
