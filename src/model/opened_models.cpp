#include "model/opened_models.h"

#include <algorithm>

namespace llmops::model {

OpenedModel::OpenedModel(std::unique_ptr<Model> model)
    : model_(std::move(model)), most_at_once_(std::max<std::int64_t>(model_->concurrency(), 1)) {}

bool OpenedModel::take_place() {
  const std::lock_guard lock(mutex_);
  if (taken_ == most_at_once_) return false;
  ++taken_;
  return true;
}

bool OpenedModel::take_place_or_wait(const std::shared_ptr<Inbox>& inbox) {
  const std::lock_guard lock(mutex_);
  if (taken_ < most_at_once_) {
    ++taken_;
    return true;
  }
  if (std::find(waiting_.begin(), waiting_.end(), inbox) == waiting_.end()) waiting_.push_back(inbox);
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
    slot.opened = std::make_unique<OpenedModel>(*std::move(model));
  }
  return slot.opened.get();
}

}  // namespace llmops::model
