#pragma once
/// \file  Bytes as they come → whole lines.
#include <cstdint>
#include <string>
#include <string_view>

namespace llmops::model::exec {

/// Not for many threads at once.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  /// Calls `on_line(number, line)` for each line that these bytes end, without its newline, counted from 1. False as
  /// soon as a line grows over the limit; nothing more is taken then.
  template <class F>
  bool feed(std::string_view bytes, F&& on_line) {
    while (!bytes.empty() && !broken_) {
      const auto end = bytes.find('\n');
      const auto piece = bytes.substr(0, end);
      if (rest_.size() + piece.size() > longest_) {
        broken_ = true;
        break;
      }
      if (end == std::string_view::npos) {
        rest_ += piece;
        break;
      }
      bytes.remove_prefix(end + 1);
      take_line(piece, on_line);
    }
    return !broken_;
  }

  /// What came after the last newline, as a line of its own where there is any.
  template <class F>
  void finish(F&& on_line) {
    if (!rest_.empty() && !broken_) take_line({}, on_line);
  }

  /// The number of the line that comes next.
  std::int64_t next_number() const { return lines_ + 1; }

 private:
  template <class F>
  void take_line(std::string_view piece, F&& on_line) {
    std::string whole;
    if (!rest_.empty()) {
      whole = std::move(rest_);
      rest_.clear();
      whole += piece;
      piece = whole;
    }
    if (piece.ends_with('\r')) piece.remove_suffix(1);
    on_line(++lines_, piece);
  }

  const std::size_t longest_;
  std::string rest_;
  std::int64_t lines_ = 0;
  bool broken_ = false;
};

}  // namespace llmops::model::exec
