#include "score/json_schema/uri.h"

#include "base/text.h"

namespace llmops::score::json_schema {
namespace {

/// The five components, each with the delimiter that belongs to it, so that they join by themselves.
struct Parts {
  std::string_view scheme, authority, path, query, fragment;
};

std::string_view cut(std::string_view& rest, std::size_t size) {
  const auto out = rest.substr(0, size);
  rest.remove_prefix(out.size());
  return out;
}

Parts parts_of(std::string_view uri) {
  Parts out;
  if (const auto end = uri.find_first_of(":/?#"); end != std::string_view::npos && uri[end] == ':') {
    out.scheme = cut(uri, end + 1);
  }
  if (uri.starts_with("//")) out.authority = cut(uri, uri.find_first_of("/?#", 2));
  out.path = cut(uri, uri.find_first_of("?#"));
  out.query = cut(uri, uri.find('#'));
  out.fragment = uri;
  return out;
}

/// RFC 3986, 5.2.4.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/." || path == "/..") {
      if (path == "/..") out.resize(out.find_last_of('/') == std::string::npos ? 0 : out.find_last_of('/'));
      path = "/";
    } else if (path.starts_with("/../")) {
      path.remove_prefix(3);
      out.resize(out.find_last_of('/') == std::string::npos ? 0 : out.find_last_of('/'));
    } else if (path == "." || path == "..") {
      break;
    } else {
      out += cut(path, path.find('/', 1));
    }
  }
  return out;
}

/// RFC 3986, 5.2.3.
std::string merged(const Parts& base, std::string_view path) {
  if (!base.authority.empty() && base.path.empty()) return "/" + std::string(path);
  return std::string(base.path.substr(0, base.path.find_last_of('/') + 1)) + std::string(path);
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  return out;
}

}  // namespace

std::string resolve_uri(std::string_view base, std::string_view reference) {
  const auto from = parts_of(base), to = parts_of(reference);
  if (!to.scheme.empty()) return joined({to.scheme, to.authority, without_dots(to.path), to.query, to.fragment});
  if (!to.authority.empty()) return joined({from.scheme, to.authority, without_dots(to.path), to.query, to.fragment});
  if (to.path.empty()) {
    return joined({from.scheme, from.authority, from.path, to.query.empty() ? from.query : to.query, to.fragment});
  }
  const auto path = to.path.starts_with('/') ? std::string(to.path) : merged(from, to.path);
  return joined({from.scheme, from.authority, without_dots(path), to.query, to.fragment});
}

SplitUri split_fragment(std::string_view uri) {
  const auto hash = uri.find('#');
  SplitUri out{std::string(uri.substr(0, hash)), {}};
  if (hash == std::string_view::npos) return out;
  for (auto rest = uri.substr(hash + 1); !rest.empty();) {
    const auto byte = rest.starts_with('%') ? text::from_hex(text::lower(rest.substr(1, 2))) : std::nullopt;
    out.fragment += byte && byte->size() == 1 ? *byte : std::string(rest.substr(0, 1));
    rest.remove_prefix(byte && byte->size() == 1 ? 3 : 1);
  }
  return out;
}

}  // namespace llmops::score::json_schema
