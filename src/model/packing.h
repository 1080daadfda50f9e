#pragma once
/// \file  Values as length-prefixed bytes: for keys, and for what the answer cache holds.
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace llmops::model {

static_assert(std::endian::native == std::endian::little, "packed bytes are little-endian");

/// Appends values to `bytes`. Two different sequences of calls with the same shape never give the same bytes.
class Packer {
 public:
  std::string bytes;

  void tag(char value) { bytes.push_back(value); }
  void number(std::int64_t value) { raw(&value, sizeof value); }
  void real(double value) { raw(&value, sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes.append(value);
  }
  void maybe(const std::optional<std::int64_t>& value) {
    tag(value ? 1 : 0);
    if (value) number(*value);
  }
  void maybe(const std::optional<double>& value) {
    tag(value ? 1 : 0);
    if (value) real(*value);
  }

 private:
  void raw(const void* value, std::size_t size) { bytes.append(static_cast<const char*>(value), size); }
};

/// Takes the values off again. After a read past the end `ok()` is false and everything reads as empty.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

  char tag() { return take<char>(); }
  std::int64_t number() { return take<std::int64_t>(); }
  double real() { return take<double>(); }
  std::string text() {
    const auto size = number();
    if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
      ok_ = false;
      return {};
    }
    std::string out(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(out.size());
    return out;
  }
  std::optional<std::int64_t> maybe_number() { return tag() != 0 ? std::optional(number()) : std::nullopt; }
  std::optional<double> maybe_real() { return tag() != 0 ? std::optional(real()) : std::nullopt; }

 private:
  template <class T>
  T take() {
    T out{};
    if (!ok_ || rest_.size() < sizeof out) {
      ok_ = false;
      return out;
    }
    std::memcpy(&out, rest_.data(), sizeof out);
    rest_.remove_prefix(sizeof out);
    return out;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace llmops::model
