#pragma once
/// \file  SHA-256, the identity of content. Pure: the same bytes give the same digest, so no interface is needed.
#include <memory>
#include <string_view>

#include "base/digest.h"

namespace llmops::sys {

/// Hashes bytes as they come. One use: `finish()` ends it.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(std::string_view bytes);

/// The id that git gives these bytes as a blob: SHA-1 of `blob <size>\0` and the bytes, 40 hexadecimal digits.
std::string git_blob_id(std::string_view bytes);

}  // namespace llmops::sys
