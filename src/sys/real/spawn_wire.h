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

/// The program's standard descriptors, handed to its guardian with each order. `input` may be left out.
struct SpawnFds {
  UniqueFd out, err, input;
};

/// A guardian's word about its program, sent raw.
struct SpawnReport {
  enum class Kind : std::uint32_t { started, no_folder, no_program, ended };
  Kind kind = Kind::ended;
  std::int32_t error_number = 0;  ///< With `no_folder`, `no_program`.
  std::int32_t pid = 0;           ///< With `started`.
  std::int32_t wait_status = 0;   ///< With `ended`, as waitpid(2) gives it.
  std::uint32_t timed_out = 0, stopped = 0;
  std::uint32_t reusable = 0;  ///< With all but `started`: nothing is left of the program, and another may be ordered.
  std::uint64_t orphans_ended = 0;
};

/// What a starter may ask of a guardian while its program runs; a late one, when it has ended, is passed over.
inline constexpr char kStopOrder = 's';

std::string encode_spec(const ProcessSpec& spec);
/// Nothing when the bytes are not what `encode_spec` makes.
std::optional<ProcessSpec> decode_spec(std::string_view bytes);

// Each returns false where the other side is gone.

/// Blocks until all is sent.
bool send_bytes(int socket, std::string_view bytes);
/// Blocks until `size` bytes are there.
bool receive_bytes(int socket, char* to, std::size_t size);
/// Hands a descriptor over.
bool send_fd(int socket, int fd);
/// Nothing where the other side is gone; an empty one where the message held none.
std::optional<UniqueFd> receive_fd(int socket);

/// A program to run, with its descriptors.
struct SpawnOrder {
  ProcessSpec spec;
  SpawnFds fds;
};
bool send_order(int socket, const ProcessSpec& spec, const SpawnFds& fds);
/// Blocks until there is one. Nothing where the other side is gone, or says something else.
std::optional<SpawnOrder> receive_order(int socket);

}  // namespace llmops::sys
