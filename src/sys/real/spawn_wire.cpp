#include "sys/real/spawn_wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace llmops::sys {
namespace {

constexpr std::size_t kMaxFds = 3;
constexpr char kRunOrder = 'r';
constexpr std::uint64_t kNoTimeout = ~std::uint64_t{0};

class Writer {
 public:
  void number(std::uint64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    const auto bytes = take(sizeof value);
    if (ok_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number())); }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && left_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
  bool ok_ = true;
};

bool send_with_fds(int socket, std::string_view bytes, std::span<const int> fds) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFds)> space{};
  iovec data{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = CMSG_SPACE(fds.size_bytes());
  auto* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(head), fds.data(), fds.size_bytes());
  ssize_t sent = -1;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0 && send_bytes(socket, bytes.substr(static_cast<std::size_t>(sent)));
}

/// One byte, and what descriptors came with it.
std::optional<std::array<UniqueFd, kMaxFds>> receive_with_fds(int socket, char& byte) {
  std::array<int, kMaxFds> numbers;
  numbers.fill(-1);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof numbers)> space{};
  iovec data{&byte, 1};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  ssize_t got = -1;
  do {
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return std::nullopt;
  const auto* const head = CMSG_FIRSTHDR(&message);
  if (head != nullptr && head->cmsg_type == SCM_RIGHTS) {
    std::memcpy(numbers.data(), CMSG_DATA(head), std::min(head->cmsg_len - CMSG_LEN(0), sizeof numbers));
  }
  return std::array<UniqueFd, kMaxFds>{UniqueFd(numbers[0]), UniqueFd(numbers[1]), UniqueFd(numbers[2])};
}

}  // namespace

std::string encode_spec(const ProcessSpec& spec) {
  Writer out;
  out.text(spec.folder.native());
  out.number(spec.timeout ? static_cast<std::uint64_t>(std::max<std::int64_t>(spec.timeout->count(), 0)) : kNoTimeout);
  out.number(static_cast<std::uint64_t>(std::max<std::int64_t>(spec.grace.count(), 0)));
  out.number(spec.argv.size());
  for (const auto& word : spec.argv) out.text(word);
  out.number(spec.env.size());
  for (const auto& [name, value] : spec.env) {
    out.text(name);
    out.text(value);
  }
  return out.take();
}

std::optional<ProcessSpec> decode_spec(std::string_view bytes) {
  Reader in(bytes);
  ProcessSpec spec;
  spec.folder = in.text();
  const auto timeout = in.number();
  if (timeout != kNoTimeout) spec.timeout = Duration(static_cast<std::int64_t>(timeout));
  spec.grace = Duration(static_cast<std::int64_t>(in.number()));
  for (auto count = in.number(); in.ok() && count > 0; --count) spec.argv.push_back(in.text());
  for (auto count = in.number(); in.ok() && count > 0; --count) {
    auto name = in.text();
    spec.env.insert_or_assign(std::move(name), in.text());
  }
  if (!in.at_end()) return std::nullopt;
  return spec;
}

bool send_bytes(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_bytes(int socket, char* to, std::size_t size) {
  while (size > 0) {
    const auto got = recv(socket, to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool send_fd(int socket, int fd) { return send_with_fds(socket, {"", 1}, {&fd, 1}); }

std::optional<UniqueFd> receive_fd(int socket) {
  char byte = 0;
  auto fds = receive_with_fds(socket, byte);
  if (!fds) return std::nullopt;
  return std::move(fds->front());
}

bool send_order(int socket, const ProcessSpec& spec, const SpawnFds& fds) {
  const auto bytes = encode_spec(spec);
  const std::uint64_t size = bytes.size();
  std::string message(1, kRunOrder);
  message.append(reinterpret_cast<const char*>(&size), sizeof size);
  message += bytes;
  const std::array<int, kMaxFds> numbers{fds.out.get(), fds.err.get(), fds.input.get()};
  return send_with_fds(socket, message, {numbers.data(), fds.input ? kMaxFds : kMaxFds - 1});
}

std::optional<SpawnOrder> receive_order(int socket) {
  char kind = kStopOrder;
  std::optional<std::array<UniqueFd, kMaxFds>> fds;
  while (kind == kStopOrder) {
    fds = receive_with_fds(socket, kind);
    if (!fds) return std::nullopt;
  }
  std::uint64_t size = 0;
  if (kind != kRunOrder || !receive_bytes(socket, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string bytes(size, '\0');
  if (!receive_bytes(socket, bytes.data(), bytes.size())) return std::nullopt;
  auto spec = decode_spec(bytes);
  if (!spec || spec->argv.empty()) return std::nullopt;
  return SpawnOrder{*std::move(spec), {std::move((*fds)[0]), std::move((*fds)[1]), std::move((*fds)[2])}};
}

}  // namespace llmops::sys
