/// \file  A plain load generator: how fast a server can be asked by somebody who does nothing else. The measure for
/// what `llmops run` adds. `bench-load URL [posts] [at once]`, for example against tests/fakes/openai_server.py
/// --latency-ms 20.
#include <curl/curl.h>
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::size_t count_bytes(char*, std::size_t size, std::size_t count, void* total) {
  *static_cast<std::size_t*>(total) += size * count;
  return size * count;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Load {
 public:
  Load(std::string url, int posts) : url_(std::move(url)), posts_(posts), multi_(curl_multi_init()) {
    headers_ = curl_slist_append(headers_, "content-type: application/json");
  }
  ~Load() {
    for (auto* easy : easies_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void run(int at_once) {
    for (int i = 0; i < at_once && sent_ < posts_; ++i) send(easies_.emplace_back(curl_easy_init()));
    for (int running = 1; running > 0;) {
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const auto* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        long status = 0;
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        (message->data.result == CURLE_OK && status == 200 ? good_ : bad_) += 1;
        auto* easy = message->easy_handle;
        curl_multi_remove_handle(multi_, easy);
        if (sent_ < posts_) {
          send(easy);
          running = 1;
        }
      }
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
  }
  int good() const { return good_; }
  int bad() const { return bad_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void send(CURL* easy) {
    const auto body = R"({"model":"fake-1","messages":[{"role":"user","content":"Label this ticket: number )" +
                      std::to_string(sent_++) + R"("}],"max_tokens":8})";
    curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &bytes_);
    curl_multi_add_handle(multi_, easy);
  }

  const std::string url_;
  const int posts_;
  CURLM* multi_;
  curl_slist* headers_ = nullptr;
  std::vector<CURL*> easies_;
  int sent_ = 0, good_ = 0, bad_ = 0;
  std::size_t bytes_ = 0;
};

int number(const char* text) {
  int out = 0;
  const std::string_view view(text);
  std::from_chars(view.data(), view.data() + view.size(), out);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench-load URL [posts, 1000] [at once, 64]\n");
    return 2;
  }
  const int posts = argc > 2 ? number(argv[2]) : 1000, at_once = argc > 3 ? number(argv[3]) : 64;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const auto start = std::chrono::steady_clock::now();
  Load load(argv[1], posts);
  load.run(at_once);
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%d good, %d bad, %zu bytes, %.3f s, %.0f posts/s, %.3f s CPU, %.1f us CPU a post\n", load.good(),
              load.bad(), load.bytes(), seconds, posts / seconds, cpu_seconds(), cpu_seconds() * 1e6 / posts);
  return load.bad() == 0 ? 0 : 1;
}
