#include "exec/step_lock.h"

#include <utility>

namespace llmops::exec {

Result<StepLock> lock_step(Services& services, const recipe::Recipe& recipe, const std::string& id,
                           const StopToken& stop, const std::function<void()>& on_wait) {
  const auto path = services.state_folder() / "steps.lock";
  const auto part = recipe.name + "@" + recipe.environment + "." + id;
  bool waited = false;
  while (true) {
    TRY(auto lock, services.system.files.lock_part(path, part, sys::FileSystem::Wait::no));
    if (lock) return StepLock{std::move(lock), waited};
    if (!std::exchange(waited, true)) on_wait();
    if (stop.stop_requested())
      return Error{ErrorKind::interrupted, "stopped while waiting for another run", {}, {}, {}};
    services.system.clock.sleep(Duration{100}, stop);
  }
}

}  // namespace llmops::exec
