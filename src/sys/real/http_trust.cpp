#include "sys/real/http_trust.h"

namespace llmops::sys {

HttpTrust http_trust(const Env& env) {
  const auto value = [&](const char* name) { return env.get(name).value_or(""); };
  const auto bundle = value("CURL_CA_BUNDLE");
  return {bundle.empty() ? value("SSL_CERT_FILE") : bundle, value("SSL_CERT_DIR")};
}

}  // namespace llmops::sys
