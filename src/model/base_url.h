#pragma once
/// \file  The address of an API.
#include <string>
#include <string_view>

namespace llmops::model {

/// Scheme and host in lower case, user, default port and trailing slashes dropped; path and query as they are. A text
/// that is no URL comes back unchanged.
std::string normalised(std::string_view base_url);

/// The host in lower case, with a port that is not the scheme's own; empty where there is none.
std::string host_of(std::string_view base_url);

/// The address of an endpoint below it: `path` goes before a query (`?api-version=…`).
std::string endpoint_url(std::string_view base_url, std::string_view path);

/// Scheme, host and path for messages: what could hold a secret (user, query) is left out.
std::string shown(std::string_view base_url);

}  // namespace llmops::model
