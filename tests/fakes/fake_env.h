#pragma once
/// \file  Variables given by the test.
#include <initializer_list>
#include <map>
#include <string>

#include "sys/system.h"

namespace llmops::fakes {

class FakeEnv final : public sys::Env {
 public:
  FakeEnv(std::initializer_list<std::pair<const std::string, std::string>> variables = {},
          sys::Path folder = "/home/repo")
      : variables_(variables), folder_(std::move(folder)) {}

  void set(const std::string& name, std::string value) { variables_[name] = std::move(value); }
  void unset(const std::string& name) { variables_.erase(name); }
  std::optional<std::string> get(const std::string& name) const override {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }
  const std::map<std::string, std::string>& all() const override { return variables_; }
  sys::Path current_folder() const override { return folder_; }

 private:
  std::map<std::string, std::string> variables_;
  sys::Path folder_;
};

}  // namespace llmops::fakes
