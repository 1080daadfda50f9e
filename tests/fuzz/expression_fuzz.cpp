/// `${…}` expressions and texts that hold them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "templating/expression.h"

using namespace llmops;
using namespace llmops::templating;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const SourcePos at{std::make_shared<const SourceText>(SourceText{"f", text}), 1, 1};
  const Lookup lookup = [](const Reference& reference) -> Result<Looked> {
    if (reference.root() == "steps") return Looked(Pending{reference.name(1)});
    if (reference.root() == "vars") return Looked(doc::Node::strings({"a", reference.name(1)}));
    return invalid_error("unknown name", reference.at);
  };
  if (const auto parsed = Expression::parse(text, at)) {
    if (parsed->references().size() > size) std::abort();
    (void)parsed->evaluate(lookup).has_value();
  }
  if (const auto parsed = Interpolation::parse(text, at)) {
    if (text.find('$') == std::string::npos && !parsed->constant()) std::abort();
    (void)parsed->evaluate(lookup).has_value();
  }
  return 0;
}
