#include "model/opened_models.h"

#include <algorithm>

#include "model/base_url.h"
#include "model/provider.h"

namespace llmops::model {

namespace {

TurnEnd end_of(const Result<Answer, QueryFailure>& result) {
  TurnEnd out;
  if (result) {
    out.answered = true;
    out.input_tokens = result->usage.input_tokens;
    out.output_tokens = result->usage.output_tokens;
    out.pause = result->pause;
  } else {
    const auto& failure = result.error();
    out.overloaded = failure.overloaded;
    out.pause = std::max(failure.pause, failure.retry_after);
  }
  return out;
}

}  // namespace

OpenedModel::OpenedModel(std::unique_ptr<Model> model, const RateLimits& limits, Throttle& throttle)
    : model_(std::move(model)), most_at_once_(std::max<std::int64_t>(model_->concurrency(), 1)), throttle_(throttle) {
  throttle_.add(limits, most_at_once_);
}

Turn OpenedModel::take_turn(Time now, const Query& query, const std::shared_ptr<Inbox>& inbox) {
  Turn out;
  out.verdict = Turn::Verdict::full;
  if (!take_place(inbox)) return out;
  out = throttle_.take(now, query, inbox);
  if (out.verdict != Turn::Verdict::go) free_place();
  return out;
}

void OpenedModel::end_turn(const Turn& turn, const Result<Answer, QueryFailure>& result, Time now) {
  throttle_.end(turn, end_of(result), now);
  free_place();
}

bool OpenedModel::take_place(const std::shared_ptr<Inbox>& inbox) {
  const std::lock_guard lock(mutex_);
  if (taken_ < most_at_once_) {
    ++taken_;
    return true;
  }
  if (inbox && std::find(waiting_.begin(), waiting_.end(), inbox) == waiting_.end()) waiting_.push_back(inbox);
  return false;
}

void OpenedModel::free_place() {
  std::vector<std::shared_ptr<Inbox>> waiting;
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    waiting.swap(waiting_);
  }
  for (const auto& inbox : waiting) inbox->nudge();
}

Throttle& OpenedModels::throttle_of(const ModelConfig& config) {
  std::optional<ServerKey> key;
  if (provider_of(config).is_api) {
    key = {config.provider, normalised(base_url_of(config)), config.model, config.api_key, config.headers};
  }
  const std::lock_guard lock(mutex_);
  for (auto& server : servers_) {
    if (key && server.key == key) return server.throttle;
  }
  auto& out = servers_.emplace_back();
  out.key = std::move(key);
  return out.throttle;
}

OpenedModels::Slot& OpenedModels::slot_of(const AskedModel& wanted) {
  const std::lock_guard lock(mutex_);
  for (auto& slot : slots_) {
    if (slot.identity == wanted.identity && slot.config == wanted.config) return slot;
  }
  auto& out = slots_.emplace_back();
  out.config = wanted.config;
  out.identity = wanted.identity;
  return out;
}

Result<OpenedModel*> OpenedModels::open(const AskedModel& wanted) {
  auto& slot = slot_of(wanted);
  const std::lock_guard lock(slot.opening);
  if (slot.error) return *slot.error;
  if (!slot.opened) {
    auto model = open_model(slot.config, context_);
    if (!model) {
      slot.error = std::move(model).error().within("opening model `" + wanted.name + "`");
      return *slot.error;
    }
    const RateLimits limits{slot.config.requests_per_minute, slot.config.tokens_per_minute};
    slot.opened = std::make_unique<OpenedModel>(*std::move(model), limits, throttle_of(slot.config));
  }
  return slot.opened.get();
}

}  // namespace llmops::model
