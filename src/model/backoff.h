#pragma once
/// \file  How long to wait before asking again.
#include <cstdint>

#include "model/config.h"

namespace llmops::model {

/// Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015): evenly drawn from 0 to
/// `backoff` × 2^`retries`, at most a minute.
Duration wait_before_retry(const RetryConfig& config, int retries, std::uint64_t random);

/// A server that wants more patience than this is as good as gone.
inline constexpr Duration kLongestWait{600'000};

/// What the server asked for and up to a tenth more, so that not all come back at once.
Duration spread(Duration asked_for, std::uint64_t random);

}  // namespace llmops::model
