#pragma once
/// \file  A repository that only knows where it lies.
#include "sys/git.h"

namespace llmops::fakes {

/// Whoever asks it for objects or refs gets an error.
class RootedRepository final : public sys::GitRepository {
 public:
  explicit RootedRepository(sys::Path root) : root_(std::move(root)), git_dir_(root_ / ".git") {}

  const sys::Path& root() const override { return root_; }
  const sys::Path& git_dir() const override { return git_dir_; }
  const sys::Path& common_dir() const override { return git_dir_; }
  sys::ObjectFormat object_format() const override { return sys::ObjectFormat::sha1; }
  bool modes_count() const override { return true; }
  Result<sys::GitHead> head() override { return empty(); }
  Result<std::optional<sys::ObjectId>> root_commit() override { return empty(); }
  Result<bool> shallow() override { return empty(); }
  Result<sys::FileStat> index_stat() override { return empty(); }
  Result<std::shared_ptr<const sys::Index>> index() override { return empty(); }
  Result<bool> attributes_convert(const std::string&) override { return empty(); }
  Result<sys::ObjectId> resolve(std::string_view) override { return empty(); }
  Result<sys::CommitInfo> commit(const sys::ObjectId&) override { return empty(); }
  Result<std::vector<sys::CommitInfo>> history(std::string_view, std::size_t) override { return empty(); }
  Result<std::vector<sys::TreeEntry>> tree(std::string_view, std::string_view) override { return empty(); }
  Result<std::string> diff(const sys::ObjectId&, const sys::ObjectId&) override { return empty(); }
  Result<std::string> blob(const sys::ObjectId&) override { return empty(); }
  Result<void> blobs(const std::vector<sys::ObjectId>&,
                     const std::function<void(std::size_t, std::string_view)>&) override {
    return empty();
  }
  Result<std::vector<std::string>> changed_paths() override { return empty(); }
  Result<sys::DirtyTree> snapshot_work_tree() override { return empty(); }
  Result<void> keep(std::string_view, const sys::ObjectId&) override { return empty(); }
  Result<std::optional<sys::ObjectId>> ref(std::string_view) override { return empty(); }
  Result<Committed> commit_files(const std::vector<RefUpdate>&) override { return empty(); }

 private:
  static Error empty() { return environment_error("this repository holds nothing"); }

  sys::Path root_, git_dir_;
};

}  // namespace llmops::fakes
