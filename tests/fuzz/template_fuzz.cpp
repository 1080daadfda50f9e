/// Templates are foreign bytes: a model file brings its own. Whatever they say, an error or a bounded text comes back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "templating/template.h"

using namespace llmops;
using doc::Node;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto context = Node::map({{"text", "<|x|> ü 1"},
                                  {"messages", Node(doc::List{Node::map({{"role", "user"}, {"content", "hi"}}),
                                                              Node::map({{"role", "system"}, {"content", nullptr}})})},
                                  {"n", 3},
                                  {"x", 0.5}});
  for (const auto undefined : {templating::Undefined::error, templating::Undefined::lenient}) {
    const auto parsed = templating::Template::parse(text, {undefined, {}, 0});
    if (!parsed) continue;
    const auto names = parsed->names();
    const auto out = parsed->render(context);
    if (out && templating::plain(*out).size() > (std::size_t{16} << 20)) std::abort();
    if (!out && out.error().at.line == 0) std::abort();
  }
  return 0;
}
