#include "schema/quantity.h"

#include <utility>

namespace llmops::schema {

std::string written(Duration duration) {
  static constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}};
  const auto ms = duration.count();
  for (const auto& [size, unit] : kUnits) {
    if (ms != 0 && ms % size == 0) return std::to_string(ms / size) + unit;
  }
  return ms == 0 ? "0s" : std::to_string(ms) + "ms";
}

std::string written(Bytes bytes) {
  static constexpr std::pair<int, const char*> kUnits[] = {{40, "TiB"}, {30, "GiB"}, {20, "MiB"}, {10, "KiB"}};
  for (const auto& [bits, unit] : kUnits) {
    const auto count = bytes.value >> bits;
    if (count != 0 && count << bits == bytes.value) return std::to_string(count) + unit;
  }
  return std::to_string(bytes.value);
}

}  // namespace llmops::schema
