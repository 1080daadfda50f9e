#include "model/hub.h"

#include "base/text.h"
#include "model/download.h"

namespace llmops::model {
namespace {

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
  return endpoint + "/" + hub.repository + "/resolve/" + hub.revision + "/" + hub.file;
}

Result<HubAnswer> ask_hub(sys::System& system, const std::string& url, StopToken stop) {
  sys::HttpRequest request;
  request.method = "HEAD";
  request.url = url;
  request.headers = hub_headers(system.env);
  TRY(const auto response, system.http.fetch(std::move(request), std::move(stop)));
  if (response.status >= 400) return refused_by(url, response.status);
  HubAnswer out;
  out.sha256 = digest_in(response.header("x-linked-etag"));
  if (const auto size = text::to_int(response.header("x-linked-size")); size && *size > 0) {
    out.size = Bytes{static_cast<std::uint64_t>(*size)};
  }
  return out;
}

}  // namespace llmops::model
