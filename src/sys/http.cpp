#include "sys/http.h"

#include <condition_variable>
#include <mutex>
#include <optional>

namespace llmops::sys {

std::string HttpResponse::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

Result<HttpResponse> Http::fetch(HttpRequest request, StopToken stop) {
  std::mutex mutex;
  std::condition_variable done;
  std::optional<HttpResult> answer;
  send(std::move(request), std::move(stop), [&](HttpResult result) {
    const std::lock_guard lock(mutex);  // held while notifying: `done` lives only until the answer is seen
    answer.emplace(std::move(result));
    done.notify_one();
  });
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return answer.has_value(); });
  if (!*answer) return std::move(*answer).error().error;
  return **std::move(answer);
}

}  // namespace llmops::sys
