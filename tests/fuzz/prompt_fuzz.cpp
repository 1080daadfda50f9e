/// Prompt files: front matter and template.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "prompt/prompt.h"

using namespace llmops;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = prompt::Prompt::parse("p.j2", std::string(reinterpret_cast<const char*>(data), size));
  if (!parsed) {
    if (parsed.error().empty()) std::abort();
    return 0;
  }
  const auto fields = parsed->case_fields();
  const auto case_fields = doc::Node::map({{"text", "hi"}, {"context", doc::Node::strings({"a"})}});
  const auto out = parsed->render(case_fields, doc::Node::map({{"labels", doc::Node::strings({"a", "b"})}}));
  if (out && out->messages.empty()) std::abort();
  return 0;
}
