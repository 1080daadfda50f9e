#include "store/cache.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "fakes/git_sandbox.h"
#include "store/sql_tables.h"
#include "sys/hash.h"

namespace store = llmops::store;
namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::Digest;
using llmops::fakes::TempFolder;
using llmops::fakes::write_file;

namespace {

Digest key(int number) { return sys::sha256(std::to_string(number)); }

/// Runs SQL behind the cache's back.
void tamper(const sys::Path& folder, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder / "cache.db").c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

std::size_t damaged_files(const sys::Path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().native().starts_with("cache.db.damaged-")) ++count;
  }
  return count;
}

class Diary final : public sys::Log {
 public:
  void write(Level, std::string_view message) override { lines.emplace_back(message); }
  std::vector<std::string> lines;
};

}  // namespace

TEST_SUITE("store/cache") {
  TEST_CASE("a value is there at once, and for the next process") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const std::string odd("\0\xff bytes", 8);
    {
      const auto cache = store::open_cache(folder.path() / "new" / "cache", files);
      CHECK_FALSE(cache->answers().get(key(1))->has_value());
      REQUIRE(cache->answers().put(key(1), odd));
      REQUIRE(cache->answers().put(key(2), ""));
      CHECK(*cache->answers().get(key(1)) == odd);
      CHECK_FALSE(cache->steps().get(key(1))->has_value());
    }

    const auto cache = store::open_cache(folder.path() / "new" / "cache", files);

    CHECK(*cache->answers().get(key(1)) == odd);
    CHECK(*cache->answers().get(key(2)) == "");
    CHECK_FALSE(cache->answers().get(key(3))->has_value());
  }

  TEST_CASE("a value put again replaces the old one") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto cache = store::open_cache(folder.path(), files);
    REQUIRE(cache->steps().put(key(1), "old"));
    REQUIRE(cache->flush());

    REQUIRE(cache->steps().put(key(1), "new"));
    REQUIRE(cache->flush());

    CHECK(*cache->steps().get(key(1)) == "new");
    CHECK(cache->steps().size()->values == 1);
    CHECK(cache->steps().size()->bytes.value == 3);
  }

  TEST_CASE("the 64th value, a flush or the next call after a while make values visible to others") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto mine = store::open_cache(folder.path(), files);
    const auto other = store::open_cache(folder.path(), files);
    for (int i = 0; i < 64; ++i) REQUIRE(mine->answers().put(key(i), "batch"));
    CHECK(*other->answers().get(key(63)) == "batch");

    REQUIRE(mine->answers().put(key(100), "flushed"));
    REQUIRE(mine->answers().flush());
    CHECK(*other->answers().get(key(100)) == "flushed");

    REQUIRE(mine->answers().put(key(101), "aged"));
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    REQUIRE(mine->steps().get(key(0)));
    CHECK(*other->answers().get(key(101)) == "aged");
  }

  TEST_CASE("many reads see one moment and one's own values, also when they are nested, and a write ends it") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto mine = store::open_cache(folder.path(), files);
    const auto other = store::open_cache(folder.path(), files);
    REQUIRE(mine->steps().put(key(0), "before"));
    REQUIRE(mine->flush());
    const auto put_by_other = [&](int number) {
      REQUIRE(other->steps().put(key(number), "others"));
      REQUIRE(other->flush());
    };
    {
      const store::ManyReads outer(*mine);
      REQUIRE(*mine->steps().get(key(0)) == "before");
      put_by_other(1);
      {
        const store::ManyReads inner(*mine);
        CHECK_FALSE(mine->steps().get(key(1))->has_value());
      }
      CHECK_FALSE(mine->steps().get(key(1))->has_value());
      REQUIRE(mine->steps().put(key(2), "mine"));
      REQUIRE(mine->flush());
      CHECK(*mine->steps().get(key(1)) == "others");
      CHECK(*mine->steps().get(key(2)) == "mine");
      put_by_other(3);
    }
    CHECK(*mine->steps().get(key(3)) == "others");
  }

  TEST_CASE("a damaged row counts as absent, and can be put again") {
    const TempFolder folder;
    sys::RealFileSystem files;
    REQUIRE(store::open_cache(folder.path(), files)->answers().put(key(1), "right"));
    tamper(folder.path(), "UPDATE answers SET value = x'77726f6e67'");
    const auto cache = store::open_cache(folder.path(), files);

    CHECK_FALSE(cache->answers().get(key(1))->has_value());

    REQUIRE(cache->answers().put(key(1), "again"));
    REQUIRE(cache->flush());
    CHECK(*cache->answers().get(key(1)) == "again");
  }

  TEST_CASE("a value under another's key counts as absent") {
    const TempFolder folder;
    sys::RealFileSystem files;
    {
      const auto cache = store::open_cache(folder.path(), files);
      REQUIRE(cache->answers().put(key(1), "one"));
      REQUIRE(cache->answers().put(key(2), "two"));
    }
    tamper(folder.path(), "UPDATE answers SET (value, sum) = (SELECT value, sum FROM answers ORDER BY key LIMIT 1)");
    const auto cache = store::open_cache(folder.path(), files);

    const int found =
        (cache->answers().get(key(1))->has_value() ? 1 : 0) + (cache->answers().get(key(2))->has_value() ? 1 : 0);

    CHECK(found == 1);
  }

  TEST_CASE("a file that is no database is moved aside, with a word, and the cache begins anew") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "cache.db", std::string(10'000, 'x'));
    Diary log;
    const auto cache = store::open_cache(folder.path(), files, &log);

    CHECK_FALSE(cache->answers().get(key(1))->has_value());
    REQUIRE(cache->answers().put(key(1), "anew"));
    REQUIRE(cache->flush());

    CHECK(*cache->answers().get(key(1)) == "anew");
    CHECK(damaged_files(folder.path()) == 1);
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines[0].find("the cache was damaged") == 0);
  }

  TEST_CASE("pages overwritten in the middle don't stop a run") {
    const TempFolder folder;
    sys::RealFileSystem files;
    {
      const auto cache = store::open_cache(folder.path(), files);
      for (int i = 0; i < 2000; ++i) REQUIRE(cache->answers().put(key(i), std::string(300, 'v')));
    }
    const auto size = fs::file_size(folder.path() / "cache.db");
    {
      std::fstream file(folder.path() / "cache.db", std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(8192);
      file << std::string(size - 8192, '\x5a');
    }
    const auto cache = store::open_cache(folder.path(), files);

    for (int i = 0; i < 2000; ++i) REQUIRE(cache->answers().get(key(i)));
    REQUIRE(cache->answers().put(key(1), "anew"));
    REQUIRE(cache->flush());

    CHECK(*cache->answers().get(key(1)) == "anew");
  }

  TEST_CASE("an empty file, as a killed creation leaves it, is filled") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "cache.db", "");

    REQUIRE(store::open_cache(folder.path(), files)->parses().put(key(1), "x"));

    CHECK(*store::open_cache(folder.path(), files)->parses().get(key(1)) == "x");
    CHECK(damaged_files(folder.path()) == 0);
  }

  TEST_CASE("several processes that start together all write") {
    const TempFolder folder;
    constexpr int kProcesses = 6, kValues = 150;
    std::vector<pid_t> children;
    for (int process = 0; process < kProcesses; ++process) {
      const pid_t child = ::fork();
      if (child == 0) {
        sys::RealFileSystem files;
        bool good = true;
        {
          const auto cache = store::open_cache(folder.path(), files);
          for (int i = 0; i < kValues; ++i)
            good = good && cache->answers().put(key(process * 1000 + i), "v").has_value();
          good = good && cache->flush().has_value();
        }
        ::_exit(good ? 0 : 1);
      }
      children.push_back(child);
    }
    int failed = 0;
    for (const auto child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      failed += status == 0 ? 0 : 1;
    }
    sys::RealFileSystem files;

    CHECK(failed == 0);
    CHECK(store::open_cache(folder.path(), files)->answers().size()->values == kProcesses * kValues);
  }

  TEST_CASE("many threads may use one cache") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto cache = store::open_cache(folder.path(), files);
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
          for (int i = 0; i < 200; ++i) {
            CHECK(cache->answers().put(key(thread * 1000 + i), "v"));
            CHECK(cache->answers().get(key(thread * 1000 + i / 2))->has_value());
          }
        });
      }
    }

    CHECK(cache->answers().size()->values == 800);
  }

  TEST_CASE("a process killed while it writes leaves a whole database") {
    const TempFolder folder;
    sys::RealFileSystem files;
    for (int round = 0; round < 10; ++round) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto cache = store::open_cache(folder.path(), files);
        for (int i = 0;; ++i) static_cast<void>(cache->answers().put(key(i), std::string(500, 'v')).has_value());
      }
      ::usleep(static_cast<useconds_t>(8'000 + round * 2'000));
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }

    const auto cache = store::open_cache(folder.path(), files);
    const auto size = cache->answers().size();

    REQUIRE(size);
    CHECK(size->bytes.value == size->values * 500);
    CHECK(damaged_files(folder.path()) == 0);
  }

  TEST_CASE("what can't be written now does not keep the rest from being read, and is said when it is flushed") {
    const TempFolder folder;
    sys::RealFileSystem files;
    REQUIRE(store::open_cache(folder.path(), files)->answers().put(key(1), "kept"));
    const pid_t child = ::fork();
    if (child == 0) {
      const auto cache = store::open_cache(folder.path(), files);
      bool good = cache->answers().get(key(1))->has_value();
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{1, 1};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      for (int i = 100; i < 200; ++i) static_cast<void>(cache->answers().put(key(i), "lost").has_value());
      good = good && *cache->answers().get(key(1)) == "kept" && *cache->answers().get(key(100)) == "lost";
      const auto flushed = cache->flush();
      const auto writable = cache->writable();
      good = good && !flushed && !writable;
      good =
          good && flushed.error().message.find("`" + (folder.path() / "cache.db").native() + "`") != std::string::npos;
      good = good && flushed.error().message.find("rollback") == std::string::npos;
      good = good && flushed.error().hint.find("free some space") != std::string::npos;
      ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);

    CHECK(status == 0);
    CHECK(*store::open_cache(folder.path(), files)->answers().get(key(1)) == "kept");
    CHECK(damaged_files(folder.path()) == 0);
  }

  TEST_CASE("a folder that can't be made is an error of the environment with a way out") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "file", "");
    const auto cache = store::open_cache(folder.path() / "file" / "cache", files);

    const auto got = cache->answers().get(key(1));

    REQUIRE_FALSE(got);
    CHECK(got.error().kind == llmops::ErrorKind::environment);
    CHECK_FALSE(cache->writable());
  }

  TEST_CASE("a writable folder is made and said to be so") {
    const TempFolder folder;
    sys::RealFileSystem files;

    CHECK(store::open_cache(folder.path() / "a" / "b", files)->writable());
    CHECK(fs::is_empty(folder.path() / "a" / "b"));
  }
}

TEST_SUITE("store/stats") {
  TEST_CASE("hashes are known again while the file's stat is the same") {
    const TempFolder folder;
    sys::RealFileSystem files;
    write_file(folder.path() / "f", "text");
    const auto stat = *files.stat(folder.path() / "f");
    const store::StatEntry entry{stat, stat.ctime_ns + 60'000'000, sys::git_blob_id("text"), sys::sha256("text")};
    store::open_cache(folder.path() / "cache", files)->stats().put(folder.path() / "f", entry);
    const auto cache = store::open_cache(folder.path() / "cache", files);

    const auto known = cache->stats().get(folder.path() / "f", stat);
    auto changed = stat;
    ++changed.mtime_ns;

    REQUIRE(known);
    CHECK(known->stat == stat);
    CHECK(known->git_blob == entry.git_blob);
    CHECK(known->sha256 == entry.sha256);
    CHECK_FALSE(cache->stats().get(folder.path() / "f", changed));
    CHECK_FALSE(cache->stats().get(folder.path() / "g", stat));
  }

  TEST_CASE("a file that changed just before it was read is not remembered") {
    const TempFolder folder;
    sys::RealFileSystem files;
    const auto cache = store::open_cache(folder.path(), files);
    sys::FileStat stat{sys::FileKind::regular, 4, 1, 1, 1'000'000'000, 1'000'000'000, 0100644};

    cache->stats().put("/f", {stat, 1'020'000'000, "b", {}});
    CHECK_FALSE(cache->stats().get("/f", stat));

    cache->stats().put("/f", {stat, 1'020'000'001, "b", {}});
    CHECK(cache->stats().get("/f", stat));
  }

  TEST_CASE("an entry of another form is none") {
    const auto bytes = store::to_bytes({{}, 1, "blob", sys::sha256("")});

    CHECK(store::stat_entry_of(bytes));
    CHECK_FALSE(store::stat_entry_of(bytes.substr(0, bytes.size() - 1)));
    CHECK_FALSE(store::stat_entry_of(bytes + "x"));
    CHECK_FALSE(store::stat_entry_of(""));
  }
}
