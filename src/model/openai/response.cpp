#include "model/openai/response.h"

#include "base/text.h"
#include "doc/json.h"
#include "model/choice.h"

namespace llmops::model::openai {
namespace {

using Failure = Unexpected<QueryFailure>;

constexpr std::size_t kShown = 300;

std::string who(const Asked& asked) { return "`" + asked.url + "`"; }

Failure unreadable(const Asked& asked, const std::string& why) {
  return {{environment_error(who(asked) + " gave an answer that can't be read: " + why,
                             "does `base_url` lead to an API like OpenAI's?"),
           true}};
}

/// The message in an error's body: OpenAI's, Ollama's, FastAPI's form, or the body itself.
std::string words_of(const doc::Node& body, const std::string& text) {
  const auto* error = body.find("error");
  if (error != nullptr && error->is_string()) return error->as_string();
  for (const auto* node : {error, &body}) {
    if (node == nullptr) continue;
    for (const auto* key : {"message", "detail"}) {
      const auto* value = node->find(key);
      if (value != nullptr && !value->is_null()) return value->text();
    }
  }
  return text;
}

std::string code_of(const doc::Node& body) {
  const auto* error = body.find("error");
  if (error == nullptr) return {};
  const auto code = error->get("code", "");
  return code.empty() ? error->get("type", "") : code;
}

std::string hint_of(int status, const std::string& code, const Asked& asked, const std::string& words) {
  if (status == 401 || status == 403) return "check `api_key` and what it may use";
  if (status == 402 || code == "insufficient_quota") return "the account's quota is used up: see its plan and billing";
  if (status == 429) return "ask less at once: `concurrency`, or allow more tries: `retry`";
  if (status == 404) return "check `model` and `base_url`";
  if (status >= 300 && status < 400) return "write the final address in `base_url`; redirects are not followed";
  if (status == 400 && !asked.choices.empty() && words.find("response_format") != std::string::npos) {
    return "this model can't be held to `choices`: leave them out, and score the text instead";
  }
  return {};
}

Failure refused(const sys::HttpResponse& response, const Asked& asked, const Redactor& redactor) {
  const int status = response.status;
  const auto parsed = doc::parse_json_data(response.body);
  const auto body = parsed ? *parsed : doc::Node();
  const auto code = code_of(body);
  const auto words = words_of(body, response.body);
  const bool used_up = status == 402 || code == "insufficient_quota";
  const bool may_pass = status == 408 || status == 409 || status == 429 || status >= 500;
  const bool rejects_us = status == 401 || status == 403 || status == 404 || (status >= 300 && status < 400);
  const auto extent = used_up ? Extent::all : rejects_us ? Extent::unanswered : Extent::one;

  const auto said = redactor.clean(words, kShown);
  auto message = who(asked) + " answered " + std::to_string(status) + " for model `" + asked.model + "`" +
                 (said.empty() ? std::string() : "; server said: " + said);
  const auto kind = extent != Extent::one || may_pass ? ErrorKind::environment : ErrorKind::step;
  return {{Error{kind, std::move(message), {}, hint_of(status, code, asked, words), {}}, may_pass && !used_up,
           retry_after(response, asked.now), extent}};
}

/// A text, or a list of parts of which some are text.
std::optional<std::string> content_text(const doc::Node& content) {
  if (content.is_string()) return content.as_string();
  if (content.is_null()) return std::string();
  if (!content.is_list()) return std::nullopt;
  std::string out;
  for (const auto& part : content.items()) out += part.get("text", "");
  return out;
}

std::optional<std::int64_t> count(const doc::Node* usage, std::string_view key) {
  const auto* node = usage == nullptr ? nullptr : usage->find(key);
  return node != nullptr && node->is_int() && node->as_int() >= 0 ? std::optional(node->as_int()) : std::nullopt;
}

Result<void, QueryFailure> keep_choice(Answer& answer, const Asked& asked, const Redactor& redactor) {
  if (asked.choices.empty() || answer.finish_reason == "refusal") return {};
  if (auto choice = choice_in(answer.text, asked.choices)) {
    answer.text = *std::move(choice);
    answer.finish_reason = "choice";
    return {};
  }
  const bool cut = answer.finish_reason == "length";
  return QueryFailure{
      step_error(who(asked) + " answered `" + redactor.clean(answer.text, 80) + "`, expected one of the " +
                     std::to_string(asked.choices.size()) + " choices",
                 cut ? "the answer was cut off: raise `max_tokens`"
                     : "this server may not support JSON schemas: leave out `choices`, and score the text instead"),
  };
}

/// `choices[0]` → the answer's text and how it ended; nothing where it has another shape.
std::optional<Answer> first_choice(const doc::Node& body, Endpoint endpoint) {
  const auto* choices = body.find("choices");
  if (choices == nullptr || !choices->is_list() || choices->items().empty()) return std::nullopt;
  const auto& first = choices->items().front();
  const auto* holder = endpoint == Endpoint::chat ? first.find("message") : &first;
  if (holder == nullptr || !holder->is_map()) return std::nullopt;
  Answer out;
  out.finish_reason = first.get("finish_reason", "stop");
  if (const auto* refusal = holder->find("refusal"); refusal != nullptr && refusal->is_string()) {
    out.text = refusal->as_string();
    out.finish_reason = "refusal";
    return out;
  }
  const auto* content = holder->find(endpoint == Endpoint::chat ? "content" : "text");
  auto text = content == nullptr ? std::nullopt : content_text(*content);
  if (!text) return std::nullopt;
  out.text = *std::move(text);
  return out;
}

}  // namespace

Result<Answer, QueryFailure> read_response(const sys::HttpResponse& response, const Asked& asked,
                                           const Redactor& redactor) {
  if (response.status < 200 || response.status > 299) return refused(response, asked, redactor);
  const auto body = doc::parse_json_data(response.body);
  if (!body) {
    if (const auto broken = text::invalid_utf8(response.body)) {
      return unreadable(asked, "byte " + std::to_string(*broken) + " is not UTF-8");
    }
    return unreadable(
        asked, body.error().message + "; it starts with `" + redactor.clean(response.body.substr(0, 400), 60) + "`");
  }
  auto answer = first_choice(*body, asked.endpoint);
  if (!answer) {
    return unreadable(asked,
                      std::string("`choices[0].") + (asked.endpoint == Endpoint::chat ? "message.content" : "text") +
                          "` is missing; it starts with `" + redactor.clean(response.body.substr(0, 400), 60) + "`");
  }
  TRY_VOID(keep_choice(*answer, asked, redactor));
  const auto* usage = body->find("usage");
  answer->usage = {count(usage, "prompt_tokens"), count(usage, "completion_tokens")};
  answer->latency = response.elapsed;
  answer->reported_model = body->get("model", "");
  if (const auto fingerprint = body->get("system_fingerprint", ""); !fingerprint.empty()) {
    answer->reported_model += " (" + fingerprint + ")";
  }
  return *std::move(answer);
}

}  // namespace llmops::model::openai
