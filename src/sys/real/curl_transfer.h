#pragma once
/// \file  One HTTP exchange over libcurl.
#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "sys/http.h"
#include "sys/real/curl_api.h"
#include "sys/real/http_trust.h"

namespace llmops::sys {

/// For the I/O thread only. It must outlive its handle's use.
class CurlTransfer {
 public:
  using Done = std::function<void(HttpResult)>;

  CurlTransfer(const CurlApi& curl, HttpRequest request, Done done);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// An error where the request itself can't be sent.
  Result<void> check() const;
  /// Sets up a fresh or reset handle.
  Result<void, HttpFailure> prepare(CURL* easy, const HttpTrust& trust);
  /// What libcurl's last word means.
  HttpResult outcome(CURLcode code);
  HttpFailure stopped() const;
  void finish(HttpResult result) { done_(std::move(result)); }

  CURL* easy() const { return easy_; }

 private:
  enum class Refused { no, too_large, by_receiver };

  void set_common();
  void set_method();
  void set_headers();
  void set_trust(const HttpTrust& trust);
  HttpFailure failure(CURLcode code) const;
  Error not_in_time() const;
  std::string said(CURLcode code) const;
  bool was_connected() const;
  std::string name() const;
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  template <class Value>
  void set(CURLoption option, Value value);

  const CurlApi& curl_;
  HttpRequest request_;
  Done done_;
  HttpResponse response_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::uint64_t received_ = 0;
  Refused refused_ = Refused::no;
  CURLcode set_failed_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace llmops::sys
