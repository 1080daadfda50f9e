#include "model/api/receiver.h"

#include "base/text.h"
#include "doc/json.h"

namespace llmops::model::api {
namespace {

constexpr std::string_view kEnd = "[DONE]";

}  // namespace

bool Receiver::take(std::string_view bytes) {
  if (!streamed_) raw_ += bytes;
  std::size_t searched = pending_.size(), begin = 0;
  pending_ += bytes;
  for (auto end = pending_.find('\n', searched); end != std::string::npos; end = pending_.find('\n', begin)) {
    take_line(std::string_view(pending_).substr(begin, end - begin));
    begin = end + 1;
  }
  pending_.erase(0, begin);
  return assembler_->begun();
}

void Receiver::end() {
  if (!pending_.empty()) take_line(pending_);
  pending_.clear();
  if (framing_ == Framing::events) take_line({});
}

void Receiver::take_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (framing_ == Framing::lines) {
    if (!text::trim(line).empty()) take_piece(line);
    return;
  }
  if (line.empty()) {
    if (std::exchange(has_data_, false)) take_piece(std::exchange(data_, {}));
    return;
  }
  if (!line.starts_with("data:")) return;  // `event:`, `id:`, `retry:`, comments: the data say the same.
  line.remove_prefix(5);
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (std::exchange(has_data_, true)) data_ += '\n';
  data_ += line;
}

void Receiver::take_piece(std::string_view json) {
  if (framing_ == Framing::events && text::trim(json) == kEnd) {
    streamed_ = true;
    return assembler_->take_end();
  }
  const auto piece = doc::parse_json_data(json);
  // A first line that is no piece may be the beginning of a whole body, written over several lines.
  if (!piece && (framing_ == Framing::events || streamed_)) {
    streamed_ = true;
    if (broken_.empty()) broken_ = piece.error().message;
    return;
  }
  if (!piece) return;
  streamed_ = true;
  assembler_->take(*piece);
}

}  // namespace llmops::model::api
