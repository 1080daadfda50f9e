#pragma once
/// \file  Whether the data that a step reads is what it needs, before anything is asked.
#include "base/result.h"
#include "recipe/recipe.h"
#include "sys/file_system.h"

namespace llmops::cli {

/// Adds those of `from` that are not there yet.
void append_new(Errors& to, const Errors& from);

/// Every dataset is read, every prompt finds its fields in the first case, and the kind finds what it needs. What a
/// step makes, or was not brought yet, is not looked at.
Errors check_data(sys::FileSystem& files, const recipe::Step& step, const step::Inputs& inputs);

}  // namespace llmops::cli
