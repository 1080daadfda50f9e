#pragma once
/// \file  An answer that comes in pieces, put together again.
#include <string_view>

#include "doc/node.h"

namespace llmops::model::api {

/// How pieces are told apart.
enum class Framing {
  events,  ///< Server-sent events (WHATWG HTML, section 9.2): `data:` lines, an empty line behind each event.
  lines,   ///< A JSON value a line.
};

/// Takes the pieces of one answer, in order.
class Assembler {
 public:
  virtual ~Assembler() = default;
  virtual void take(const doc::Node& piece) = 0;
  /// The event `[DONE]`.
  virtual void take_end() {}
  /// Whether something of the answer itself came: of its text, or of a call. Thoughts before it don't count.
  virtual bool begun() const = 0;
  /// Whether the server said that this was all, or told of an error.
  virtual bool complete() const = 0;
  /// The body that would have come in one piece. Once, at the end.
  virtual doc::Node body() = 0;
};

}  // namespace llmops::model::api
