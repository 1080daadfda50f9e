#pragma once
/// \file  What is said between a program's starter, the supervisor and the program's guardian: one binary, all three.
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sys/process.h"
#include "sys/real/unique_fd.h"

namespace llmops::sys {

/// The descriptors handed to the supervisor with each order, in this order. `input` may be left out.
struct SpawnFds {
  UniqueFd control, out, err, input;
};

/// A guardian's word about its program, sent raw.
struct SpawnReport {
  enum class Kind : std::uint32_t { started, no_folder, no_program, ended };
  Kind kind = Kind::ended;
  std::int32_t error_number = 0;  ///< With `no_folder`, `no_program`.
  std::int32_t pid = 0;           ///< With `started`.
  std::int32_t wait_status = 0;   ///< With `ended`, as waitpid(2) gives it.
  std::uint32_t timed_out = 0, stopped = 0;
  std::uint64_t orphans_ended = 0;
};

/// The one thing a starter may ask of a guardian later.
inline constexpr char kStopOrder = 's';

std::string encode_spec(const ProcessSpec& spec);
/// Nothing when the bytes are not what `encode_spec` makes.
std::optional<ProcessSpec> decode_spec(std::string_view bytes);

// Each returns false where the other side is gone.

/// Blocks until all is sent.
bool send_bytes(int socket, std::string_view bytes);
/// Blocks until `size` bytes are there.
bool receive_bytes(int socket, char* to, std::size_t size);
bool send_fds(int socket, const SpawnFds& fds);
/// Nothing where the other side is gone. `control` is -1 in what comes back where the message held too little.
std::optional<SpawnFds> receive_fds(int socket);

}  // namespace llmops::sys
