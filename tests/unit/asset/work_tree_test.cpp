#include <doctest/doctest.h>

#include <filesystem>

#include "asset/asset.h"
#include "fakes/git_sandbox.h"
#include "sys/hash.h"

namespace asset = llmops::asset;
namespace sys = llmops::sys;
namespace fs = std::filesystem;
using llmops::ErrorKind;
using llmops::fakes::GitSandbox;
using llmops::fakes::pass_the_racy_span;
using llmops::fakes::write_file;

namespace {

/// A repository that counts how often its index is asked for.
class CountingRepository final : public sys::GitRepository {
 public:
  explicit CountingRepository(sys::GitRepository& real) : real_(real) {}
  int index_reads = 0;

  const sys::Path& root() const override { return real_.root(); }
  const sys::Path& git_dir() const override { return real_.git_dir(); }
  const sys::Path& common_dir() const override { return real_.common_dir(); }
  sys::ObjectFormat object_format() const override { return real_.object_format(); }
  bool modes_count() const override { return real_.modes_count(); }
  llmops::Result<sys::GitHead> head() override { return real_.head(); }
  llmops::Result<std::optional<sys::ObjectId>> root_commit() override { return real_.root_commit(); }
  llmops::Result<bool> shallow() override { return real_.shallow(); }
  llmops::Result<sys::FileStat> index_stat() override { return real_.index_stat(); }
  llmops::Result<std::shared_ptr<const sys::Index>> index() override {
    ++index_reads;
    return real_.index();
  }
  llmops::Result<bool> attributes_convert(const std::string& path) override { return real_.attributes_convert(path); }
  llmops::Result<sys::ObjectId> resolve(std::string_view revision) override { return real_.resolve(revision); }
  llmops::Result<sys::CommitInfo> commit(const sys::ObjectId& id) override { return real_.commit(id); }
  llmops::Result<std::vector<sys::CommitInfo>> history(std::string_view revision, std::size_t limit) override {
    return real_.history(revision, limit);
  }
  llmops::Result<std::vector<sys::TreeEntry>> tree(std::string_view treeish, std::string_view prefix) override {
    return real_.tree(treeish, prefix);
  }
  llmops::Result<std::string> diff(const sys::ObjectId& before, const sys::ObjectId& after) override {
    return real_.diff(before, after);
  }
  llmops::Result<std::string> blob(const sys::ObjectId& id) override { return real_.blob(id); }
  llmops::Result<void> blobs(const std::vector<sys::ObjectId>& ids,
                             const std::function<void(std::size_t, std::string_view)>& each) override {
    return real_.blobs(ids, each);
  }
  llmops::Result<std::vector<std::string>> changed_paths() override { return real_.changed_paths(); }
  llmops::Result<sys::DirtyTree> snapshot_work_tree() override { return real_.snapshot_work_tree(); }
  llmops::Result<void> keep(std::string_view ref, const sys::ObjectId& commit) override {
    return real_.keep(ref, commit);
  }
  llmops::Result<std::optional<sys::ObjectId>> ref(std::string_view name) override { return real_.ref(name); }
  llmops::Result<Committed> commit_files(const std::vector<RefUpdate>& updates) override {
    return real_.commit_files(updates);
  }

 private:
  sys::GitRepository& real_;
};

/// One run of the program: everything opened anew, saved at the end.
class Run {
 public:
  explicit Run(GitSandbox& box)
      : repository(box.open()),
        cache(llmops::store::open_cache(box.folder.path() / "cache", box.files)),
        source(asset::work_tree(*repository, box.files, *cache)) {}
  std::unique_ptr<sys::GitRepository> repository;
  std::unique_ptr<llmops::store::Cache> cache;
  std::unique_ptr<asset::AssetSource> source;
};

std::string blob(GitSandbox& box, const std::string& path) {
  Run run(box);
  const auto found = run.source->file(path);
  return found ? found->git_blob : found.error().message;
}

std::vector<std::string> paths(const llmops::Result<std::vector<asset::Asset>>& found) {
  std::vector<std::string> out;
  if (!found) return {found.error().message};
  for (const auto& one : *found) out.push_back(one.path);
  return out;
}

}  // namespace

TEST_SUITE("asset/work_tree") {
  TEST_CASE("a file's identity is the blob id of its bytes now") {
    GitSandbox box;
    box.make_repository();
    CHECK(blob(box, "a.txt") == sys::git_blob_id("alpha\n"));
    CHECK(blob(box, "./data//../a.txt") == sys::git_blob_id("alpha\n"));

    write_file(box.repo / "a.txt", "changed\n");

    CHECK(blob(box, "a.txt") == sys::git_blob_id("changed\n"));
  }

  TEST_CASE("a change of the same size within the same tick is seen") {
    GitSandbox box;
    box.make_repository();
    for (int round = 0; round < 30; ++round) {
      const auto text = "round" + std::to_string(round % 10) + "\n";
      write_file(box.repo / "a.txt", text);
      if (round % 3 == 0) box.sh("git add a.txt");

      CHECK(blob(box, "a.txt") == sys::git_blob_id(text));
    }
  }

  TEST_CASE("a change of the same size with the time set back is seen") {
    GitSandbox box;
    box.make_repository();
    pass_the_racy_span();
    REQUIRE(blob(box, "a.txt") == sys::git_blob_id("alpha\n"));
    const auto before = fs::last_write_time(box.repo / "a.txt");

    write_file(box.repo / "a.txt", "ALPHA\n");
    fs::last_write_time(box.repo / "a.txt", before);

    CHECK(blob(box, "a.txt") == sys::git_blob_id("ALPHA\n"));
  }

  TEST_CASE("the index is believed only where it may be: not for assumed, skipped or intended entries") {
    for (const auto* mark : {"--assume-unchanged", "--skip-worktree"}) {
      GitSandbox box;
      box.make_repository();
      box.sh(std::string("git update-index ") + mark + " a.txt");
      write_file(box.repo / "a.txt", "ALPHA\n");
      CHECK(blob(box, "a.txt") == sys::git_blob_id("ALPHA\n"));
    }
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "soon.txt", "soon\n");
    box.sh("git add -N soon.txt");
    CHECK(blob(box, "soon.txt") == sys::git_blob_id("soon\n"));
  }

  TEST_CASE("where attributes convert, the identity is of the bytes that a program reads") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / ".gitattributes", "*.csv text eol=crlf\n");
    write_file(box.repo / "t.csv", "one\r\ntwo\r\n");
    box.sh("git add -A");
    REQUIRE(box.sh("git rev-parse :t.csv") == sys::git_blob_id("one\ntwo\n"));
    pass_the_racy_span();
    box.sh("git update-index --force-write-index");

    CHECK(blob(box, "t.csv") == sys::git_blob_id("one\r\ntwo\r\n"));
  }

  TEST_CASE("a clean, settled file takes git's id without being hashed, and without starting git") {
    GitSandbox box;
    box.make_repository();
    const std::string big(50'000, 'b');
    write_file(box.repo / "big.txt", big);
    pass_the_racy_span();
    box.sh("git add -A");
    box.hide_git();

    CHECK(blob(box, "big.txt") == sys::git_blob_id(big));
    CHECK_FALSE(fs::exists(box.folder.path() / "cache" / "cache.db"));  // Hashes would have been put there.
  }

  TEST_CASE("the index is read again only after it changed") {
    GitSandbox box;
    box.make_repository();
    const auto index_reads = [&] {
      pass_the_racy_span();
      Run run(box);
      CountingRepository counting(*run.repository);
      const auto source = asset::work_tree(counting, box.files, *run.cache);
      CHECK(source->glob("**/*.txt"));
      CHECK(source->file("a.txt"));
      CHECK(source->tracked("data/b.txt")->has_value());
      CHECK_FALSE(source->tracked("none.txt")->has_value());
      CHECK(source->list("data/*")->size() == 1);
      return counting.index_reads;
    };
    CHECK(index_reads() > 0);

    CHECK(index_reads() == 0);
    box.sh("touch c.md && git add c.md");
    CHECK(index_reads() > 0);
    CHECK(index_reads() == 0);
  }

  TEST_CASE("what is not tracked is an error with the command that helps, and nothing to `tracked`") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "new.txt", "new\n");
    for (int runs = 0; runs < 2; ++runs) {
      pass_the_racy_span();
      Run run(box);
      const auto refused = run.source->file("new.txt");

      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind == ErrorKind::invalid);
      CHECK(refused.error().message == "`new.txt` is not tracked by git");
      CHECK(refused.error().hint == "`git add new.txt`");
      CHECK_FALSE(run.source->tracked("new.txt")->has_value());
      CHECK_FALSE(run.source->tracked("none.txt")->has_value());
      CHECK(run.source->tracked("a.txt")->has_value());
    }

    box.sh("git add new.txt");
    CHECK(blob(box, "new.txt") == sys::git_blob_id("new\n"));

    box.sh("git rm -q --cached new.txt");
    CHECK(blob(box, "new.txt") == "`new.txt` is not tracked by git");
  }

  TEST_CASE("a misspelt path gets the nearest name") {
    GitSandbox box;
    box.make_repository();
    Run run(box);

    CHECK(run.source->file("data/c.txt").error().hint == "did you mean `data/b.txt`?");
    CHECK(run.source->file("b.txt").error().message == "there is no file `b.txt`");
    CHECK(run.source->file("elsewhere/deep/b.txt").error().hint == "did you mean `data/b.txt`?");
  }

  TEST_CASE("a tracked file that was deleted is missing") {
    GitSandbox box;
    box.make_repository();
    fs::remove(box.repo / "a.txt");
    Run run(box);

    CHECK(run.source->file("a.txt").error().message == "there is no file `a.txt`");
    CHECK_FALSE(run.source->tracked("a.txt"));
    CHECK(paths(run.source->glob("**")) == std::vector<std::string>{"data/b.txt"});
  }

  TEST_CASE("paths out of the repository are refused") {
    GitSandbox box;
    box.make_repository();
    write_file(box.folder.path() / "secret", "s");
    fs::create_symlink("../secret", box.repo / "out");
    fs::create_symlink(box.folder.path() / "secret", box.repo / "absolute");
    fs::create_directory_symlink("..", box.repo / "up");
    fs::create_symlink("circle", box.repo / "circle");
    box.sh("git add -A");
    Run run(box);

    for (const auto* path :
         {"/etc/passwd", "../secret", "data/../../secret", "out", "absolute", "up/secret", "circle"}) {
      const auto refused = run.source->file(path);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind == ErrorKind::invalid);
      CHECK_FALSE(run.source->read(path));
    }
    CHECK(run.source->file("../secret").error().message ==
          "`../secret` is outside of the repository, and must be inside");
    CHECK(run.source->file("out").error().message ==
          "`out` leads out of the repository by the symbolic link `out` → `../secret`");
  }

  TEST_CASE("a link within the repository stands for the file it points to, when that is tracked") {
    GitSandbox box;
    box.make_repository();
    fs::create_symlink("data/b.txt", box.repo / "link");
    fs::create_directory_symlink("data", box.repo / "folder");
    write_file(box.repo / "loose.txt", "loose");
    fs::create_symlink(box.repo / "loose.txt", box.repo / "to-loose");
    box.sh("git add link folder to-loose");

    CHECK(blob(box, "link") == sys::git_blob_id("beta\n"));
    CHECK(blob(box, "folder/b.txt") == sys::git_blob_id("beta\n"));
    CHECK(blob(box, "to-loose") == "`to-loose` is not tracked by git");
    write_file(box.repo / "data" / "b.txt", "changed\n");
    CHECK(blob(box, "link") == sys::git_blob_id("changed\n"));
    CHECK(*Run(box).source->read("folder/b.txt") == "changed\n");
  }

  TEST_CASE("a link among matching files is there itself, with what is tracked behind it, around no circle") {
    GitSandbox box;
    box.make_repository();
    fs::create_directories(box.repo / "real");
    fs::create_directory_symlink("../data", box.repo / "real" / "cur");
    fs::create_symlink("../a.txt", box.repo / "real" / "file");
    fs::create_symlink("nowhere", box.repo / "real" / "gone");
    fs::create_directory_symlink(".", box.repo / "real" / "self");
    box.sh("git add -A");

    const auto found = Run(box).source->glob("real");

    REQUIRE(found);
    CHECK(paths(found) == std::vector<std::string>{"data/b.txt", "real/cur", "real/file", "real/gone", "real/self"});
    CHECK(found->at(1).link == "../data");
    CHECK(found->at(1).git_blob.empty());
    CHECK(found->at(2).link == "../a.txt");
    CHECK(found->at(2).git_blob == sys::git_blob_id("alpha\n"));
    CHECK(found->at(3).link == "nowhere");
    fs::create_directories(box.repo / "loose");
    fs::create_directory_symlink("../loose", box.repo / "real" / "to-loose");
    box.sh("git add -A");
    CHECK(Run(box).source->glob("real").error().message ==
          "`real/to-loose` is a symbolic link to `loose`, in which git tracks nothing");
  }

  TEST_CASE("what git neither tracks nor ignores is found among what matches") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / ".gitignore", "*.pyc\n");
    write_file(box.repo / "data" / "x.pyc", "x");
    box.sh("git add -A");
    CHECK(Run(box).source->untracked({"data", "data/*", "**"})->empty());

    write_file(box.repo / "data" / "new.txt", "x");
    write_file(box.repo / "data" / "deep" / "er.txt", "x");
    write_file(box.repo / "beside.txt", "x");
    fs::remove(box.repo / "data" / "b.txt");

    using Paths = std::vector<std::string>;
    CHECK(*Run(box).source->untracked({"data"}) == Paths{"data/deep/er.txt", "data/new.txt"});
    CHECK(*Run(box).source->untracked({"data/*.txt"}) == Paths{"data/new.txt"});
    CHECK(*Run(box).source->untracked({"*.txt"}) == Paths{"beside.txt"});
    CHECK(Run(box).source->untracked({"a.txt", "nowhere"})->empty());
  }

  TEST_CASE("the place of what is written follows the links above it, and never out of the repository") {
    GitSandbox box;
    box.make_repository();
    fs::create_directory_symlink("data", box.repo / "in");
    fs::create_directory_symlink("..", box.repo / "out");
    fs::create_symlink("a.txt", box.repo / "itself");
    Run run(box);

    CHECK(*run.source->place("data/new") == "data/new");
    CHECK(*run.source->place("not/yet/there") == "not/yet/there");
    CHECK(*run.source->place("in/deep/new") == "data/deep/new");
    CHECK(*run.source->place("itself") == "itself");
    CHECK(run.source->place("out/new").error().kind == ErrorKind::invalid);
  }

  TEST_CASE("pointers of Git LFS and DVC are named for what they are") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    write_file(box.repo / "data" / "set.csv.dvc", "outs:\n- md5: 00\n");
    write_file(box.repo / "data" / "set.csv", "x");
    write_file(box.repo / "data" / ".gitignore", "/set.csv\n");
    box.sh("git add -A");
    pass_the_racy_span();
    for (int runs = 0; runs < 2; ++runs) {
      CHECK(blob(box, "big.bin") == "`big.bin` is a Git LFS pointer, not the file itself");
      CHECK(blob(box, "data/set.csv.dvc") == "`data/set.csv.dvc` is a DVC pointer, not the data itself");
      CHECK(blob(box, "data/set.csv") == "`data/set.csv` is kept by DVC (`data/set.csv.dvc`), not by git");
    }
  }

  TEST_CASE("a folder is no file") {
    GitSandbox box;
    box.make_repository();

    CHECK(blob(box, "data") == "`data` is a folder, and a file is needed");
  }

  TEST_CASE("a glob finds tracked files, sorted, and is asked again when the index changed") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "data" / "sub" / "ü.txt", "u");
    write_file(box.repo / "data" / "note.md", "n");
    write_file(box.repo / "data" / "untracked.txt", "n");
    box.sh("git add data/sub data/note.md");
    for (int runs = 0; runs < 2; ++runs) {
      pass_the_racy_span();
      Run run(box);
      CHECK(paths(run.source->glob("data/**/*.txt")) == std::vector<std::string>{"data/b.txt", "data/sub/ü.txt"});
      CHECK(paths(run.source->glob("data")) ==
            std::vector<std::string>{"data/b.txt", "data/note.md", "data/sub/ü.txt"});
      CHECK(paths(run.source->glob("./a.txt")) == std::vector<std::string>{"a.txt"});
      CHECK(paths(run.source->glob("*.none")) == std::vector<std::string>{"no file tracked by git matches `*.none`"});
      CHECK(run.source->list("*.txt")->size() == 1);
      CHECK(run.source->list("none*")->empty());
    }

    box.sh("git add data/untracked.txt");

    CHECK(paths(Run(box).source->glob("data/*.txt")) == std::vector<std::string>{"data/b.txt", "data/untracked.txt"});
  }

  TEST_CASE("a damaged file of what was seen is as good as none") {
    GitSandbox box;
    box.make_repository();
    pass_the_racy_span();
    REQUIRE(blob(box, "a.txt") == sys::git_blob_id("alpha\n"));
    const auto seen = box.repo / ".git" / "llmops" / "seen";
    auto bytes = llmops::fakes::read_file(seen);
    REQUIRE(bytes.size() > 100);

    for (std::size_t at = 0; at < bytes.size(); at += 7) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
      write_file(seen, damaged);
      CHECK(blob(box, "a.txt") == sys::git_blob_id("alpha\n"));
      write_file(seen, bytes.substr(0, at));
      CHECK(blob(box, "a.txt") == sys::git_blob_id("alpha\n"));
    }
  }

  TEST_CASE("linked work trees, split indexes and SHA-256 give the same answers") {
    GitSandbox box;
    box.make_repository("--object-format=sha256");
    box.sh("git update-index --split-index && echo c > c.txt && git add c.txt");

    CHECK(blob(box, "a.txt") == sys::git_blob_id("alpha\n", sys::ObjectFormat::sha256));
    CHECK(blob(box, "c.txt") == sys::git_blob_id("c\n", sys::ObjectFormat::sha256));

    box.sh("git worktree add -q ../side -b side");
    box.repo = box.folder.path() / "side";
    write_file(box.repo / "a.txt", "side\n");
    CHECK(blob(box, "a.txt") == sys::git_blob_id("side\n", sys::ObjectFormat::sha256));
    CHECK(blob(box, "c.txt") == "there is no file `c.txt`");
  }

  TEST_CASE("a repository without commits has what was added") {
    GitSandbox box;
    box.sh("git init -q repo");
    write_file(box.repo / "a.txt", "one\n");

    CHECK(blob(box, "a.txt") == "`a.txt` is not tracked by git");
    box.sh("git add a.txt");
    CHECK(blob(box, "a.txt") == sys::git_blob_id("one\n"));
  }

  TEST_CASE("the executable bit is no part of a file's bytes") {
    GitSandbox box;
    box.make_repository();
    const auto before = blob(box, "a.txt");
    fs::permissions(box.repo / "a.txt", fs::perms::owner_all);

    CHECK(blob(box, "a.txt") == before);
  }
}

TEST_SUITE("asset/executable") {
  TEST_CASE("what can be executed is said by the work tree's permissions") {
    GitSandbox box;
    box.make_repository();
    fs::permissions(box.repo / "a.txt", fs::perms::owner_exec, fs::perm_options::add);
    fs::create_symlink("a.txt", box.repo / "link");
    box.sh("git add link");
    Run run(box);

    CHECK(run.source->file("a.txt")->executable);
    CHECK(run.source->file("link")->executable);
    CHECK_FALSE(run.source->file("data/b.txt")->executable);
  }

  TEST_CASE("where git takes no notice of permissions, the index says it") {
    GitSandbox box;
    box.make_repository();
    box.sh("git config core.fileMode false && git update-index --chmod=+x data/b.txt");
    fs::permissions(box.repo / "a.txt", fs::perms::owner_exec, fs::perm_options::add);
    Run run(box);

    CHECK_FALSE(run.source->file("a.txt")->executable);
    CHECK(run.source->file("data/b.txt")->executable);
  }

  TEST_CASE("in a commit its tree says it") {
    GitSandbox box;
    box.make_repository();
    box.sh("git update-index --chmod=+x data/b.txt && git commit -q -m mode");
    const auto repository = box.open();
    const auto source = asset::at_commit(*repository, repository->head()->commit);

    CHECK_FALSE(source->file("a.txt")->executable);
    CHECK(source->file("data/b.txt")->executable);
    CHECK(source->glob("data")->front().executable);
  }
}

TEST_SUITE("asset/at_commit") {
  TEST_CASE("a commit's files are those of its tree, whatever the work tree has") {
    GitSandbox box;
    box.make_repository();
    fs::create_symlink("a.txt", box.repo / "link");
    box.sh("git add -A && git commit -q -m link");
    write_file(box.repo / "a.txt", "changed\n");
    const auto repository = box.open();
    const auto source = asset::at_commit(*repository, repository->head()->commit);

    CHECK(*source->file("a.txt") == asset::Asset{"a.txt", sys::git_blob_id("alpha\n"), true});
    CHECK(*source->read("data/b.txt") == "beta\n");
    CHECK(paths(source->glob("**/*.txt")) == std::vector<std::string>{"a.txt", "data/b.txt"});
    CHECK(paths(source->glob("data")) == std::vector<std::string>{"data/b.txt"});
    CHECK(*source->list("*") == std::vector<std::string>{"a.txt"});
    CHECK_FALSE(source->tracked("link")->has_value());
  }

  TEST_CASE("what a commit lacks is said with the commit") {
    GitSandbox box;
    box.make_repository();
    const auto repository = box.open();
    const auto commit = repository->head()->commit;
    const auto source = asset::at_commit(*repository, commit);

    CHECK(source->file("b.txt").error().message == "there is no file `b.txt` in commit `" + commit.substr(0, 12) + "`");
    CHECK(source->file("b.txt").error().hint == "did you mean `data/b.txt`?");
    CHECK(source->file("data").error().message == "`data` is a folder, and a file is needed");
    CHECK_FALSE(source->file("../a.txt"));
    CHECK_FALSE(source->glob("*.none"));
  }

  TEST_CASE("a Git LFS pointer in a commit is not handed out as the file") {
    GitSandbox box;
    box.make_repository();
    write_file(box.repo / "big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    box.sh("git add -A && git commit -q -m big");
    const auto repository = box.open();

    const auto bytes = asset::at_commit(*repository, repository->head()->commit)->read("big.bin");

    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().message == "`big.bin` is a Git LFS pointer, not the file itself");
  }
}
