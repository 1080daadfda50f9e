#pragma once
/// \file  An eval of OpenAI's registry becomes a recipe and the files it needs.
#include <string>

#include "base/result.h"
#include "migrate/imported.h"
#include "sys/file_system.h"

namespace llmops::migrate {

struct OpenaiEval {
  std::string name;                                      ///< In the registry's file; empty: the only one there.
  std::string model = "openai:gpt-4.1-mini-2025-04-14";  ///< `VENDOR:NAME`: an eval names none.
};

/// Reads a registry file (`evals/registry/evals/*.yaml` of github.com/openai/evals) and the samples that it names,
/// which lie beside it or in the registry's `data`. `Match`, `Includes`, `FuzzyMatch`, `JsonMatch` and the model-graded
/// `fact` and `closedqa` are carried. Writes nothing. Errors (kind `invalid`), placed: the file or a sample can't be
/// read; another class; kind `usage`: there are several evals, or none of that name.
Result<Imported, Errors> import_openai_evals(sys::FileSystem& files, const sys::Path& file, const Target& target,
                                             const OpenaiEval& wanted);

}  // namespace llmops::migrate
