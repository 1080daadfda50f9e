#pragma once
/// \file  A repository on this machine.
#include <memory>
#include <mutex>

#include "sys/git.h"
#include "sys/real/git_attributes.h"
#include "sys/real/git_command.h"
#include "sys/real/git_commit_files.h"
#include "sys/real/git_layout.h"
#include "sys/system.h"

namespace llmops::sys {

/// Head, refs, the index and attributes are read from git's files; for all else, and where a file is of a form not
/// known here, `git` is started.
class RealGitRepository final : public GitRepository {
 public:
  RealGitRepository(GitLayout layout, FileSystem& files, Clock& clock, const Env& env);

  const Path& root() const override { return layout_.root; }
  const Path& git_dir() const override { return layout_.git_dir; }
  const Path& common_dir() const override { return layout_.common_dir; }
  ObjectFormat object_format() const override { return layout_.format; }
  bool modes_count() const override { return layout_.modes_count; }
  Result<GitHead> head() override;
  Result<std::optional<ObjectId>> root_commit() override;
  Result<bool> shallow() override;
  Result<FileStat> index_stat() override;
  Result<std::shared_ptr<const Index>> index() override;
  Result<bool> attributes_convert(const std::string& path) override;
  Result<ObjectId> resolve(std::string_view revision) override;
  Result<CommitInfo> commit(const ObjectId& id) override;
  Result<std::vector<CommitInfo>> history(std::string_view revision, std::size_t limit) override;
  Result<std::vector<TreeEntry>> tree(std::string_view treeish, std::string_view prefix = {}) override;
  Result<std::string> blob(const ObjectId& id) override;
  Result<void> blobs(const std::vector<ObjectId>& ids,
                     const std::function<void(std::size_t, std::string_view)>& each) override;
  Result<std::string> diff(const ObjectId& before, const ObjectId& after) override;
  Result<std::vector<std::string>> changed_paths() override;
  Result<DirtyTree> snapshot_work_tree() override;
  Result<void> keep(std::string_view ref, const ObjectId& commit) override;
  Result<std::optional<ObjectId>> ref(std::string_view name) override;
  Result<Committed> commit_files(const std::vector<RefUpdate>& updates) override;

 private:
  CommitTools tools() { return {layout_, git_, files_, clock_, env_}; }
  Result<GitHead> ask_for_head();
  Result<std::vector<std::string>> hidden_changes();
  Result<std::shared_ptr<const Index>> read_index();

  GitLayout layout_;
  FileSystem& files_;
  Clock& clock_;
  const Env& env_;
  GitCommand git_;
  GitAttributes attributes_;
  std::mutex index_mutex_;
  std::shared_ptr<const Index> index_;
  FileStat index_stat_;
};

}  // namespace llmops::sys
