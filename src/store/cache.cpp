#include "store/cache.h"

#include "store/database.h"
#include "store/file_content_store.h"
#include "store/sql_tables.h"

namespace llmops::store {
namespace {

/// Bytes of a file that is written to see whether one can be: a full disk may still have room for an empty one.
constexpr std::size_t kProbe = 4096;

class FolderCache final : public Cache {
 public:
  FolderCache(const sys::Path& folder, sys::FileSystem& files, sys::Log* log)
      : folder_(folder), files_(files), database_(folder, files, log), content_(folder / "content", files) {}

  Table& answers() override { return answers_; }
  Table& steps() override { return steps_; }
  Table& parses() override { return parses_; }
  StatCache& stats() override { return stats_; }
  ContentStore& content() override { return content_; }
  Result<void> flush() override { return database_.flush(); }
  void many_reads(bool begin) override { database_.many_reads(begin); }
  Result<void> writable() override {
    const auto probe = folder_ / "writable";
    if (auto written = files_.write_atomically(probe, std::string(kProbe, ' ')); !written) {
      auto error = std::move(written).error();
      error.hint += error.hint.empty()
                        ? "the cache must be a folder that can be written; `LLMOPS_CACHE_DIR` names another"
                        : ", or name another folder for the cache with `LLMOPS_CACHE_DIR`";
      return error;
    }
    TRY_VOID(files_.remove(probe));
    return database_.writable();
  }

 private:
  sys::Path folder_;
  sys::FileSystem& files_;
  Database database_;
  SqlTable answers_{database_, TableName::answers}, steps_{database_, TableName::steps},
      parses_{database_, TableName::parses};
  SqlStatCache stats_{database_};
  FileContentStore content_;
};

}  // namespace

std::unique_ptr<Cache> open_cache(sys::Path folder, sys::FileSystem& files, sys::Log* log) {
  return std::make_unique<FolderCache>(folder, files, log);
}

}  // namespace llmops::store
