/// \file  What the `openai` provider and the asker cost for each query: `bench-openai BASE_URL [queries] [at once]`
/// beside `bench-load` on the same server, and without a server the cost of our own code alone.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "fakes/fake_log.h"
#include "fakes/memory_table.h"
#include "fakes/no_git.h"
#include "model/api/reading.h"
#include "model/asker.h"
#include "model/openai/chat.h"
#include "sys/hash.h"
#include "sys/real/event_loop.h"
#include "sys/real/real_clock.h"
#include "sys/real/real_env.h"
#include "sys/real/real_file_system.h"
#include "sys/real/real_http.h"
#include "sys/real/real_process.h"

namespace {

using namespace llmops;
using namespace llmops::model;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Query question(std::int64_t i) {
  Query out;
  out.messages = {{"system", {{"Answer with one word: the label of the ticket.", templating::Origin::author}}},
                  {"user",
                   {{"Label this ticket: ", templating::Origin::author},
                    {"I was charged twice for my subscription in November, number " + std::to_string(i),
                     templating::Origin::data}}}};
  out.parameters.max_tokens = 8;
  return out;
}

template <class F>
void measure(const char* what, F&& body) {
  constexpr int times = 20'000;
  const auto before = cpu_seconds();
  for (int i = 0; i < times; ++i) body(i);
  std::printf("%-28s %6.2f us CPU\n", what, (cpu_seconds() - before) * 1e6 / times);
}

void measure_parts() {
  const auto identity = sys::sha256("model");
  sys::HttpResponse response;
  response.status = 200;
  response.body =
      R"({"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion","created":1741569952,"model":"gpt-4.1-2025-04-14",)"
      R"("choices":[{"index":0,"message":{"role":"assistant","content":"billing","refusal":null,"annotations":[]},"logprobs":null,)"
      R"("finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":)"
      R"({"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
      R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"})";
  const api::Asked asked{"m", "http://h", {}, {}};
  const auto dialect = openai::chat();
  const Redactor redactor;
  const auto query = question(1);
  Answer answer;
  answer.text = "billing";
  const auto bytes = to_bytes(answer);
  measure("query_key", [&](int) { (void)query_key(identity, query); });
  measure("request_body", [&](int) { (void)dialect->call("m", query, api::Delivery::whole); });
  measure("read_response", [&](int) { (void)api::read_response(response, asked, *dialect, redactor); });
  measure("to_bytes", [&](int) { (void)to_bytes(answer); });
  measure("answer_from_bytes", [&](int) { (void)answer_from_bytes(bytes); });
}

void measure_asking(const std::string& base_url, std::int64_t queries, std::int64_t at_once) {
  sys::EventLoop loop;
  sys::RealFileSystem files;
  sys::RealClock clock;
  sys::RealEnv env;
  fakes::NoGit git;
  fakes::FakeLog log;
  sys::RealProcess process(loop);
  sys::RealHttp http(loop);
  sys::System system{files, process, http, git, clock, env, log};
  fakes::MemoryTable table;
  AskedModel model;
  model.name = "cloud";
  model.config.provider = "openai";
  model.config.model = "fake-1";
  model.config.base_url = base_url;
  model.config.concurrency = at_once;
  model.identity = sys::sha256("model");
  for (const auto* pass : {"asked", "kept"}) {
    std::int64_t pulled = 0, good = 0;
    const auto before = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    Asker asker({system, "/", "/"}, table, CacheMode::use);
    const auto end = asker.ask(
        [&]() -> std::optional<Ask> {
          if (pulled == queries) return std::nullopt;
          const auto i = pulled++;
          return Ask{static_cast<std::size_t>(i), &model, question(i)};
        },
        [&](const Asked& asked) { good += asked.answer ? 1 : 0; }, {}, {});
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto cpu = cpu_seconds() - before;
    std::printf("%s: %lld of %lld good, %.3f s, %.0f queries/s, %.3f s CPU, %.1f us CPU a query\n", pass,
                static_cast<long long>(good), static_cast<long long>(queries), seconds,
                static_cast<double>(queries) / seconds, cpu, cpu * 1e6 / static_cast<double>(queries));
    if (end.error) std::printf("%s", render(*end.error).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_parts();
  if (argc > 1) measure_asking(argv[1], argc > 2 ? std::atoll(argv[2]) : 1000, argc > 3 ? std::atoll(argv[3]) : 64);
  return 0;
}
