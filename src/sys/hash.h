#pragma once
/// \file  SHA-256, the identity of content, and the ids that git gives. Pure: the same bytes give the same digest, so
/// no interface is needed.
#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/units.h"

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

/// What a repository names its objects by.
enum class ObjectFormat { sha1, sha256 };

/// The id of a git object whose size is known and whose bytes come in pieces: the hash of `<type> <size>\0` and the
/// bytes. One use. Fewer or more bytes than `size` give a meaningless id.
class GitObjectHash {
 public:
  GitObjectHash(ObjectFormat format, std::string_view type, Bytes size);
  ~GitObjectHash();
  GitObjectHash(GitObjectHash&&) noexcept;
  GitObjectHash& operator=(GitObjectHash&&) noexcept;
  void update(std::string_view bytes);
  std::string finish();  ///< 40 or 64 hexadecimal digits.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The id that git gives these bytes as a blob.
std::string git_blob_id(std::string_view bytes, ObjectFormat format = ObjectFormat::sha1);

}  // namespace llmops::sys
