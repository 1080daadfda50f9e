#include "score/json_schema/equality.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "doc/json.h"
#include "doc/number.h"

namespace llmops::score::json_schema {
namespace {

using doc::Kind;

/// Steele, Lea, Flood 2014 (SplitMix64): every bit of the input moves every bit of the result.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

std::uint64_t hash_of_text(std::string_view text) { return std::hash<std::string_view>{}(text); }

std::uint64_t hash_of_real(double value) {
  if (const auto whole = doc::to_integer(value)) return mix(static_cast<std::uint64_t>(*whole));
  return mix(std::hash<double>{}(value));
}

using Hashed = std::vector<std::pair<std::uint64_t, std::size_t>>;

/// Two equal ones among items of equal hashes. Texts are compared rather than pairs: hashes can be made to meet.
std::optional<std::pair<std::size_t, std::size_t>> equal_among(const doc::List& items, Hashed::const_iterator from,
                                                               Hashed::const_iterator to) {
  if (items[from->second] == items[(from + 1)->second]) return std::pair(from->second, (from + 1)->second);
  std::vector<std::pair<std::string, std::size_t>> texts;
  for (; from != to; ++from) texts.emplace_back(doc::to_canonical_json(items[from->second]), from->second);
  std::sort(texts.begin(), texts.end());
  const auto found = std::adjacent_find(texts.begin(), texts.end(), [&](const auto& a, const auto& b) {
    return a.first == b.first && items[a.second] == items[b.second];
  });
  if (found == texts.end()) return std::nullopt;
  return std::pair(found->second, (found + 1)->second);
}

}  // namespace

std::uint64_t hash_of(const doc::Node& value) {
  switch (value.kind()) {
    case Kind::null:
      return 1;
    case Kind::boolean:
      return value.as_bool() ? 2 : 3;
    case Kind::integer:
      return mix(static_cast<std::uint64_t>(value.as_int()));
    case Kind::real:
      return hash_of_real(value.as_double());
    case Kind::string:
      return hash_of_text(value.as_string());
    case Kind::list: {
      std::uint64_t out = 5;
      for (const auto& item : value.items()) out = mix(out ^ hash_of(item));
      return out;
    }
    case Kind::map: {
      std::uint64_t out = 7;
      for (const auto& entry : value.entries()) out += mix(hash_of_text(entry.key) ^ mix(hash_of(entry.value)));
      return mix(out);
    }
  }
  return 0;
}

std::size_t weight_of(const doc::Node& value) {
  constexpr std::size_t kBytesForOne = 8;
  std::size_t out = 1;
  if (value.is_string()) out += value.as_string().size() / kBytesForOne;
  if (value.is_list()) {
    for (const auto& item : value.items()) out += weight_of(item);
  } else if (value.is_map()) {
    for (const auto& entry : value.entries()) out += entry.key.size() / kBytesForOne + weight_of(entry.value);
  }
  return out;
}

std::optional<std::pair<std::size_t, std::size_t>> equal_items(const doc::List& items) {
  Hashed hashed;
  hashed.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) hashed.emplace_back(hash_of(items[i]), i);
  std::sort(hashed.begin(), hashed.end());
  for (auto from = hashed.cbegin(); from != hashed.cend();) {
    const auto to = std::find_if(from, hashed.cend(), [&](const auto& one) { return one.first != from->first; });
    if (to - from > 1) {
      if (const auto found = equal_among(items, from, to)) return found;
    }
    from = to;
  }
  return std::nullopt;
}

ValueSet::ValueSet(const doc::List& values) {
  const bool few = values.size() <= kFew;
  for (const auto& value : values) values_.emplace_back(few ? 0 : hash_of(value), &value);
  if (!few) std::sort(values_.begin(), values_.end());
}

bool ValueSet::contains(const doc::Node& value) const {
  const auto hash = needs_hash() ? hash_of(value) : 0;
  const auto less = [](const auto& one, std::uint64_t wanted) { return one.first < wanted; };
  auto at = std::lower_bound(values_.begin(), values_.end(), hash, less);
  for (; at != values_.end() && at->first == hash; ++at) {
    if (*at->second == value) return true;
  }
  return false;
}

}  // namespace llmops::score::json_schema
