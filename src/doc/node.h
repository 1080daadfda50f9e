#pragma once
/// \file  A document's value: what YAML and JSON say, with the place where they say it. Also how JSON is built.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/source.h"

namespace llmops::doc {

class Node;
struct Entry;
using List = std::vector<Node>;

enum class Kind { null, boolean, integer, real, string, list, map };

/// A name for messages: `a string`, `a list`, …
std::string_view describe(Kind kind);

/// A value. Comparison ignores places, the order of keys and whether a number is an integer (1 is 1.0). Maps keep the
/// order they were written in; keys are unique.
class Node {
 public:
  // What makes or unmakes one is below `Entry`, which it needs whole.
  Node();
  Node(const Node& other);
  Node(Node&& other) noexcept;
  Node& operator=(const Node& other);
  Node& operator=(Node&& other) noexcept;
  ~Node();
  Node(std::nullptr_t);
  Node(bool value);
  Node(int value);
  Node(std::int64_t value);
  Node(std::uint64_t value);  ///< Beyond 2^63-1: a real.
  Node(double value);
  Node(const char* value);
  Node(std::string value);
  Node(std::string_view value);
  Node(List items);
  static Node list();
  static Node map();
  /// `Node::map({{"n", 1}, {"name", "x"}})`
  static Node map(std::initializer_list<std::pair<std::string, Node>> entries);
  /// A list of strings.
  static Node strings(const std::vector<std::string>& items);
  /// A plain (unquoted) YAML scalar: its value, and its text as written.
  static Node plain(Node value, std::string as_written);

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_bool() const { return kind() == Kind::boolean; }
  bool is_int() const { return kind() == Kind::integer; }
  bool is_number() const { return kind() == Kind::integer || kind() == Kind::real; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_list() const { return kind() == Kind::list; }
  bool is_map() const { return kind() == Kind::map; }
  bool is_scalar() const { return !is_list() && !is_map(); }

  // Each needs the kind it names (an integer is also a double); anything else is a bug and throws std::logic_error.
  bool as_bool() const;
  std::int64_t as_int() const;
  double as_double() const;
  const std::string& as_string() const;
  const List& items() const;
  List& items();
  const std::vector<Entry>& entries() const;
  std::vector<Entry>& entries();

  /// A scalar as text: as it was written where that is known, else `true`, `3`, `0.5`, `1.0`, `null`; lists and maps as
  /// JSON.
  std::string text() const;

  /// The value under this key, or null where there is none or this is no map.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// The value under this key, added at the end when missing; a null becomes a map first.
  Node& operator[](std::string_view key);
  /// Adds to a list; a null becomes a list first.
  void push_back(Node item);
  /// Removes a key; false when it was not there.
  bool erase(std::string_view key);
  /// Items, entries or 0.
  std::size_t size() const;

  // Lenient reads, for records of our own making: the other value where the key is missing or of another kind.
  std::string get(std::string_view key, std::string_view otherwise) const;
  std::string get(std::string_view key, const char* otherwise) const { return get(key, std::string_view(otherwise)); }
  double get(std::string_view key, double otherwise) const;
  std::int64_t get(std::string_view key, std::int64_t otherwise) const;
  std::int64_t get(std::string_view key, int otherwise) const { return get(key, std::int64_t{otherwise}); }
  bool get(std::string_view key, bool otherwise) const;

  const SourcePos& at() const { return at_; }
  Node& set_at(SourcePos at) {
    at_ = std::move(at);
    return *this;
  }
  const std::string& as_written() const { return written_; }

  friend bool operator==(const Node& a, const Node& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, std::vector<Entry>> value_;
  std::string written_;  ///< Only of plain scalars whose text differs from how we would print the value.
  SourcePos at_;
};

struct Entry {
  std::string key;
  SourcePos key_at;
  Node value;
};

inline Node::Node() = default;
inline Node::Node(const Node& other) = default;
inline Node::Node(Node&& other) noexcept = default;
inline Node& Node::operator=(const Node& other) = default;
inline Node& Node::operator=(Node&& other) noexcept = default;
inline Node::~Node() = default;
inline Node::Node(std::nullptr_t) {}
inline Node::Node(bool value) : value_(value) {}
inline Node::Node(int value) : value_(std::int64_t{value}) {}
inline Node::Node(std::int64_t value) : value_(value) {}
inline Node::Node(double value) : value_(value) {}
inline Node::Node(const char* value) : value_(std::string(value)) {}
inline Node::Node(std::string value) : value_(std::move(value)) {}
inline Node::Node(std::string_view value) : value_(std::string(value)) {}
inline Node::Node(List items) : value_(std::move(items)) {}
inline Node Node::list() { return Node(List{}); }
inline Node Node::map() {
  Node out;
  out.value_.emplace<std::vector<Entry>>();
  return out;
}

}  // namespace llmops::doc
