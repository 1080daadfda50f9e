#pragma once
/// \file  Bytes as files `<folder>/ab/<64 digits>`.
#include "store/cache.h"

namespace llmops::store {

class FileContentStore final : public ContentStore {
 public:
  FileContentStore(sys::Path folder, sys::FileSystem& files) : folder_(std::move(folder)), files_(files) {}
  Result<Digest> put(std::string_view bytes) override;
  Result<Stored> put_file(const sys::Path& from) override;
  Result<bool> contains(const Digest& digest) override;
  Result<std::string> get(const Digest& digest) override;
  Result<void> restore(const Digest& digest, const sys::Path& to, bool executable = false) override;
  sys::Path path(const Digest& digest) const override;

 private:
  Error missing(const Digest& digest) const;
  Error set_aside(const Digest& digest);

  sys::Path folder_;
  sys::FileSystem& files_;
};

}  // namespace llmops::store
