#pragma once
/// \file  A promptfoo configuration becomes a recipe and the files it needs.
#include "base/result.h"
#include "migrate/imported.h"
#include "sys/file_system.h"

namespace llmops::migrate {

/// Reads `file` (promptfooconfig.yaml or .json, as of promptfoo 0.121) and what it names beside it. Writes nothing.
/// Every test keeps its assertions as its own scorers; those of `defaultTest` become the eval's. What can't be carried
/// is among the notes. Errors (kind `invalid`), placed: the file can't be read, or of its prompts, providers or tests
/// none can be carried; the notes that say why are among them.
Result<Imported, Errors> import_promptfoo(sys::FileSystem& files, const sys::Path& file, const Target& target);

}  // namespace llmops::migrate
