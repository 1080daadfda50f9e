#pragma once
/// \file  A schema as it is run: subschemas by index, each a list of keywords. Private to this folder.
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "doc/node.h"

namespace llmops::score::json_schema {

class Run;

/// Which members or items of one value a schema has looked at, for `unevaluatedProperties` and `unevaluatedItems`.
class Seen {
 public:
  void mark(std::size_t index, std::size_t size) {
    if (marks_.size() < size) marks_.resize(size);
    marks_[index] = true;
  }
  bool has(std::size_t index) const { return index < marks_.size() && marks_[index]; }
  void merge(const Seen& other) {
    if (marks_.size() < other.marks_.size()) marks_.resize(other.marks_.size());
    for (std::size_t i = 0; i < other.marks_.size(); ++i) marks_[i] = marks_[i] || other.marks_[i];
  }

 private:
  std::vector<bool> marks_;
};

/// One assertion or applicator, often made of several keywords of a schema. Immutable.
class Keyword {
 public:
  virtual ~Keyword() = default;
  /// Whether the value is as wanted; where not, `run` was told why. `seen` is null where nobody asks.
  virtual bool holds(const doc::Node& value, Run& run, Seen* seen) const = 0;
};

/// A set of kinds of values.
using Kinds = unsigned;
constexpr Kinds bit(doc::Kind kind) { return 1u << static_cast<unsigned>(kind); }
constexpr Kinds kMaps = bit(doc::Kind::map), kLists = bit(doc::Kind::list), kStrings = bit(doc::Kind::string);
constexpr Kinds kNumbers = bit(doc::Kind::integer) | bit(doc::Kind::real);
constexpr Kinds kEveryKind = kMaps | kLists | kStrings | kNumbers | bit(doc::Kind::null) | bit(doc::Kind::boolean);

/// A keyword and the kinds of values that it says anything about.
struct Unit {
  Kinds kinds = kEveryKind;
  std::unique_ptr<const Keyword> keyword;
};

struct Subschema {
  std::vector<Unit> units;
  std::size_t resource = 0;
  bool never = false;      ///< `false`
  bool asks_seen = false;  ///< It has `unevaluatedProperties` or `unevaluatedItems`.
};

/// Plain data once made. Subschema 0 is the schema itself; what the keywords point into is in `document`.
struct Program {
  doc::Node document;
  std::vector<Subschema> subschemas;
  /// `$dynamicAnchor`s of each resource, with their subschemas.
  std::vector<std::map<std::string, std::size_t, std::less<>>> dynamic_anchors;
  bool dynamic = false;  ///< It has a `$dynamicRef`.
};

}  // namespace llmops::score::json_schema
