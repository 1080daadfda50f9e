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

int Shell::fail(const Errors& errors) const {
  constexpr std::size_t kMost = 20;
  int status = kPassed;
  std::string text;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    status = worse(status, status_of(errors[i].kind));
    if (i < kMost) text += render(errors[i]);
  }
  if (errors.size() > kMost) text += "and " + std::to_string(errors.size() - kMost) + " more errors\n";
  console.err(text);
  return status;
}

void Shell::print(const doc::Node& document) const { console.out(doc::to_pretty_json(document) + "\n"); }

}  // namespace llmops::cli
