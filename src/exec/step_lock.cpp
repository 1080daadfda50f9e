#include "exec/step_lock.h"

#include <set>
#include <utility>

#include "recipe/document.h"

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

Result<std::vector<std::unique_ptr<sys::FileLock>>> lock_outputs(
    Services& services, const recipe::Recipe& recipe, const step::Declared& declared, const StopToken& stop,
    const std::function<void(const std::string& path)>& on_wait) {
  std::set<std::string> paths;
  for (const auto* all : {&declared.outputs, &declared.written}) {
    for (const auto& output : *all) {
      if (!output.path.empty()) paths.insert(sys::Path(recipe::rooted(output.path, recipe.path)).lexically_normal());
    }
  }
  std::vector<std::unique_ptr<sys::FileLock>> out;
  for (const auto& path : paths) {
    TRY(auto lock,
        lock_part(services, services.state_folder() / "steps.lock", "output " + path, stop, [&] { on_wait(path); }));
    out.push_back(std::move(lock.lock));
  }
  return out;
}

}  // namespace llmops::exec
