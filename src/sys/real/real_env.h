#pragma once
/// \file  The variables of this process, copied once.
#include "sys/system.h"

namespace llmops::sys {

class RealEnv final : public Env {
 public:
  RealEnv();
  std::optional<std::string> get(const std::string& name) const override;
  const std::map<std::string, std::string>& all() const override { return variables_; }
  Path current_folder() const override { return folder_; }

 private:
  std::map<std::string, std::string> variables_;
  Path folder_;
};

}  // namespace llmops::sys
