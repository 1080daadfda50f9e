#pragma once
/// \file  Bytes outside git that a dataset pins by their digest: brought once for each machine.
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/stop.h"
#include "exec/executor.h"
#include "exec/services.h"
#include "recipe/recipe.h"

namespace llmops::exec {

struct PinnedBytes {
  std::string dataset, uri;
  Digest digest;
  SourcePos at;  ///< Of the dataset's `uri`.
};

/// Those of the datasets which `step` reads by name that are not in the content store yet.
Result<std::vector<PinnedBytes>, Errors> missing_bytes(Services& services, const recipe::Recipe& recipe,
                                                       const recipe::Step& step, const recipe::Scope& scope);

/// Puts them into the content store. A transfer that broke off goes on where it ended. Errors, placed at the dataset:
/// kind `environment` (the server, the disk, or no network allowed), `invalid` (other bytes are there), `interrupted`.
Result<void> bring(Services& services, const PinnedBytes& wanted, Network network, const StopToken& stop,
                   const model::ModelStore::Progress& progress);

}  // namespace llmops::exec
