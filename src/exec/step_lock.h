#pragma once
/// \file  Two runs never do the same step at once.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/stop.h"
#include "exec/services.h"
#include "recipe/recipe.h"

namespace llmops::exec {

struct StepLock {
  std::unique_ptr<sys::FileLock> lock;
  bool waited = false;  ///< Another run had it, and may have done the step.
};

/// Waits while somebody else has this part of the lock file `path`; `on_wait` is called once, where it has to. An error
/// of kind `interrupted` when stopped meanwhile.
Result<StepLock> lock_part(Services& services, const sys::Path& path, const std::string& part, const StopToken& stop,
                           const std::function<void()>& on_wait);

/// Waits while another run is at this step of this recipe in this environment; `on_wait` is called once, where it has
/// to. An error of kind `interrupted` when stopped meanwhile.
Result<StepLock> lock_step(Services& services, const recipe::Recipe& recipe, const std::string& id,
                           const StopToken& stop, const std::function<void()>& on_wait);

/// Waits while another run, of whichever recipe and environment, makes one of these outputs. `on_wait` is called
/// once for each path that it has to wait for. Every step takes its paths in one order, so no two wait for each other.
Result<std::vector<std::unique_ptr<sys::FileLock>>> lock_outputs(
    Services& services, const recipe::Recipe& recipe, const step::Declared& declared, const StopToken& stop,
    const std::function<void(const std::string& path)>& on_wait);

}  // namespace llmops::exec
