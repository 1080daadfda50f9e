// Any bytes from a model's side: an API's answer, whole or streamed, a program's lines, a kept answer. Nothing breaks,
// what is read survives being written, and what a server said is safe to show.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "model/anthropic/messages.h"
#include "model/api/reading.h"
#include "model/exec/line_splitter.h"
#include "model/exec/protocol.h"
#include "model/ollama/chat.h"
#include "model/openai/chat.h"
#include "model/openai/responses.h"

namespace {

using namespace llmops::model;
using llmops::Result;

void check(const Result<Answer, QueryFailure>& out) {
  if (out) return;
  const auto& message = out.error().error.message;
  if (llmops::text::printable(message) != message || message.find("secret-1") != std::string::npos) std::abort();
  if (out.error().retry_after && out.error().retry_after->count() < 0) std::abort();
}

void read_as_response(const std::string& text, int status, const api::Dialect& dialect, bool choices) {
  llmops::sys::HttpResponse response;
  response.status = status;
  response.body = text;
  response.headers = {{"retry-after", text.substr(0, 40)}};
  Query query;
  query.raw = status == 201;
  if (choices) query.choices = {"a", "b"};
  const api::Asked asked{"m", "http://h", query, std::chrono::system_clock::time_point{}};
  Redactor redactor;
  redactor.add("secret-1");
  check(api::read_response(response, asked, dialect, redactor));
  api::Receiver received(dialect.framing(), dialect.assembler());
  const auto middle = text.size() / 2;
  received.take(std::string_view(text).substr(0, middle));
  received.take(std::string_view(text).substr(middle));
  check(api::read_streamed(response, received, asked, dialect, redactor));
}

/// The cut must not matter.
void read_in_other_pieces(const std::string& text, const api::Dialect& dialect) {
  api::Receiver whole(dialect.framing(), dialect.assembler()), bytes(dialect.framing(), dialect.assembler());
  whole.take(text);
  for (const char byte : text) bytes.take({&byte, 1});
  whole.end();
  bytes.end();
  if (whole.broken() != bytes.broken() || whole.streamed() != bytes.streamed() ||
      whole.assembler().complete() != bytes.assembler().complete()) {
    std::abort();
  }
  if (whole.assembler().complete() && whole.assembler().body() != bytes.assembler().body()) std::abort();
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
  static const std::array dialects = {openai::chat(), openai::responses(), anthropic::messages(), ollama::chat()};
  for (const auto& dialect : dialects) {
    for (const int status : {200, 201, 429}) read_as_response(text, status, *dialect, status == 200);
    read_in_other_pieces(text, *dialect);
  }
  read_as_lines(text);
  const auto answer = answer_from_bytes(text);
  if (answer) {
    const auto again = answer_from_bytes(to_bytes(*answer));
    if (!again || again->text != answer->text) std::abort();
  }
  return 0;
}
