/// Any bytes as a dataset: cases that can be read one by one, or errors with their places.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "asset/cases.h"
#include "fakes/memory_file_system.h"

using namespace llmops;

namespace {

void read_as(const std::string& text, const std::string& name, const asset::CaseFields& fields) {
  fakes::MemoryFileSystem files;
  files.put("/" + name, text);
  const auto cases = asset::Cases::open(files, "/" + name, name, fields);
  if (!cases) {
    if (cases.error().empty() || cases.error().size() > 20) std::abort();
    for (const auto& error : cases.error()) (void)render(error);
    return;
  }
  if (cases->size() == 0) std::abort();
  std::set<std::string> ids;
  for (std::size_t i = 0; i < cases->size(); ++i) {
    const auto one = cases->at(i);
    if (!one || !one->fields.is_map() || !ids.insert(one->id).second) std::abort();
    if (!fields.expected.empty() && !one->expected) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_as(text, "d.jsonl", {});
  read_as(text, "d.jsonl", {"label", "", ""});
  read_as(text, "d.csv", {});
  return 0;
}
