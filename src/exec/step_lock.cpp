#include "exec/step_lock.h"

#include <utility>

namespace llmops::exec {

Result<StepLock> lock_part(Services& services, const sys::Path& path, const std::string& part, const StopToken& stop,
                           const std::function<void()>& on_wait) {
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

Result<StepLock> lock_step(Services& services, const recipe::Recipe& recipe, const std::string& id,
                           const StopToken& stop, const std::function<void()>& on_wait) {
  return lock_part(services, services.state_folder() / "steps.lock", recipe.name + "@" + recipe.environment + "." + id,
                   stop, on_wait);
}

}  // namespace llmops::exec
