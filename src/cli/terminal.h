#pragma once
/// \file  The console of this process.
#include "report/console.h"
#include "sys/system.h"
#include "sys/terminal.h"

namespace llmops::cli {

/// Colour and live lines only on a terminal, without `NO_COLOR`, `TERM=dumb` or `CI`. `terminal` is borrowed.
report::Console console_of(sys::Terminal& terminal, const sys::Env& env);

}  // namespace llmops::cli
