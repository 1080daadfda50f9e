#pragma once
/// \file  An asker on a fake machine, run with lists of texts.
#include <algorithm>
#include <string>
#include <vector>

#include "doc/json.h"
#include "fakes/memory_table.h"
#include "model/asker.h"
#include "sys/hash.h"
#include "unit/model/outside.h"

namespace llmops::model {

inline AskedModel api(std::string name = "cloud") {
  AskedModel out;
  out.name = name;
  out.config.provider = "openai";
  out.config.model = name;
  out.config.base_url = "http://" + name + ".test/v1";
  out.config.price = {1000, 1000, std::nullopt};
  out.config.concurrency = 4;
  out.config.retry = {4, Duration{500}};
  out.identity = sys::sha256(name);
  return out;
}

/// The last message's text.
inline std::string prompt_of(const sys::HttpRequest& request) {
  return doc::parse_json_data(request.body)->find("messages")->items().back().get("content", "");
}

/// Says the prompt back; each answer costs 0.12 USD.
inline sys::HttpResult echo(const sys::HttpRequest& request) {
  return chat_answer(doc::to_json(doc::Node(prompt_of(request))));
}

struct Run {
  Outside<> outside;
  fakes::MemoryTable table;
  CacheMode mode = CacheMode::use;
  AskLimits limits;
  StopSource stop;
  std::vector<Asked> answers;
  std::function<void(const Asked&)> also = [](const Asked&) {};
  std::size_t pulled = 0;
  AskEnd end;  ///< Of the last asking.

  Run() { outside.http.on_request = echo; }

  /// Asks `model` each of these texts, tagged from 0.
  Result<AskTotals> ask(const AskedModel& model, const std::vector<std::string>& texts) {
    return ask_all(texts.size(), [&](std::size_t i) { return Ask{i, &model, question(texts[i])}; });
  }
  Result<AskTotals> ask_all(std::size_t count, const std::function<Ask(std::size_t)>& query) {
    answers.clear();
    pulled = 0;
    Asker asker(outside.context(), table, mode);
    end = asker.ask(
        [&]() -> std::optional<Ask> { return pulled < count ? std::optional(query(pulled++)) : std::nullopt; },
        [&](const Asked& asked) {
          answers.push_back(asked);
          also(asked);
        },
        limits, stop.get_token());
    if (end.error) return *end.error;
    return end.totals;
  }
  /// `tag:text`, `tag:text*` where it was kept, `tag!message` for errors; in the tags' order.
  std::vector<std::string> told() {
    std::sort(answers.begin(), answers.end(), [](const Asked& a, const Asked& b) { return a.tag < b.tag; });
    std::vector<std::string> out;
    for (const auto& asked : answers) {
      out.push_back(std::to_string(asked.tag) +
                    (asked.answer ? ":" + asked.answer->text + (asked.cached ? "*" : "") : "!" + asked.error->message));
    }
    return out;
  }
};

inline std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back("q" + std::to_string(i));
  return out;
}

using Texts = std::vector<std::string>;

/// Fails with this status as often as it says, then echoes.
inline fakes::FakeHttp::Handler failing(int times, sys::HttpResponse response) {
  return [left = times, response](const sys::HttpRequest& request) mutable -> sys::HttpResult {
    if (left-- > 0) return response;
    return echo(request);
  };
}

}  // namespace llmops::model
