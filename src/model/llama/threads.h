#pragma once
/// \file  How many threads are worth having.
#include <cstdint>
#include <string_view>

#include "sys/file_system.h"

namespace llmops::model::llama {

/// The CPUs that a control group's `cpu.max` (`max 100000`, `150000 100000`) lets a process use, rounded up;
/// `otherwise` where it sets no limit or says something else. At least 1.
std::uint32_t allowed_cpus(std::string_view cpu_max, std::uint32_t otherwise);

/// How many CPUs a list such as `0-3,8` names; 0 for anything else.
std::uint32_t cpus_in_list(std::string_view list);

/// The CPUs that this process may use, by its affinity and by its control group.
std::uint32_t usable_cpus(sys::FileSystem& files);

}  // namespace llmops::model::llama
