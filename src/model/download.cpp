#include "model/download.h"

#include "model/base_url.h"

namespace llmops::model {
namespace {

constexpr Duration kLongest{std::chrono::hours(24)};

sys::Path more_of(const sys::Path& to) { return to.native() + ".more"; }

Result<std::uint64_t> size_of(sys::FileSystem& files, const sys::Path& path) {
  TRY(const auto stat, files.stat(path));
  return stat.kind == sys::FileKind::regular ? stat.size : 0;
}

/// Puts the bytes of the last attempt behind those of the ones before. Where there is no space for them, as many as fit
/// stand there then, and the rest is asked for again.
Result<void> fold(sys::FileSystem& files, const sys::Path& to) {
  const auto more = more_of(to);
  TRY(const auto have, size_of(files, to));
  TRY(const auto got, size_of(files, more));
  if (got == 0) return files.remove(more);
  if (have == 0) return files.rename(more, to);
  TRY(const auto whole, files.append_to(to));
  Result<void> written;
  auto read = files.read_chunks(more, [&](std::string_view bytes) {
    written = whole->append(bytes);
    return written.has_value();
  });
  TRY_VOID(files.remove(more));
  return read ? written : read;
}

/// One request for what is missing behind `have` bytes; the body goes into `<to>.more`.
Result<sys::HttpResponse> request_rest(sys::System& system, const Download& wanted, std::uint64_t have, StopToken stop,
                                       const ModelStore::Progress& progress) {
  TRY(const auto more, system.files.append_to(more_of(wanted.to)));
  sys::HttpRequest request;
  request.url = wanted.url;
  request.headers = wanted.headers;
  if (have > 0) request.headers.push_back({"Range", Secret("bytes=" + std::to_string(have) + "-")});
  request.timeout = kLongest;
  request.max_body = std::uint64_t{1} << 42;
  request.follow_redirects = true;
  Result<void> written;
  auto done = have;
  request.on_body = [&](std::string_view bytes) {
    written = more->append(bytes);
    done += bytes.size();
    if (written && progress) progress({done}, wanted.size);
    return written.has_value();
  };
  auto response = system.http.fetch(std::move(request), std::move(stop));
  TRY_VOID(std::move(written));
  if (!response && response.error().kind == ErrorKind::environment && response.error().hint.empty()) {
    auto error = std::move(response).error();
    error.hint = "run it again: what came is kept, and the rest is asked for";
    return error;
  }
  return response;
}

/// Brings what is missing. The digest is checked by the caller.
Result<void> attempt(sys::System& system, const Download& wanted, StopToken stop,
                     const ModelStore::Progress& progress) {
  auto& files = system.files;
  TRY_VOID(fold(files, wanted.to));
  TRY(const auto have, size_of(files, wanted.to));
  TRY(const auto response, request_rest(system, wanted, have, std::move(stop), progress));
  if (response.status == 416 && have > 0) return files.remove(more_of(wanted.to));  // Nothing is missing.
  if (response.status < 200 || response.status >= 300) {
    TRY_VOID(files.remove(more_of(wanted.to)));
    return refused_by(wanted.url, response.status);
  }
  if (response.status != 206) {  // The whole file, whether or not that was asked for.
    TRY_VOID(files.remove(wanted.to));
  }
  return fold(files, wanted.to);
}

}  // namespace

Error refused_by(const std::string& url, int status) {
  const auto answered = "the server answered " + std::to_string(status) + " to `" + shown(url) + "`";
  if (status == 404) return environment_error(answered + ": there is no such file", "check the address");
  if (status == 401 || status == 403) {
    return environment_error(answered + ": access is refused",
                             "check whether the address needs a login, or was signed for a time that is over");
  }
  return environment_error(answered, "try again later: what came is kept");
}

Result<void> download(sys::System& system, const Download& wanted, StopToken stop,
                      const ModelStore::Progress& progress) {
  auto& files = system.files;
  TRY(const auto begun, size_of(files, wanted.to));
  TRY(const auto begun_more, size_of(files, more_of(wanted.to)));
  bool resumed = begun + begun_more > 0;
  while (true) {
    TRY_VOID(attempt(system, wanted, stop, progress));
    TRY(const auto found, files.sha256(wanted.to));
    if (found == wanted.sha256) return {};
    TRY_VOID(files.remove(wanted.to));
    if (!resumed) {
      auto error = environment_error(
          "`" + shown(wanted.url) + "` has the digest " + found.to_string() + ", expected " + wanted.sha256.to_string(),
          "nothing was kept; check the digest you gave, or whether the file was replaced");
      error.kind = wanted.mismatch;
      return error;
    }
    resumed = false;  // The beginning may have been of another file: once more, from scratch.
  }
}

}  // namespace llmops::model
