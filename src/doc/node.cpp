#include "doc/node.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "base/text.h"
#include "doc/json.h"
#include "doc/number.h"

namespace llmops::doc {
namespace {

template <class T, class V>
auto& hold(V& value, std::string_view wanted) {
  if (auto* held = std::get_if<T>(&value)) return *held;
  throw std::logic_error("a document's value is " + std::string(describe(static_cast<Kind>(value.index()))) +
                         " where code expects " + std::string(wanted));
}

std::vector<const Entry*> sorted(const std::vector<Entry>& entries) {
  std::vector<const Entry*> out;
  out.reserve(entries.size());
  for (const auto& entry : entries) out.push_back(&entry);
  std::sort(out.begin(), out.end(), [](const Entry* a, const Entry* b) { return a->key < b->key; });
  return out;
}

bool equal_maps(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  if (a.size() != b.size()) return false;
  const auto same = [](const Entry& x, const Entry& y) { return x.key == y.key; };
  if (std::equal(a.begin(), a.end(), b.begin(), same)) {
    return std::equal(a.begin(), a.end(), b.begin(), [](const Entry& x, const Entry& y) { return x.value == y.value; });
  }
  const auto left = sorted(a), right = sorted(b);
  return std::equal(left.begin(), left.end(), right.begin(),
                    [](const Entry* x, const Entry* y) { return x->key == y->key && x->value == y->value; });
}

bool equal_numbers(std::int64_t whole, double real) {
  const auto as_whole = to_integer(real);
  return as_whole && *as_whole == whole;
}

}  // namespace

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return "a value";
}

Node::Node(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    value_ = static_cast<std::int64_t>(value);
  } else {
    value_ = static_cast<double>(value);
  }
}

Node Node::map(std::initializer_list<std::pair<std::string, Node>> entries) {
  Node out = map();
  auto& added = out.entries();
  added.reserve(entries.size());
  for (const auto& [key, value] : entries) added.push_back({key, {}, value});
  return out;
}

Node Node::strings(const std::vector<std::string>& items) { return Node(List(items.begin(), items.end())); }

Node Node::plain(Node value, std::string as_written) {
  if (value.text() != as_written) value.written_ = std::move(as_written);
  return value;
}

bool Node::as_bool() const { return hold<bool>(value_, "a boolean"); }
std::int64_t Node::as_int() const { return hold<std::int64_t>(value_, "an integer"); }
double Node::as_double() const {
  if (is_int()) return static_cast<double>(as_int());
  return hold<double>(value_, "a number");
}
const std::string& Node::as_string() const { return hold<std::string>(value_, "a string"); }
const List& Node::items() const { return hold<List>(value_, "a list"); }
List& Node::items() { return hold<List>(value_, "a list"); }
const std::vector<Entry>& Node::entries() const { return hold<std::vector<Entry>>(value_, "a map"); }
std::vector<Entry>& Node::entries() { return hold<std::vector<Entry>>(value_, "a map"); }

std::string Node::text() const {
  if (!written_.empty()) return written_;
  switch (kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return as_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(as_int());
    case Kind::real:
      return real_text(as_double());
    case Kind::string:
      return as_string();
    case Kind::list:
    case Kind::map:
      return to_json(*this);
  }
  return {};
}

const Node* Node::find(std::string_view key) const {
  if (const auto* held = std::get_if<std::vector<Entry>>(&value_)) {
    for (const auto& entry : *held) {
      if (entry.key == key) return &entry.value;
    }
  }
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node& Node::operator[](std::string_view key) {
  if (is_null()) value_.emplace<std::vector<Entry>>();
  if (auto* found = find(key)) return *found;
  return entries().emplace_back(Entry{std::string(key), {}, {}}).value;
}

void Node::push_back(Node item) {
  if (is_null()) value_.emplace<List>();
  items().push_back(std::move(item));
}

bool Node::erase(std::string_view key) {
  if (!is_map()) return false;
  return std::erase_if(entries(), [&](const Entry& entry) { return entry.key == key; }) > 0;
}

std::size_t Node::size() const {
  if (is_list()) return items().size();
  return is_map() ? entries().size() : 0;
}

std::string Node::get(std::string_view key, std::string_view otherwise) const {
  const auto* found = find(key);
  return found && found->is_string() ? found->as_string() : std::string(otherwise);
}

double Node::get(std::string_view key, double otherwise) const {
  const auto* found = find(key);
  return found && found->is_number() ? found->as_double() : otherwise;
}

std::int64_t Node::get(std::string_view key, std::int64_t otherwise) const {
  const auto* found = find(key);
  return found && found->is_int() ? found->as_int() : otherwise;
}

bool Node::get(std::string_view key, bool otherwise) const {
  const auto* found = find(key);
  return found && found->is_bool() ? found->as_bool() : otherwise;
}

bool operator==(const Node& a, const Node& b) {
  if (a.kind() != b.kind()) {
    if (!a.is_number() || !b.is_number()) return false;
    return a.is_int() ? equal_numbers(a.as_int(), b.as_double()) : equal_numbers(b.as_int(), a.as_double());
  }
  switch (a.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.as_bool() == b.as_bool();
    case Kind::integer:
      return a.as_int() == b.as_int();
    case Kind::real:
      return a.as_double() == b.as_double();
    case Kind::string:
      return a.as_string() == b.as_string();
    case Kind::list:
      return a.items() == b.items();
    case Kind::map:
      return equal_maps(a.entries(), b.entries());
  }
  return false;
}

}  // namespace llmops::doc
