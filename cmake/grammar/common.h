#pragma once
// What llama.cpp's grammar files take from its common.h, which would bring the whole of its command line.
#include <sstream>
#include <string>
#include <vector>

inline std::string string_join(const std::vector<std::string> & values, const std::string & separator) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? separator : std::string()) + values[i];
  return out;
}

inline std::vector<std::string> string_split(const std::string & text, const std::string & separator) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (auto end = text.find(separator); end != std::string::npos; end = text.find(separator, begin)) {
    out.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  out.push_back(text.substr(begin));
  return out;
}

inline std::string string_repeat(const std::string & text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}
