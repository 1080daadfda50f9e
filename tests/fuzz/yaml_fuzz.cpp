// Any bytes as YAML: a document or errors, and a document survives being packed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "doc/json.h"
#include "doc/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)llmops::doc::unpack(text, "fuzz.yaml", {});
  const auto parsed = llmops::doc::parse_yaml("fuzz.yaml", text);
  if (!parsed) {
    if (parsed.error().empty()) std::abort();
    for (const auto& error : parsed.error()) (void)llmops::render(error);
    return 0;
  }
  const auto again = llmops::doc::unpack(llmops::doc::pack(*parsed), "fuzz.yaml", text);
  if (!again || llmops::doc::to_canonical_json(*again) != llmops::doc::to_canonical_json(*parsed)) std::abort();
  return 0;
}
