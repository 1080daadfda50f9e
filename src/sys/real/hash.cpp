// The low-level calls need no initialisation of the library, which costs more than a run without changes may.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sys/hash.h"

#include <openssl/sha.h>

#include <array>

#include "base/text.h"

namespace llmops::sys {
namespace {

std::string hex_of(const unsigned char* bytes, std::size_t size) {
  return text::to_hex({reinterpret_cast<const char*>(bytes), size});
}

}  // namespace

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) { SHA256_Update(&state_->context, bytes.data(), bytes.size()); }

Digest Sha256::finish() {
  Digest out;
  SHA256_Final(out.bytes.data(), &state_->context);
  return out;
}

Digest sha256(std::string_view bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  Digest out;
  SHA256_Final(out.bytes.data(), &context);
  return out;
}

struct GitObjectHash::State {
  ObjectFormat format;
  SHA_CTX sha1;
  SHA256_CTX sha256;
};

GitObjectHash::GitObjectHash(ObjectFormat format, std::string_view type, Bytes size)
    : state_(std::make_unique<State>()) {
  state_->format = format;
  format == ObjectFormat::sha1 ? SHA1_Init(&state_->sha1) : SHA256_Init(&state_->sha256);
  std::string header = std::string(type) + " " + std::to_string(size.value);
  header += '\0';
  update(header);
}
GitObjectHash::~GitObjectHash() = default;
GitObjectHash::GitObjectHash(GitObjectHash&&) noexcept = default;
GitObjectHash& GitObjectHash::operator=(GitObjectHash&&) noexcept = default;

void GitObjectHash::update(std::string_view bytes) {
  if (state_->format == ObjectFormat::sha1) {
    SHA1_Update(&state_->sha1, bytes.data(), bytes.size());
  } else {
    SHA256_Update(&state_->sha256, bytes.data(), bytes.size());
  }
}

std::string GitObjectHash::finish() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
  if (state_->format == ObjectFormat::sha1) {
    SHA1_Final(out.data(), &state_->sha1);
    return hex_of(out.data(), SHA_DIGEST_LENGTH);
  }
  SHA256_Final(out.data(), &state_->sha256);
  return hex_of(out.data(), SHA256_DIGEST_LENGTH);
}

std::string git_blob_id(std::string_view bytes, ObjectFormat format) {
  GitObjectHash hash(format, "blob", {bytes.size()});
  hash.update(bytes);
  return hash.finish();
}

}  // namespace llmops::sys
