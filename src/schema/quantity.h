#pragma once
/// \file  Quantities as a person writes them in a document: exact, and read back as the same value.
#include <string>

#include "base/units.h"

namespace llmops::schema {

/// `250ms`, `90s`, `5m`, `2h`, `1d`: the largest unit that divides it.
std::string written(Duration duration);
/// `64MiB`, or a plain number of bytes.
std::string written(Bytes bytes);

}  // namespace llmops::schema
