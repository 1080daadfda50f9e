#include "doc/unique_keys.h"

#include <algorithm>
#include <numeric>

namespace llmops::doc {
namespace {

constexpr std::size_t kSmall = 16;

std::vector<RepeatedKey> compare_all(const std::vector<Entry>& entries) {
  std::vector<RepeatedKey> out;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (entries[i].key != entries[j].key) continue;
      out.push_back({j, i});
      break;
    }
  }
  return out;
}

}  // namespace

std::vector<RepeatedKey> repeated_keys(const std::vector<Entry>& entries) {
  if (entries.size() <= kSmall) return compare_all(entries);
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return entries[a].key < entries[b].key; });
  std::vector<RepeatedKey> out;
  std::size_t first = order[0];
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (entries[order[i]].key == entries[first].key) {
      out.push_back({first, order[i]});
    } else {
      first = order[i];
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.repeat < b.repeat; });
  return out;
}

}  // namespace llmops::doc
