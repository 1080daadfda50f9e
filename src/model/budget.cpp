#include "model/budget.h"

#include <algorithm>
#include <cmath>

#include "model/inbox.h"

namespace llmops::model {
namespace {

using Time = Budget::Time;
constexpr std::array<BudgetEnd::Limit, 2> kAmounts = {BudgetEnd::Limit::usd, BudgetEnd::Limit::tokens};

std::optional<Time> end_after(std::optional<double> minutes, Time now) {
  constexpr double longest = 60.0 * 24 * 365;
  if (!minutes) return std::nullopt;
  return now + Duration(static_cast<std::int64_t>(std::min(*minutes, longest) * 60'000));
}

std::string counted(double amount, std::string_view one) {
  const bool whole = amount == std::floor(amount);
  auto number = whole ? std::to_string(static_cast<std::int64_t>(amount)) : std::to_string(amount);
  if (!whole) {
    while (number.ends_with('0')) number.pop_back();
  }
  return number + " " + std::string(one) + (amount == 1 ? "" : "s");
}

std::string text_of(const BudgetEnd& end) {
  switch (end.limit) {
    case BudgetEnd::Limit::usd:
      return units::to_string(Usd{end.amount});
    case BudgetEnd::Limit::tokens:
      return counted(end.amount, "token");
    case BudgetEnd::Limit::queries:
      return end.amount == 1 ? "1 query" : std::to_string(static_cast<std::int64_t>(end.amount)) + " queries";
    case BudgetEnd::Limit::minutes:
      return counted(end.amount, "minute");
  }
  return {};
}

schema::Type not_negative(schema::Type::Kind kind) {
  auto type = schema::Type::of(kind);
  type.least = 0;
  return type;
}

}  // namespace

const schema::Record<BudgetLimits>& record_of(BudgetLimits*) {
  using Kind = schema::Type::Kind;
  static const auto record =
      schema::Record<BudgetLimits>("eval_budget", "Limits that end the asking; what there is, is kept.")
          .may_as(not_negative(Kind::number), "usd", &BudgetLimits::usd, "Dollars, of what is asked now.")
          .may_as(not_negative(Kind::integer), "tokens", &BudgetLimits::tokens, "Of prompts and answers together.")
          .may_as(not_negative(Kind::integer), "queries", &BudgetLimits::queries, "Queries that are really asked.")
          .may_as(not_negative(Kind::number), "minutes", &BudgetLimits::minutes,
                  "From when the asking begins; what is on its way then is awaited.");
  return record;
}

std::string to_string(const BudgetEnd& end) {
  return "the budget of " + text_of(end) + (end.option.empty() ? std::string() : " (" + end.option + ")");
}

Budget::Budget(const BudgetLimits& limits, Owner owner, Time now)
    : limits_(limits),
      owner_(owner),
      ends_at_(end_after(limits.minutes, now)),
      most_{limits.usd ? std::optional(limits.usd->value) : std::nullopt,
            limits.tokens ? std::optional(static_cast<double>(*limits.tokens)) : std::nullopt} {}

Budget::Room Budget::take(const Digest& model, Try which, Time now, const std::shared_ptr<Inbox>& inbox) {
  const std::lock_guard lock(mutex_);
  if (ends_at_ && now >= *ends_at_) return {BudgetVerdict::ended, end_of(BudgetEnd::Limit::minutes)};
  auto& known = models_[model];
  const auto held = held_for(known);
  const bool counts = which == Try::first;
  if (counts) {
    if (limits_.queries && sent_ >= *limits_.queries) return {BudgetVerdict::ended, end_of(BudgetEnd::Limit::queries)};
    const bool measured = most_[0] || most_[1];
    const bool untold = measured && !known.dearest && known.on_their_way > 0;
    const auto passed = over(held);
    if (untold || passed) {
      if (passed && on_their_way_ == 0) return {BudgetVerdict::ended, end_of(kAmounts[*passed])};
      if (std::find(waiting_.begin(), waiting_.end(), inbox) == waiting_.end()) waiting_.push_back(inbox);
      return {BudgetVerdict::wait, {}};
    }
    ++sent_;
  }
  ++known.on_their_way;
  ++on_their_way_;
  for (std::size_t i = 0; i < held.size(); ++i) held_[i] += held[i];
  return {BudgetVerdict::go, {}, held, counts};
}

/// The amount that would be passed by what is spent, held, and `more`.
std::optional<std::size_t> Budget::over(const Amounts& more) const {
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (most_[i] && (spent_[i] >= *most_[i] || spent_[i] + held_[i] + more[i] > *most_[i])) return i;
  }
  return std::nullopt;
}

BudgetEnd Budget::end_of(BudgetEnd::Limit limit) const {
  constexpr std::array<std::string_view, 4> names = {"usd", "tokens", "queries", "minutes"};
  const std::array<double, 4> amounts = {most_[0].value_or(0), most_[1].value_or(0),
                                         static_cast<double>(limits_.queries.value_or(0)), limits_.minutes.value_or(0)};
  const auto index = static_cast<std::size_t>(limit);
  return {limit, amounts[index], owner_ == Owner::command ? "--budget-" + std::string(names[index]) : std::string()};
}

void Budget::leave(Model& model, const Room& room) {
  --model.on_their_way;
  --on_their_way_;
  for (std::size_t i = 0; i < held_.size(); ++i) held_[i] = on_their_way_ == 0 ? 0 : held_[i] - room.held[i];
}

void Budget::give_back(const Digest& model, const Room& room) {
  std::vector<std::shared_ptr<Inbox>> waiting;
  {
    const std::lock_guard lock(mutex_);
    leave(models_[model], room);
    if (room.counted) --sent_;
    waiting.swap(waiting_);
  }
  for (const auto& inbox : waiting) inbox->nudge();
}

void Budget::settle(const Digest& model, const Room& room) {
  std::vector<std::shared_ptr<Inbox>> waiting;
  {
    const std::lock_guard lock(mutex_);
    leave(models_[model], room);
    waiting.swap(waiting_);
  }
  for (const auto& inbox : waiting) inbox->nudge();
}

void Budget::settle(const Digest& model, const Room& room, const Spent& spent) {
  std::vector<std::shared_ptr<Inbox>> waiting;
  {
    const std::lock_guard lock(mutex_);
    auto& known = models_[model];
    leave(known, room);
    const auto before = known.dearest.value_or(Amounts{});
    const Amounts took = {spent.cost ? spent.cost->value : before[0],
                          spent.tokens ? static_cast<double>(*spent.tokens) : before[1]};
    for (std::size_t i = 0; i < took.size(); ++i) {
      spent_[i] += took[i];
      dearest_[i] = std::max(dearest_[i], took[i]);
    }
    known.dearest = Amounts{std::max(before[0], took[0]), std::max(before[1], took[1])};
    waiting.swap(waiting_);
  }
  for (const auto& inbox : waiting) inbox->nudge();
}

}  // namespace llmops::model
