#include "sys/real/curl_transfer.h"

#include <algorithm>

#include "base/text.h"

namespace llmops::sys {
namespace {

constexpr long kMaxRedirects = 10;

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && text::lower(text.substr(0, start.size())) == start;
}

bool is_https(std::string_view url) { return starts_with_ignoring_case(url, "https://"); }

/// A method or a header's name, as RFC 9110 has tokens.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// The URL for people: no user part, no query, no fragment, as any of them may hold a secret.
std::string shown(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return text::printable(url);
  const auto host = scheme_end + 3;
  const auto authority = url.substr(host, url.find('/', host) - host);
  const auto at = authority.rfind('@');
  const auto skip = at == std::string_view::npos ? 0 : at + 1;
  return text::printable(std::string(url.substr(0, host)) + std::string(url.substr(host + skip)));
}

}  // namespace

CurlTransfer::CurlTransfer(const CurlApi& curl, HttpRequest request, Done done)
    : curl_(curl), request_(std::move(request)), done_(std::move(done)) {}

CurlTransfer::~CurlTransfer() { curl_.slist_free_all(headers_); }

std::string CurlTransfer::name() const {
  return "`" + text::printable(request_.method) + " " + shown(request_.url) + "`";
}

Result<void> CurlTransfer::check() const {
  if (!is_https(request_.url) && !starts_with_ignoring_case(request_.url, "http://")) {
    return environment_error("could not send " + name() + ": its address begins with neither `http://` nor `https://`");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == 0x7f; };
  if (std::ranges::any_of(request_.url, is_control)) {
    return environment_error("could not send " + name() + ": its address holds a space or a control character",
                             "write it percent-encoded");
  }
  if (!is_token(request_.method)) return environment_error("could not send " + name() + ": its method is not a word");
  for (const auto& header : request_.headers) {
    if (!is_token(header.name)) {
      return environment_error("could not send " + name() + ": header name `" + text::printable(header.name) +
                               "` is not a word");
    }
    if (header.value.reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return environment_error(
          "could not send " + name() + ": the value of header `" + header.name + "` holds a line break or a zero byte",
          "where it comes from a variable or file, cut the line break off its end");
    }
  }
  return {};
}

template <class Value>
void CurlTransfer::set(CURLoption option, Value value) {
  const auto code = curl_.easy_setopt(easy_, option, value);
  if (code != CURLE_OK && set_failed_ == CURLE_OK) set_failed_ = code;
}

Result<void, HttpFailure> CurlTransfer::prepare(CURL* easy, const HttpTrust& trust) {
  easy_ = easy;
  set_common();
  set_method();
  set_headers();
  set_trust(trust);
  if (set_failed_ != CURLE_OK) return failure(set_failed_);
  return {};
}

void CurlTransfer::set_common() {
  const bool https = is_https(request_.url);
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(https ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(request_.timeout.count(), 1)));
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (request_.follow_redirects) {
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, kMaxRedirects);
    set(CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
  }
}

void CurlTransfer::set_method() {
  const auto& method = request_.method;
  if (method == "HEAD") return set(CURLOPT_NOBODY, 1L);
  const bool has_body = !request_.body.empty() || method == "POST";
  if (has_body) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request_.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  if (method != (has_body ? "POST" : "GET")) set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void CurlTransfer::set_headers() {
  const auto add = [this](const std::string& line) {
    if (auto* const longer = curl_.slist_append(headers_, line.c_str()))
      headers_ = longer;
    else
      set_failed_ = CURLE_OUT_OF_MEMORY;
  };
  bool typed = false;
  for (const auto& header : request_.headers) {
    const auto& value = header.value.reveal();
    add(value.empty() ? header.name + ";" : header.name + ": " + value);
    typed = typed || text::lower(header.name) == "content-type";
  }
  add("Expect:");  // without these two libcurl adds its own
  if (!typed) add("Content-Type:");
  set(CURLOPT_HTTPHEADER, headers_);
}

void CurlTransfer::set_trust(const HttpTrust& trust) {
  if (!trust.file.empty()) set(CURLOPT_CAINFO, trust.file.c_str());
  if (!trust.folder.empty()) set(CURLOPT_CAPATH, trust.folder.c_str());
}

std::size_t CurlTransfer::on_header(char* data, std::size_t, std::size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->take_header({data, count}) ? count : 0;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t, std::size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->take_body({data, count}) ? count : 0;
}

bool CurlTransfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {  // of the last answer only: redirects and interim ones come before
    response_.headers.clear();
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.emplace_back(text::lower(line.substr(0, colon)), text::trim(line.substr(colon + 1)));
  return true;
}

bool CurlTransfer::take_body(std::string_view bytes) {
  received_ += bytes.size();
  if (received_ > request_.max_body) {
    refused_ = Refused::too_large;
  } else if (!request_.on_body) {
    response_.body += bytes;
  } else if (!request_.on_body(bytes)) {
    refused_ = Refused::by_receiver;
  }
  return refused_ == Refused::no;
}

HttpResult CurlTransfer::outcome(CURLcode code) {
  if (code != CURLE_OK) return failure(code);
  long status = 0;
  curl_off_t microseconds = 0;
  curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  curl_.easy_getinfo(easy_, CURLINFO_TOTAL_TIME_T, &microseconds);
  response_.status = static_cast<int>(status);
  response_.elapsed = std::chrono::duration_cast<Duration>(std::chrono::microseconds(microseconds));
  return std::move(response_);
}

HttpFailure CurlTransfer::stopped() const {
  return {Error{ErrorKind::interrupted, name() + " was stopped", {}, {}, {}}};
}

std::string CurlTransfer::said(CURLcode code) const {
  const std::string_view text = error_text_[0] != '\0' ? error_text_.data() : curl_.easy_strerror(code);
  return text::printable(text);
}

bool CurlTransfer::was_connected() const {
  curl_off_t microseconds = 0;
  curl_.easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
  return microseconds > 0;
}

Error CurlTransfer::not_in_time() const {
  const auto within = " within " + units::to_string(request_.timeout);
  if (!was_connected()) {
    return environment_error("could not connect for " + name() + within,
                             "check that the server is up, and its address");
  }
  return environment_error(name() + " was not answered" + within, "check that the server is up, or allow more time");
}

HttpFailure CurlTransfer::failure(CURLcode code) const {
  using Of = HttpFailure::Of;
  if (refused_ == Refused::by_receiver) {
    return {Error{ErrorKind::interrupted, name() + " was broken off", {}, {}, {}}};
  }
  if (refused_ == Refused::too_large) {
    return {environment_error("the answer to " + name() + " is larger than " +
                              units::to_string(Bytes{request_.max_body}) + ", the most that is taken")};
  }
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {not_in_time(), was_connected() ? Of::request : Of::server};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return {environment_error("could not connect for " + name() + ": " + said(code),
                                "check that the server is up, and its address"),
              Of::server};
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2_STREAM:
      return {environment_error("the answer to " + name() + " was cut off: " + said(code))};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {environment_error("the answer to " + name() + " is not HTTP as expected: " + said(code),
                                "check that the address is that of an HTTP server"),
              Of::server};
    case CURLE_SSL_CACERT_BADFILE:
      return {environment_error("no safe (TLS) connection for " + name() + ": " + said(code),
                                "check `CURL_CA_BUNDLE` or `SSL_CERT_FILE`, or install the system's certificates"),
              Of::server};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return {environment_error("no safe (TLS) connection for " + name() + ": " + said(code),
                                "check the server's certificate; where an authority of your own signed it, name the "
                                "authority's file in `SSL_CERT_FILE`"),
              Of::server};
    default:
      return {environment_error(name() + " failed: " + said(code))};
  }
}

}  // namespace llmops::sys
