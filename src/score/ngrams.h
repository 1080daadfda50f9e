#pragma once
/// \file  How many n-grams of a text stand in others, for every n up to a longest one, in one walk.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llmops::score {

/// A word or a code point as a number.
using Symbol = std::uint32_t;
inline constexpr Symbol kUnknown = std::numeric_limits<Symbol>::max();

/// Words numbered in the order of their first mention.
class Vocabulary {
 public:
  Symbol add(std::string_view word);
  /// `kUnknown` for one that was not added.
  Symbol find(std::string_view word) const;
  std::vector<Symbol> add(std::span<const std::string_view> words);
  std::vector<Symbol> find(std::span<const std::string_view> words) const;
  std::size_t size() const { return numbers_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Symbol, Hash, std::equal_to<>> numbers_;
};

/// The n-grams of reference texts: a tree whose edges are symbols.
class NgramIndex {
 public:
  /// Of 1 to `longest` symbols.
  explicit NgramIndex(std::size_t longest);
  /// An n-gram that several texts have counts as often as the one that has it most often.
  void add(std::span<const Symbol> text);
  /// At n - 1: how many n-grams of the text are among those of the references, each at most as often as there.
  std::vector<std::size_t> matches(std::span<const Symbol> text) const;

 private:
  struct Edge {
    std::uint64_t key = kNoEdge;  ///< The node above and the symbol.
    std::uint32_t node = 0;
  };
  static constexpr std::uint64_t kNoEdge = std::numeric_limits<std::uint64_t>::max();

  Edge& slot(std::uint64_t key);
  const Edge& slot(std::uint64_t key) const;
  void make_room(std::size_t nodes);

  std::size_t longest_;
  std::vector<Edge> edges_;            ///< An open table, at most half full; its size is a power of two.
  std::vector<std::uint32_t> counts_;  ///< Of each node's n-gram in the references; node 0 is the empty one.
};

/// How many n-grams a text of so many symbols has.
inline std::size_t ngrams_in(std::size_t symbols, std::size_t n) { return symbols < n ? 0 : symbols - n + 1; }

}  // namespace llmops::score
