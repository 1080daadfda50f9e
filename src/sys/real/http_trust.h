#pragma once
/// \file  Which certificates vouch for a server.
#include "sys/system.h"

namespace llmops::sys {

/// Each empty one: where libcurl was built to look.
struct HttpTrust {
  Path file;    ///< PEM certificates of authorities.
  Path folder;  ///< The same, a file each, under the names that OpenSSL's `rehash` gives.
};

/// `CURL_CA_BUNDLE`, else `SSL_CERT_FILE`; and `SSL_CERT_DIR`. libcurl itself does not read them; its own program does.
HttpTrust http_trust(const Env& env);

}  // namespace llmops::sys
