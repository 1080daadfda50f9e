#include "model/base_url.h"

#include "base/text.h"

namespace llmops::model {
namespace {

struct Parts {
  std::string scheme, user, host, path, query;  ///< `user` with its `@`, `query` with its `?`; `host` with its port.
};

Parts parts_of(std::string_view url) {
  Parts out;
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    out.path = url;
    return out;
  }
  out.scheme = text::lower(url.substr(0, scheme_end));
  url.remove_prefix(scheme_end + 3);
  url = url.substr(0, url.find('#'));
  if (const auto mark = url.find('?'); mark != std::string_view::npos) {
    out.query = url.substr(mark);
    url = url.substr(0, mark);
  }
  const auto slash = url.find('/');
  auto authority = url.substr(0, slash);
  if (slash != std::string_view::npos) out.path = url.substr(slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    out.user = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  out.host = text::lower(authority);
  const std::string_view port = out.scheme == "https" ? ":443" : ":80";
  if (out.host.ends_with(port)) out.host.resize(out.host.size() - port.size());
  while (out.path.ends_with('/')) out.path.pop_back();
  return out;
}

}  // namespace

std::string normalised(std::string_view base_url) {
  const auto parts = parts_of(base_url);
  if (parts.scheme.empty()) return std::string(base_url);
  return parts.scheme + "://" + parts.host + parts.path + parts.query;
}

std::string host_of(std::string_view base_url) { return parts_of(base_url).host; }

std::string endpoint_url(std::string_view base_url, std::string_view path) {
  const auto parts = parts_of(base_url);
  return parts.scheme + "://" + parts.user + parts.host + parts.path + std::string(path) + parts.query;
}

std::string shown(std::string_view base_url) {
  const auto parts = parts_of(base_url);
  return parts.scheme + "://" + parts.host + parts.path;
}

}  // namespace llmops::model
