// Any bytes as JSON: with and without places the same answer, a value survives being written, and it is read as the
// same where other text follows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "doc/json.h"
#include "doc/json_prefix.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto placed = llmops::doc::parse_json("fuzz.json", text);
  const auto bare = llmops::doc::parse_json_data(text);
  if (placed.has_value() != bare.has_value()) std::abort();
  if (llmops::doc::parse_json_prefix(text).bytes > size) std::abort();
  if (!placed) {
    (void)llmops::render(placed.error());
    return 0;
  }
  for (const auto& written :
       {llmops::doc::to_json(*placed), llmops::doc::to_pretty_json(*placed), llmops::doc::to_canonical_json(*placed)}) {
    const auto again = llmops::doc::parse_json_data(written);
    if (!again || *again != *placed) std::abort();
    const auto prefix = llmops::doc::parse_json_prefix(written + " [");
    if (!prefix.value || *prefix.value != *placed || prefix.bytes != written.size()) std::abort();
  }
  return 0;
}
