#include "report/html/page.h"

#include <array>

#include "report/html/assets.h"
#include "sys/hash.h"

namespace llmops::report {
namespace {

/// RFC 4648, as policies write digests.
std::string base64(const Digest& digest) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < digest.bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return at < digest.bytes.size() ? std::uint32_t{digest.bytes[at]} : 0u; };
    const auto group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    const auto count = std::min<std::size_t>(3, digest.bytes.size() - i);
    for (std::size_t digit = 0; digit < 4; ++digit) {
      out += digit <= count ? kDigits[group >> (18 - 6 * digit) & 63] : '=';
    }
  }
  return out;
}

std::string source_of(std::string_view text) { return "'sha256-" + base64(sys::sha256(text)) + "'"; }

/// JSON that can't end the element it stands in: within JSON a `<` occurs only in strings.
std::string as_data(const std::string& json) {
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string to_html(const Page& page) {
  const auto policy = "default-src 'none'; script-src " + source_of(page_script()) + "; style-src " +
                      source_of(page_style()) + "; base-uri 'none'; form-action 'none'";
  const auto head = empty_element("meta", {{"charset", "utf-8"}}) +
                    empty_element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}}) +
                    empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
                    empty_element("meta", {{"name", "referrer"}, {"content", "no-referrer"}}) +
                    empty_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) +
                    element("title", page.title) + element("style", Markup::trusted(std::string(page_style())));
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>" + head.html() + "</head>\n<body>" + page.body.html();
  if (!page.data.empty()) {
    out += "\n<script type=\"application/json\" id=\"data\">" + as_data(page.data) + "</script>\n";
    out += "<script type=\"module\">" + std::string(page_script()) + "</script>\n";
  }
  return out + "</body>\n</html>\n";
}

}  // namespace llmops::report
