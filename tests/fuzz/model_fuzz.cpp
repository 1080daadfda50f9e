// Any bytes from a model's side: an API's answer, a program's lines, a kept answer. Nothing breaks, what is read
// survives being written, and what a server said is safe to show.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "model/exec/line_splitter.h"
#include "model/exec/protocol.h"
#include "model/openai/response.h"

namespace {

using namespace llmops::model;

void read_as_response(const std::string& text, int status) {
  llmops::sys::HttpResponse response;
  response.status = status;
  response.body = text;
  response.headers = {{"retry-after", text.substr(0, 40)}};
  const openai::Asked asked{
      "m", "http://h", openai::Endpoint::chat, {"a", "b"}, std::chrono::system_clock::time_point{}};
  Redactor redactor;
  redactor.add("secret-1");
  const auto out = openai::read_response(response, asked, redactor);
  if (out) return;
  const auto& message = out.error().error.message;
  if (llmops::text::printable(message) != message || message.find("secret-1") != std::string::npos) std::abort();
  if (out.error().retry_after && out.error().retry_after->count() < 0) std::abort();
}

void read_as_lines(const std::string& text) {
  exec::LineSplitter splitter(1 << 16);
  const auto on_line = [](std::int64_t, std::string_view line) { (void)exec::read_line(line); };
  const auto middle = text.size() / 2;
  if (splitter.feed(std::string_view(text).substr(0, middle), on_line))
    splitter.feed(std::string_view(text).substr(middle), on_line);
  splitter.finish(on_line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_as_response(text, 200);
  read_as_response(text, 429);
  read_as_lines(text);
  const auto answer = answer_from_bytes(text);
  if (answer) {
    const auto again = answer_from_bytes(to_bytes(*answer));
    if (!again || again->text != answer->text) std::abort();
  }
  return 0;
}
