#include "sys/real/git_identity.h"

#include "base/text.h"
#include "sys/real/git_config.h"

namespace llmops::sys {
namespace {

std::string clean(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != '<' && c != '>' && static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return std::string(text::trim(out));
}

/// `role` is `author` or `committer`.
std::string identity_of(const std::string& role, const GitSettings& settings, const Env& env) {
  const std::string variable = role == "author" ? "GIT_AUTHOR_" : "GIT_COMMITTER_";
  const auto pick = [&](const std::string& suffix, const std::string& key, const std::string& fallback) {
    if (const auto given = env.get(variable + suffix); given && !clean(*given).empty()) return clean(*given);
    for (const auto& name : {role + "." + key, "user." + key}) {
      const auto value = config_value(settings.entries, name);
      if (value && !clean(*value).empty()) return clean(*value);
    }
    return fallback;
  };
  const auto name = pick("NAME", "name", "");
  if (name.empty()) return "llmops <llmops@localhost>";
  return name + " <" + pick("EMAIL", "email", "llmops@localhost") + ">";
}

/// `Name <address>` of `git var`, which puts the time behind it; empty where git can't tell.
Result<std::string> ask_git(const GitCommand& git, const std::string& variable) {
  TRY(const auto output, git.run({.args = {"-c", "user.useConfigOnly=true", "var", variable}}));
  if (output.status != 0) return std::string();
  return output.out.substr(0, output.out.find('>') + 1);
}

}  // namespace

Result<GitIdentity> read_identity(const GitLayout& layout, const Env& env, const GitCommand& git) {
  TRY(const auto settings, read_git_settings(layout, env));
  GitIdentity out{identity_of("author", settings, env), identity_of("committer", settings, env)};
  if (!settings.includes) return out;
  TRY(const auto author, ask_git(git, "GIT_AUTHOR_IDENT"));
  TRY(const auto committer, ask_git(git, "GIT_COMMITTER_IDENT"));
  if (!author.empty()) out.author = author;
  if (!committer.empty()) out.committer = committer;
  return out;
}

}  // namespace llmops::sys
