#pragma once
/// \file  What a server answered: an answer, or why there is none.
#include <chrono>
#include <optional>
#include <string>

#include "model/api/dialect.h"
#include "model/api/receiver.h"
#include "model/model.h"
#include "model/redactor.h"

namespace llmops::model::api {

/// What reading an answer needs to know of the question.
struct Asked {
  std::string model, url;                     ///< For messages; the address without what could be secret.
  Query query;                                ///< Without its messages.
  std::chrono::system_clock::time_point now;  ///< `Retry-After` may be a date.
};

/// The answer, or the failure. Retryable: 408, 409, 429 (unless the quota is used up), 5xx with Anthropic's 529, and a
/// body that is cut off, no JSON, or not an answer's shape. Overloaded: 429, 503, 529. Of extent `all`: a quota used up
/// (402); `unanswered`: 401, 403, 404, 3xx. The server's words are marked as such, cleaned by `redactor` and cut to 300
/// characters.
Result<Answer, QueryFailure> read_response(const sys::HttpResponse& response, const Asked& asked,
                                           const Dialect& dialect, const Redactor& redactor);

/// The same of an answer that came in pieces, all of which `received` has. One that ends early is a failure, never a
/// short answer, and worth another try. A server that did not stream is read whole.
Result<Answer, QueryFailure> read_streamed(sys::HttpResponse response, Receiver& received, const Asked& asked,
                                           const Dialect& dialect, const Redactor& redactor);

/// `retry-after-ms` (milliseconds), else `retry-after` (seconds or an HTTP date). Nothing where neither can be read; a
/// date that has passed is 0.
std::optional<Duration> retry_after(const sys::HttpResponse& response, std::chrono::system_clock::time_point now);

/// How long until the limit that is used up is whole again: of those that OpenAI's `x-ratelimit-remaining-…` and
/// Anthropic's `anthropic-ratelimit-…-remaining` tell with 0, the longest of what the headers of their reset say (a
/// duration such as `6m0s`, or RFC 3339). Nothing where there is something left of each.
std::optional<Duration> told_pause(const sys::HttpResponse& response, std::chrono::system_clock::time_point now);

/// RFC 3339, fractions rounded up to milliseconds; nothing where it is none.
std::optional<std::chrono::sys_time<Duration>> parse_rfc3339(std::string_view text);

}  // namespace llmops::model::api
