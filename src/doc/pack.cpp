#include <bit>
#include <cstring>

#include "doc/yaml.h"

// The form: `LND1`, then the root. A node is its tag (kind, and flags), its place, its writing where the flag says so,
// and its value. Numbers are varints, signed ones zigzag. A place's line counts from the place before it.

namespace llmops::doc {
namespace {

constexpr std::string_view kMagic = "LND1";
constexpr unsigned kKindBits = 7, kWrittenFlag = 8, kTrueFlag = 16;
constexpr std::size_t kMostDepth = 1000;
constexpr std::size_t kLeastNode = 3;  ///< No node takes fewer bytes: tag, line, column.

class Packer {
 public:
  void node(const Node& node) {
    const bool written = !node.as_written().empty();
    const bool truth = node.is_bool() && node.as_bool();
    out_ +=
        static_cast<char>(static_cast<unsigned>(node.kind()) | (written ? kWrittenFlag : 0) | (truth ? kTrueFlag : 0));
    place(node.at());
    if (written) text(node.as_written());
    switch (node.kind()) {
      case Kind::null:
      case Kind::boolean:
        return;
      case Kind::integer:
        whole(node.as_int());
        return;
      case Kind::real:
        real(node.as_double());
        return;
      case Kind::string:
        text(node.as_string());
        return;
      case Kind::list:
        items(node.items());
        return;
      case Kind::map:
        entries(node.entries());
        return;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(static_cast<unsigned char>(value | 0x80));
    out_ += static_cast<char>(value);
  }
  void whole(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void real(double value) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) out_ += static_cast<char>(static_cast<unsigned char>(bits & 0xFF));
  }
  void text(const std::string& value) {
    varint(value.size());
    out_ += value;
  }
  void place(const SourcePos& at) {
    const auto line = at.known() ? at.line : 0;
    whole(std::int64_t{line} - std::int64_t{line_});
    varint(at.known() ? at.column : 0);
    line_ = line;
  }
  void items(const List& items) {
    varint(items.size());
    for (const auto& item : items) node(item);
  }
  void entries(const std::vector<Entry>& entries) {
    varint(entries.size());
    for (const auto& entry : entries) {
      text(entry.key);
      place(entry.key_at);
      node(entry.value);
    }
  }

  std::string out_{kMagic};
  std::uint32_t line_ = 0;
};

/// Reads back. `good_` falls once and stays; what is read after that does not matter.
class Unpacker {
 public:
  Unpacker(std::string_view bytes, std::shared_ptr<const SourceText> source)
      : bytes_(bytes), source_(std::move(source)), unclaimed_(bytes.size() / kLeastNode) {}

  void node(Node& out) {
    const auto tag = byte();
    auto at = place();
    auto written = (tag & kWrittenFlag) ? text() : std::string();
    switch (static_cast<Kind>(tag & kKindBits)) {
      case Kind::null:
        break;
      case Kind::boolean:
        out = Node((tag & kTrueFlag) != 0);
        break;
      case Kind::integer:
        out = Node(whole());
        break;
      case Kind::real:
        out = Node(real());
        break;
      case Kind::string:
        out = Node(text());
        break;
      case Kind::list:
        items(out);
        break;
      case Kind::map:
        entries(out);
        break;
      default:
        good_ = false;
    }
    if (!written.empty()) out = Node::plain(std::move(out), std::move(written));
    out.set_at(std::move(at));
  }
  bool good_to_the_end() const { return good_ && bytes_.empty(); }

 private:
  unsigned byte() {
    if (bytes_.empty()) {
      good_ = false;
      return 0;
    }
    const auto out = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return out;
  }
  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto next = byte();
      out |= std::uint64_t{next & 0x7Fu} << shift;
      if (next < 0x80) return out;
    }
    good_ = false;
    return 0;
  }
  std::int64_t whole() {
    const auto value = varint();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  double real() {
    std::uint64_t bits = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) bits |= std::uint64_t{byte()} << shift;
    return std::bit_cast<double>(bits);
  }
  std::string text() {
    const auto size = varint();
    if (size > bytes_.size()) {
      good_ = false;
      return {};
    }
    std::string out(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return out;
  }
  SourcePos place() {
    const auto line = static_cast<std::uint64_t>(line_) + static_cast<std::uint64_t>(whole());
    const auto column = varint();
    if (line > UINT32_MAX || column > UINT32_MAX) {
      good_ = false;
      return {};
    }
    line_ = static_cast<std::uint32_t>(line);
    if (line_ == 0) return {};
    return {source_, line_, static_cast<std::uint32_t>(column)};
  }
  /// How many values follow. All counts together cannot exceed what the bytes can hold, so room may be made for them.
  std::size_t count() {
    const auto claimed = varint();
    if (claimed > unclaimed_ || depth_ == kMostDepth) {
      good_ = false;
      return 0;
    }
    unclaimed_ -= claimed;
    return claimed;
  }
  void items(Node& out) {
    out = Node::list();
    auto& items = out.items();
    items.resize(count());
    ++depth_;
    for (std::size_t i = 0; i < items.size() && good_; ++i) node(items[i]);
    --depth_;
  }
  void entries(Node& out) {
    out = Node::map();
    auto& entries = out.entries();
    entries.resize(count());
    ++depth_;
    for (std::size_t i = 0; i < entries.size() && good_; ++i) {
      entries[i].key = text();
      entries[i].key_at = place();
      node(entries[i].value);
    }
    --depth_;
  }

  std::string_view bytes_;
  std::shared_ptr<const SourceText> source_;
  std::size_t unclaimed_;
  std::size_t depth_ = 0;
  std::uint32_t line_ = 0;
  bool good_ = true;
};

}  // namespace

std::string pack(const Node& node) {
  Packer packer;
  packer.node(node);
  return packer.take();
}

Result<Node> unpack(std::string_view bytes, std::string name, std::string text) {
  const auto foreign = [] { return Error{ErrorKind::invalid, "these bytes are no packed document", {}, {}, {}}; };
  if (!bytes.starts_with(kMagic)) return foreign();
  const auto source = std::make_shared<const SourceText>(SourceText{std::move(name), std::move(text)});
  Unpacker unpacker(bytes.substr(kMagic.size()), source);
  Node out;
  unpacker.node(out);
  if (!unpacker.good_to_the_end()) return foreign();
  return out;
}

}  // namespace llmops::doc
