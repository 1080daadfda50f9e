#include "score/common_subsequence.h"

#include <algorithm>
#include <bit>

namespace llmops::score {
namespace {

constexpr std::size_t kMostSteps = std::size_t{1} << 30;
constexpr std::size_t kBits = 64;

std::vector<Symbol> known_of(std::span<const Symbol> text) {
  std::vector<Symbol> out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](Symbol symbol) { return symbol != kUnknown; });
  return out;
}

/// Where each symbol stands in a text, as bits. Rare symbols are kept as positions: a bit for each place would take the
/// text's length for every symbol.
class Places {
 public:
  Places(std::span<const Symbol> text, std::size_t symbols)
      : words_((text.size() + kBits - 1) / kBits), positions_(symbols), masks_(symbols), scratch_(words_) {
    for (std::size_t i = 0; i < text.size(); ++i) positions_[text[i]].push_back(static_cast<std::uint32_t>(i));
    for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
      if (positions_[symbol].size() <= kBits) continue;
      masks_[symbol].resize(words_);
      for (const auto at : positions_[symbol]) set(masks_[symbol], at);
    }
  }

  std::size_t words() const { return words_; }
  bool has(Symbol symbol) const { return !positions_[symbol].empty(); }

  /// Calls `use` with the bits of a symbol.
  template <class Use>
  void with(Symbol symbol, Use&& use) {
    if (!masks_[symbol].empty()) return use(masks_[symbol]);
    for (const auto at : positions_[symbol]) set(scratch_, at);
    use(scratch_);
    for (const auto at : positions_[symbol]) scratch_[at / kBits] = 0;
  }

 private:
  static void set(std::vector<std::uint64_t>& bits, std::size_t at) {
    bits[at / kBits] |= std::uint64_t{1} << (at % kBits);
  }

  std::size_t words_;
  std::vector<std::vector<std::uint32_t>> positions_;
  std::vector<std::vector<std::uint64_t>> masks_;
  std::vector<std::uint64_t> scratch_;
};

}  // namespace

std::optional<std::size_t> common_subsequence(std::span<const Symbol> a, std::span<const Symbol> b,
                                              std::size_t symbols) {
  auto shorter = known_of(a), longer = known_of(b);
  if (shorter.size() > longer.size()) std::swap(shorter, longer);
  if (shorter.empty()) return 0;
  if (longer.size() > kMostSteps / ((shorter.size() + kBits - 1) / kBits)) return std::nullopt;

  Places places(shorter, symbols);
  std::vector<std::uint64_t> rows(places.words(), ~std::uint64_t{0});
  for (const auto symbol : longer) {
    if (!places.has(symbol)) continue;
    places.with(symbol, [&](const std::vector<std::uint64_t>& bits) {
      std::uint64_t carry = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = rows[i], matched = row & bits[i];
        const auto sum = row + matched, with_carry = sum + carry;
        carry = sum < row || with_carry < sum ? 1 : 0;
        rows[i] = with_carry | (row & ~matched);
      }
    });
  }
  std::size_t ones = 0;
  for (const auto row : rows) ones += static_cast<std::size_t>(std::popcount(row));
  return rows.size() * kBits - ones;
}

}  // namespace llmops::score
