#pragma once
/// \file  The bytes of an answer that is streamed, as they come.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"
#include "model/api/assembler.h"

namespace llmops::model::api {

/// Cuts bytes into pieces and hands them to an assembler. For one answer; used from one thread at a time.
class Receiver {
 public:
  Receiver(Framing framing, std::unique_ptr<Assembler> assembler)
      : framing_(framing), assembler_(std::move(assembler)) {}

  /// True once something of the answer itself has come.
  bool take(std::string_view bytes);
  /// No more bytes will come.
  void end();

  /// Whether any piece came. A server that does not stream, or that refuses, sends none: then `raw` is its body.
  bool streamed() const { return streamed_; }
  /// All bytes before the first piece.
  std::string& raw() { return raw_; }
  /// What is wrong with a piece; empty where nothing is.
  const std::string& broken() const { return broken_; }
  Assembler& assembler() { return *assembler_; }

 private:
  void take_line(std::string_view line);
  void take_piece(std::string_view json);

  Framing framing_;
  std::unique_ptr<Assembler> assembler_;
  std::string raw_, pending_, data_, broken_;
  bool streamed_ = false, has_data_ = false;
};

}  // namespace llmops::model::api
