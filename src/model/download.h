#pragma once
/// \file  Large files over HTTP, resumed where they broke off.
#include <optional>

#include "base/digest.h"
#include "base/result.h"
#include "model/catalog.h"
#include "sys/system.h"

namespace llmops::model {

struct Download {
  std::string url;
  std::vector<sys::Header> headers;
  sys::Path to;  ///< Bytes of a broken attempt stay here, and beside as `<to>.more`.
  Digest sha256;
  std::optional<Bytes> size;                    ///< For progress only.
  ErrorKind mismatch = ErrorKind::environment;  ///< What it is when the bytes have another digest.
};

/// Makes `to` the file with this digest. Errors of kind `environment`: the server's refusal, a broken connection (what
/// came is kept for the next attempt), a full disk, another digest (the bytes are removed); kind `interrupted`:
/// stopped.
Result<void> download(sys::System& system, const Download& wanted, StopToken stop,
                      const ModelStore::Progress& progress);

/// What a refusal by a server of files means to a person. `status` is 400 or above.
Error refused_by(const std::string& url, int status);

}  // namespace llmops::model
