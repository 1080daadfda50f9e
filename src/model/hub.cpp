#include "model/hub.h"

#include "base/text.h"
#include "model/base_url.h"
#include "model/download.h"

namespace llmops::model {
namespace {

constexpr int kMostRenames = 5;

/// `refs/pr/1` is one part of an address, a file with folders is several.
std::string percent_encoded(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_plain || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

/// Where the same server has moved it; empty where it leads elsewhere, as to the file's storage.
std::string moved_to(const std::string& url, const sys::HttpResponse& response) {
  if (response.status < 300 || response.status >= 400) return {};
  const auto to = response.header("location");
  const auto origin = url.substr(0, url.find('/', url.find("://") + 3));
  if (to.starts_with('/') && !to.starts_with("//")) return origin + to;
  return to.starts_with(origin + "/") ? to : std::string();
}

/// The hub gives its reason as a word, and answers a repository that may not be seen like one that is not there.
Error refused_by_hub(const std::string& url, const sys::HttpResponse& response, bool has_token) {
  const auto answered = "the hub answered " + std::to_string(response.status) + " to `" + shown(url) + "`: ";
  const auto reason = response.header("x-error-code");
  if (reason == "GatedRepo") {
    if (has_token) {
      return environment_error(answered + "the repository is gated, and the token in `HF_TOKEN` may not read it",
                               "ask for access on the repository's page");
    }
    return environment_error(answered + "the repository is gated",
                             "ask for access on its page, then set `HF_TOKEN` to a token that may read it");
  }
  if (reason == "RepoNotFound") {
    return environment_error(answered + "there is no such repository, or it is private",
                             has_token
                                 ? "check its name, and that the token in `HF_TOKEN` may read it"
                                 : "check its name; for a private one, set `HF_TOKEN` to a token that may read it");
  }
  if (reason == "RevisionNotFound") {
    return environment_error(answered + "there is no such revision", "check what stands behind the `@`");
  }
  if (reason == "EntryNotFound") {
    return environment_error(answered + "there is no such file", "check the file's name and the revision");
  }
  if (response.status != 401 && response.status != 403) return refused_by(url, response.status);
  if (has_token) {
    return environment_error(answered + "the token in `HF_TOKEN` is refused",
                             "check that it is whole and still valid; with `HF_TOKEN` unset none is sent");
  }
  return environment_error(answered + "access is refused", "set `HF_TOKEN` to a token that may read the repository");
}

std::optional<Digest> digest_in(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return Digest::parse(etag);
}

}  // namespace

std::vector<sys::Header> hub_headers(const sys::Env& env) {
  const auto token = env.get("HF_TOKEN");
  if (!token || token->empty()) return {};
  return {{"Authorization", Secret("Bearer " + *token)}};
}

std::string hub_url(const sys::Env& env, const HubFile& hub) {
  auto endpoint = env.get("HF_ENDPOINT").value_or("");
  if (endpoint.empty()) endpoint = "https://huggingface.co";
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint + "/" + percent_encoded(hub.repository, "-._~/") + "/resolve/" +
         percent_encoded(hub.revision, "-._~") + "/" + percent_encoded(hub.file, "-._~/");
}

Result<HubAnswer> ask_hub(sys::System& system, const std::string& url, StopToken stop) {
  sys::HttpRequest request;
  request.method = "HEAD";
  request.url = url;
  request.headers = hub_headers(system.env);
  TRY(auto response, system.http.fetch(request, stop));
  for (int renames = 0; renames < kMostRenames && response.header("x-linked-etag").empty(); ++renames) {
    auto moved = moved_to(request.url, response);
    if (moved.empty()) break;
    request.url = std::move(moved);
    TRY(response, system.http.fetch(request, stop));
  }
  if (response.status >= 400) return refused_by_hub(url, response, !request.headers.empty());
  HubAnswer out;
  out.sha256 = digest_in(response.header("x-linked-etag"));
  if (const auto size = text::to_int(response.header("x-linked-size")); size && *size > 0) {
    out.size = Bytes{static_cast<std::uint64_t>(*size)};
  }
  return out;
}

}  // namespace llmops::model
