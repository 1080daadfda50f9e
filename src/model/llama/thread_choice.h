#pragma once
/// \file  How many threads to decode with, learnt while decoding.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace llmops::model::llama {

/// Threads that decode together wait for each other some hundred times a token, spinning. On a quiet machine all CPUs
/// are fastest; where others need the CPUs too, one thread can be fifty times faster than two. So the number is tried
/// out: all, half of them, or one. Trying a slower one takes about a twentieth of the time at most. What is computed
/// does not depend on the number.
class ThreadChoice {
 public:
  /// `most` is at least 1.
  explicit ThreadChoice(std::uint32_t most);
  /// The number to decode so many tokens with now. Ask once before each decoding.
  std::uint32_t next(std::size_t tokens);
  /// What that decoding took.
  void took(std::size_t tokens, std::chrono::microseconds time);

 private:
  struct Candidate {
    std::uint32_t threads = 1;
    double token_us = 0;   ///< Smoothed; 0 before the first try.
    double trial_us = 0;   ///< What the last try took.
    double passed_us = 0;  ///< Decoding time since then.
  };
  std::vector<Candidate> candidates_;  ///< Most threads first.
  std::size_t best_ = 0, current_ = 0;
  bool warm_ = false;  ///< The first decoding also brings the weights into memory, and tells nothing.
};

}  // namespace llmops::model::llama
