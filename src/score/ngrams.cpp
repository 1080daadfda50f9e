#include "score/ngrams.h"

#include <algorithm>
#include <bit>

namespace llmops::score {
namespace {

std::uint64_t key_of(std::uint32_t node, Symbol symbol) { return (std::uint64_t{node} << 32) | symbol; }

}  // namespace

Symbol Vocabulary::add(std::string_view word) {
  if (const auto known = numbers_.find(word); known != numbers_.end()) return known->second;
  const auto number = static_cast<Symbol>(numbers_.size());
  numbers_.emplace(word, number);
  return number;
}

Symbol Vocabulary::find(std::string_view word) const {
  const auto known = numbers_.find(word);
  return known == numbers_.end() ? kUnknown : known->second;
}

std::vector<Symbol> Vocabulary::add(std::span<const std::string_view> words) {
  std::vector<Symbol> out;
  out.reserve(words.size());
  for (const auto word : words) out.push_back(add(word));
  return out;
}

std::vector<Symbol> Vocabulary::find(std::span<const std::string_view> words) const {
  std::vector<Symbol> out;
  out.reserve(words.size());
  for (const auto word : words) out.push_back(find(word));
  return out;
}

NgramIndex::NgramIndex(std::size_t longest) : longest_(longest), edges_(2), counts_(1) {}

const NgramIndex::Edge& NgramIndex::slot(std::uint64_t key) const {
  const auto mask = edges_.size() - 1;
  auto at = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15u) >> 40) & mask;
  while (edges_[at].key != kNoEdge && edges_[at].key != key) at = (at + 1) & mask;
  return edges_[at];
}

NgramIndex::Edge& NgramIndex::slot(std::uint64_t key) {
  return const_cast<Edge&>(static_cast<const NgramIndex&>(*this).slot(key));
}

void NgramIndex::make_room(std::size_t nodes) {
  const auto size = std::bit_ceil(2 * nodes);
  if (size <= edges_.size()) return;
  auto before = std::move(edges_);
  edges_.assign(size, {});
  for (const auto& edge : before) {
    if (edge.key != kNoEdge) slot(edge.key) = edge;
  }
}

void NgramIndex::add(std::span<const Symbol> text) {
  std::size_t most = counts_.size();
  for (std::size_t n = 1; n <= longest_; ++n) most += ngrams_in(text.size(), n);
  make_room(most);
  std::vector<std::uint32_t> counts(most);
  for (std::size_t start = 0; start < text.size(); ++start) {
    std::uint32_t node = 0;
    for (const auto symbol : text.subspan(start, std::min(longest_, text.size() - start))) {
      auto& edge = slot(key_of(node, symbol));
      if (edge.key == kNoEdge) {
        edge = {key_of(node, symbol), static_cast<std::uint32_t>(counts_.size())};
        counts_.push_back(0);
      }
      node = edge.node;
      ++counts[node];
    }
  }
  for (std::size_t node = 0; node < counts_.size(); ++node) counts_[node] = std::max(counts_[node], counts[node]);
}

std::vector<std::size_t> NgramIndex::matches(std::span<const Symbol> text) const {
  std::vector<std::size_t> out(longest_);
  std::vector<std::uint32_t> seen(counts_.size());
  for (std::size_t start = 0; start < text.size(); ++start) {
    std::uint32_t node = 0;
    const auto rest = text.subspan(start, std::min(longest_, text.size() - start));
    for (std::size_t n = 0; n < rest.size(); ++n) {
      const auto& edge = slot(key_of(node, rest[n]));
      if (edge.key == kNoEdge) break;
      node = edge.node;
      if (seen[node] < counts_[node]) {
        ++seen[node];
        ++out[n];
      }
    }
  }
  return out;
}

}  // namespace llmops::score
