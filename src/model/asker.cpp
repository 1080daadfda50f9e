#include "model/asker.h"

#include "model/ask_run.h"

namespace llmops::model {

struct Asker::Inner {
  AskShared shared;
};

Asker::Asker(OpenContext context, store::Table& answers, CacheMode mode)
    : inner_(new Inner{{context.system, answers, mode, OpenedModels(context)}}) {}

Asker::~Asker() = default;

AskEnd Asker::ask(const std::function<std::optional<Ask>()>& next, const std::function<void(const Asked&)>& on_answer,
                  const AskLimits& limits, StopToken stop) {
  return AskRun(inner_->shared, limits, next, on_answer, std::move(stop)).run();
}

}  // namespace llmops::model
