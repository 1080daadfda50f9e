#include "cli/shell.h"

#include <algorithm>
#include <array>

#include "doc/json.h"

namespace llmops::cli {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return kUsage;
    case ErrorKind::invalid:
      return kInvalid;
    case ErrorKind::environment:
      return kEnvironment;
    case ErrorKind::step:
      return kFailed;
    case ErrorKind::refused:
      return kRefused;
    case ErrorKind::interrupted:
      return kInterrupted;
    case ErrorKind::bug:
      break;
  }
  return kBug;
}

int worse(int a, int b) {
  static constexpr std::array<int, 9> kOrder = {kInterrupted, kBug,     kUsage,        kEnvironment, kInvalid,
                                                kFailed,      kRefused, kInconclusive, kPassed};
  return std::find(kOrder.begin(), kOrder.end(), a) < std::find(kOrder.begin(), kOrder.end(), b) ? a : b;
}

namespace {

std::string listed(const Errors& found, Severity severity) {
  constexpr std::size_t kMost = 20;
  std::string out;
  for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i) out += render(found[i], severity);
  if (found.size() <= kMost) return out;
  return out + "and " + std::to_string(found.size() - kMost) + " more " +
         (severity == Severity::warning ? "warnings" : "errors") + "\n";
}

}  // namespace

int Shell::fail(const Errors& errors) const {
  int status = kPassed;
  for (const auto& error : errors) status = worse(status, status_of(error.kind));
  console.err(listed(errors, Severity::error));
  return status;
}

void Shell::warn(const Errors& warnings) const {
  if (!warnings.empty()) console.err(listed(warnings, Severity::warning));
}

void Shell::print(const doc::Node& document) const { console.out(doc::to_pretty_json(document) + "\n"); }

}  // namespace llmops::cli
