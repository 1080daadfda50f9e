#pragma once
/// \file  One call of `Asker::ask`: from the queries that are pulled to the answers that are delivered.
#include <chrono>
#include <deque>
#include <map>
#include <queue>
#include <unordered_map>

#include "model/asker.h"
#include "model/inbox.h"
#include "model/opened_models.h"
#include "model/price.h"

namespace llmops::model {

/// What the calls of one asker share.
struct AskShared {
  sys::System& system;
  store::Table& answers;
  CacheMode mode;
  OpenedModels models;
};

/// Lives on the calling thread; models' threads reach it through the inbox alone.
class AskRun {
 public:
  using Next = std::function<std::optional<Ask>()>;
  using OnAnswer = std::function<void(const Asked&)>;
  AskRun(AskShared& shared, const AskLimits& limits, const Next& next, const OnAnswer& on_answer, StopToken stop);
  AskEnd run();

 private:
  using Time = std::chrono::steady_clock::time_point;

  /// A model, as far as this run asks it.
  struct Line {
    const AskedModel* model = nullptr;
    Pricing pricing;
    OpenedModel* opened = nullptr;    ///< Nothing before the first query that must be asked.
    std::deque<std::uint64_t> ready;  ///< Flights that may be sent.
    std::int64_t on_their_way = 0;
    Time held_until{};
    bool told_of_rate = false, told_of_server = false;
    std::int64_t failures_of_all = 0;  ///< In a row, of an extent beyond their own query.
    bool told_tokens = false;
    std::optional<Error> given_up;
  };
  /// A query that is not answered yet.
  struct Flight {
    Line* line = nullptr;
    std::size_t tag = 0;
    Query query;
    std::optional<Digest> key;      ///< Nothing where the answer may not be kept.
    std::vector<std::size_t> same;  ///< Tags of equal questions that wait for this answer.
    enum class State { ready, on_its_way, waiting } state = State::ready;
    int retries = 0;
    std::optional<Error> last_error;
    std::array<Budget::Room, 2> rooms;  ///< In `budgets_`, while it is on its way.
  };
  struct Alarm {
    Time at;
    std::uint64_t flight;
    bool operator>(const Alarm& other) const { return at > other.at; }
  };

  // From the caller.
  void pull();
  bool may_hold_more() const;
  void take(Ask ask);
  bool deliver_kept(const Line& line, const Ask& ask, const Digest& key);
  bool join_same(const Ask& ask, const Digest& key);
  bool open(Line& line);
  Line& line_of(const AskedModel& model);

  // To the models.
  void wake_alarms();
  void dispatch();
  bool dispatch_one(Line& line);
  std::optional<Turn> take_turn(Line& line, const Flight& flight);
  void tell_hold(Line& line, const Turn& turn);
  bool take_room(Flight& flight);
  void give_room(const Flight& flight, std::size_t budgets);
  void send(std::uint64_t number, Flight& flight, const Turn& turn);
  void wait();
  void end_in_time();
  bool has_unsent() const;
  std::optional<Time> next_moment() const;
  bool waits_for_a_place() const;

  // From the models.
  void take_arrivals();
  void count_spent(const Flight& flight, const Answer& answer);
  void succeed(std::uint64_t number, Flight& flight, Answer answer);
  void fail(std::uint64_t number, Flight& flight, QueryFailure failure);
  bool retry(std::uint64_t number, Flight& flight, const QueryFailure& failure);
  void note_failure(Line& line, const QueryFailure& failure);
  void keep(const Digest& key, const Answer& answer);

  // To the caller.
  void tell(const Asked& asked);
  void finish_with(std::uint64_t number, Flight& flight, const Error& error);
  void deliver_error(std::size_t tag, const Error& error, int retries);
  void give_up(Line& line, const Error& error);
  void end_budget(const BudgetEnd& end);
  void drop(std::uint64_t number, Flight& flight);
  void drain();
  std::optional<Error> error() const;
  void warn_once(const Error& error);

  AskShared& shared_;
  const AskLimits limits_;
  const Next& next_;
  const OnAnswer& on_answer_;
  const StopToken stop_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();

  std::map<const AskedModel*, Line> lines_;
  std::unordered_map<std::uint64_t, Flight> flights_;
  std::unordered_map<Digest, std::uint64_t> by_key_;
  std::priority_queue<Alarm, std::vector<Alarm>, std::greater<>> alarms_;
  Budget own_budget_;
  const std::array<Budget*, 2> budgets_;  ///< Its own, and the one it shares or null.
  AskTotals totals_;
  std::uint64_t last_number_ = 0;
  std::int64_t on_their_way_ = 0, same_waiting_ = 0;
  bool exhausted_ = false;  ///< Nothing more to ask, as far as the answers so far tell.
  bool interrupted_ = false, warned_ = false;
  std::optional<Error> fatal_;  ///< Nothing more is sent.
};

}  // namespace llmops::model
