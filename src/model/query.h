#pragma once
/// \file  A question to a model, and its answer, as values.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"
#include "schema/record.h"
#include "templating/message.h"

namespace llmops::model {

/// How an answer is drawn. What is not set is left to the provider, except that `llama` is greedy.
struct Parameters {
  std::optional<double> temperature, top_p;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;  ///< Of the first answer; `Query::repeat` is added to it.
  std::vector<std::string> stop;
  /// Tokens kept for one query, prompt and answer together (`llama` and `ollama`).
  std::optional<std::int64_t> context;
  /// The form of the answer: null, `json` (an object), or `{schema: …}` (what this JSON Schema allows).
  doc::Node format;
  doc::Node tools;               ///< Functions that the model may want called, as `tools_of` reads them; or null.
  std::string tool_choice;       ///< `auto`, `none`, `required` or a tool's name; empty: left to the provider.
  std::optional<bool> logprobs;  ///< Whether the answer tells the log-probabilities of its tokens.
  /// Sent on as they are to an API that knows them.
  doc::Node extra;
  friend bool operator==(const Parameters&, const Parameters&) = default;
};
const schema::Record<Parameters>& record_of(Parameters*);

/// `over` wins, key by key.
Parameters merge(Parameters base, const Parameters& over);

/// How the likelihoods of choices are compared.
enum class ChoiceNorm {
  none,    ///< The sum of the tokens' log-probabilities.
  length,  ///< That, divided by the number of tokens.
};

struct Query {
  std::vector<templating::Message> messages;
  bool raw = false;  ///< No chat template: the text itself.
  Parameters parameters;
  std::vector<std::string> choices;  ///< When not empty, the answer is one of these.
  ChoiceNorm choice_norm = ChoiceNorm::none;
  std::int64_t repeat = 0;  ///< Which of several answers to the same question this is.
  /// For models that embed: texts whose vectors are wanted, in place of all of the above. Whoever asks gives one text a
  /// query, so that each vector is kept by itself; the model sends many together.
  std::vector<std::string> embed;
  doc::Node case_fields;  ///< For programs, which are sent the case; null otherwise.
  /// For programs that score: what one is sent in place of all of the above, beside an `id`. Its answer is then the
  /// whole line that it writes. Null otherwise.
  doc::Node line;
};

struct Usage {
  std::optional<std::int64_t> input_tokens;  ///< Of the whole prompt, wherever it was read from.
  std::optional<std::int64_t> output_tokens;
  std::optional<std::int64_t> cache_read_tokens, cache_write_tokens;  ///< Of the input tokens; of the server's cache.
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// A function that a model wants called.
struct ToolCall {
  std::string name;
  doc::Node arguments;  ///< A map; a text where the model wrote no JSON.
  friend bool operator==(const ToolCall&, const ToolCall&) = default;
};
/// `[{"name": …, "arguments": …}]`; null where there are none.
doc::Node to_node(const std::vector<ToolCall>& calls);
/// Of such a list; what has no name is left out.
std::vector<ToolCall> tool_calls_in(const doc::Node& list);

struct Answer {
  std::string text;
  std::string finish_reason;  ///< `stop`, `length`, `choice`, `tool_calls`, `refusal`, or the provider's word.
  Usage usage;
  /// What it cost when it was asked, or costs at the price of now where it was kept; nothing where that is not known.
  std::optional<Usd> cost;
  bool cost_told = false;                              ///< By the provider itself: true whatever the price is.
  std::chrono::nanoseconds busy{0};                    ///< Its part of the time that the model worked; see `BusyTime`.
  Duration latency{0};                                 ///< Of the exchange that gave it, retries and queueing left out.
  std::map<std::string, double> choice_probabilities;  ///< Normalised over the choices.
  std::string reported_model;                          ///< What the server said it is; recorded, never part of a key.
  doc::Node spans;                                     ///< What a program told of its inner work, or null.
  std::optional<Duration> time_to_first_token;         ///< Where the answer came piece by piece.
  std::vector<ToolCall> tool_calls;
  std::optional<double> mean_log_probability;  ///< Over the answer's tokens, to base e; where `logprobs` asked for it.
  std::optional<Duration> pause;  ///< For so long the server wants nothing more, as its headers tell; never kept.
  /// Of each text of `Query::embed`: its direction, a vector of length 1, so that the inner product of two is their
  /// cosine. The finish reason is `length` where only the beginning of a text was read.
  std::vector<std::vector<float>> vectors;
};

/// Kept in the answer cache: all but a cost that a price made of it.
std::string to_bytes(const Answer& answer);
Result<Answer> answer_from_bytes(std::string_view bytes);

/// Whether asking the same again can give another answer; `draw_of` in config.h tells.
enum class Draw {
  sampled,  ///< It can, and a repeat is a question of its own. APIs are never sure to be greedy, whatever the
            ///< temperature.
  greedy,   ///< It can't: the repeat, the seed and how to sample are no part of the question.
};

/// The identity of a question to this model: everything that can change the answer and nothing else. How a message's
/// text is cut into parts of the same origin and the order of a case's fields are no part of it.
Digest query_key(const Digest& model_identity, const Query& query, Draw draw = Draw::sampled);

}  // namespace llmops::model
