#include "model/api/reading.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "doc/json.h"
#include "model/api/fields.h"
#include "model/choice.h"

namespace llmops::model::api {
namespace {

using Failure = Unexpected<QueryFailure>;

constexpr std::size_t kShown = 300;

std::string who(const Asked& asked) { return "`" + asked.url + "`"; }

Failure unreadable(const Asked& asked, const std::string& why) {
  return {{environment_error(who(asked) + " gave an answer that can't be read: " + why,
                             "does `base_url` lead to an API of the kind that `provider` names?"),
           true}};
}

Failure broken_off(const Asked& asked, const std::string& why) {
  return {{environment_error(who(asked) + " streamed no whole answer: " + why,
                             "allow more tries (`retry`), or leave out `stream`"),
           true}};
}

bool good(int status) { return status >= 200 && status <= 299; }

bool used_up(int status, const std::string& code, const std::string& words) {
  return status == 402 || code == "insufficient_quota" || code == "billing_error" ||
         words.find("credit balance is too low") != std::string::npos;
}

std::string hint_of(int status, const Asked& asked, const Dialect& dialect, const std::string& words) {
  if (auto own = dialect.hint(status, asked.model); !own.empty()) return own;
  if (status == 401 || status == 403) return "check `api_key` and what it may use";
  if (status == 429)
    return "ask less: `requests_per_minute`, `tokens_per_minute` or `concurrency`, or allow more tries: `retry`";
  if (status == 404) return "check `model` and `base_url`";
  if (status >= 300 && status < 400) return "write the final address in `base_url`; redirects are not followed";
  const bool of_form = words.find("response_format") != std::string::npos ||
                       words.find("output_config") != std::string::npos || words.find("schema") != std::string::npos;
  if (status == 400 && !asked.query.choices.empty() && of_form) {
    return "this model can't be held to `choices`: leave them out, and score the text instead";
  }
  if (status == 400 && !asked.query.parameters.format.is_null() && of_form) {
    return "this model can't be held to `format`, or not to this schema: close its objects, or leave it out";
  }
  return {};
}

Failure refused(const sys::HttpResponse& response, const Asked& asked, const Dialect& dialect,
                const Redactor& redactor) {
  const int status = response.status;
  const auto parsed = doc::parse_json_data(response.body);
  const auto body = parsed ? *parsed : doc::Node();
  const auto words = words_of(body, response.body);
  const bool quota_over = used_up(status, code_of(body), words);
  const bool may_pass = status == 408 || status == 409 || status == 429 || status >= 500;
  const bool rejects_us = status == 401 || status == 403 || status == 404 || (status >= 300 && status < 400);
  const auto extent = quota_over ? Extent::all : rejects_us ? Extent::unanswered : Extent::one;

  const auto said = redactor.clean(words, kShown);
  auto message = who(asked) + " answered " + std::to_string(status) + " for model `" + asked.model + "`" +
                 (said.empty() ? std::string() : "; server said: " + said);
  auto hint = quota_over ? std::string("the account's quota is used up: see its plan and billing")
                         : hint_of(status, asked, dialect, words);
  const auto kind = extent != Extent::one || may_pass ? ErrorKind::environment : ErrorKind::step;
  const bool overloaded = (status == 429 && !quota_over) || status == 503 || status == 529;
  return {{Error{kind, std::move(message), {}, std::move(hint), {}}, may_pass && !quota_over,
           retry_after(response, asked.now), extent, overloaded}};
}

/// An error that was told of behind a status of 2xx: while streaming, or in place of an answer.
Failure told(const NoAnswer& why, const Asked& asked, const Redactor& redactor) {
  const auto& code = *why.code;
  constexpr std::array<std::string_view, 6> passing = {"server_error", "api_error", "overloaded",
                                                       "rate_limit",   "internal",  "timeout"};
  const bool quota_over = used_up(0, code, why.what);
  const bool may_pass = !quota_over && (code.empty() || std::any_of(passing.begin(), passing.end(), [&](auto word) {
                                          return code.find(word) != std::string::npos;
                                        }));
  auto message = who(asked) + " answered with an error" +
                 (code.empty() ? std::string() : " (`" + redactor.clean(code, 60) + "`)") + " for model `" +
                 asked.model + "`; server said: " + redactor.clean(why.what, kShown);
  const auto kind = may_pass || quota_over ? ErrorKind::environment : ErrorKind::step;
  const bool overloaded =
      may_pass && (code.find("overloaded") != std::string::npos || code.find("rate_limit") != std::string::npos);
  return {{Error{kind, std::move(message), {}, {}, {}}, may_pass, std::nullopt, quota_over ? Extent::all : Extent::one,
           overloaded}};
}

Result<void, QueryFailure> keep_choice(Answer& answer, const Asked& asked, const Redactor& redactor) {
  const auto& choices = asked.query.choices;
  if (choices.empty() || answer.finish_reason == "refusal") return {};
  if (auto choice = choice_in(answer.text, choices)) {
    answer.text = *std::move(choice);
    answer.finish_reason = "choice";
    return {};
  }
  const bool cut = answer.finish_reason == "length";
  return QueryFailure{
      step_error(who(asked) + " answered `" + redactor.clean(answer.text, 80) + "`, expected one of the " +
                     std::to_string(choices.size()) + " choices",
                 cut ? "the answer was cut off: raise `max_tokens`"
                     : "this server may not support JSON schemas: leave out `choices`, and score the text instead"),
  };
}

Result<Answer, QueryFailure> read_body(const doc::Node& body, const std::string& text,
                                       const sys::HttpResponse& response, const Asked& asked, const Dialect& dialect,
                                       const Redactor& redactor) {
  auto answer = dialect.answer(body, asked.query);
  if (!answer) {
    const auto& why = answer.error();
    if (why.code) return told(why, asked, redactor);
    return unreadable(asked, why.what + "; it starts with `" + redactor.clean(text.substr(0, 400), 60) + "`");
  }
  TRY_VOID(keep_choice(*answer, asked, redactor));
  answer->latency = response.elapsed;
  return *std::move(answer);
}

}  // namespace

Result<Answer, QueryFailure> read_response(const sys::HttpResponse& response, const Asked& asked,
                                           const Dialect& dialect, const Redactor& redactor) {
  if (!good(response.status)) return refused(response, asked, dialect, redactor);
  const auto body = doc::parse_json_data(response.body);
  if (!body) {
    if (const auto broken = text::invalid_utf8(response.body)) {
      return unreadable(asked, "byte " + std::to_string(*broken) + " is not UTF-8");
    }
    return unreadable(
        asked, body.error().message + "; it starts with `" + redactor.clean(response.body.substr(0, 400), 60) + "`");
  }
  return read_body(*body, response.body, response, asked, dialect, redactor);
}

Result<Answer, QueryFailure> read_streamed(sys::HttpResponse response, Receiver& received, const Asked& asked,
                                           const Dialect& dialect, const Redactor& redactor) {
  received.end();
  response.body = std::move(received.raw());
  if (!good(response.status) || !received.streamed()) return read_response(response, asked, dialect, redactor);
  if (!received.broken().empty())
    return broken_off(asked, "a piece of it is broken: " + redactor.clean(received.broken(), kShown));
  if (!received.assembler().complete()) return broken_off(asked, "it ended before the answer did");
  const auto body = received.assembler().body();
  return read_body(body, response.body, response, asked, dialect, redactor);
}

}  // namespace llmops::model::api
