#pragma once
/// \file  What steps make: stored by content, checked, brought back.
#include <string>

#include "base/result.h"
#include "exec/services.h"
#include "step/outcome.h"

namespace llmops::exec {

/// A file or folder of the work tree into the content store. A folder's digest is that of its manifest: a line
/// `<sha256> <mode> <path>` for each file, sorted, with the mode 755 or 644. A symbolic link in its
/// place or in the folder is an error of kind `step`, wherever it points; the folders above may be links.
Result<step::Output> store_path(Services& services, const std::string& name, const std::string& path);

/// Bytes that lie only in the content store; the output's value is their digest.
Result<step::Output> store_bytes(Services& services, const std::string& name, std::string_view bytes);

enum class Presence {
  there,    ///< As it was made.
  deleted,  ///< Gone from the work tree; the content store has it.
  changed,  ///< Something else stands there.
  lost,     ///< Gone, and the content store has it no more.
};
/// Looks whether an output is still what it was.
Result<Presence> check_output(Services& services, const step::Output& output);
/// Brings a deleted output back, whole or not at all. False where the content store has not all of it undamaged; an
/// error where it can't be written, as on a full disk.
Result<bool> bring_back(Services& services, const step::Output& output);

}  // namespace llmops::exec
