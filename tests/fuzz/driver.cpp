/// Drives a fuzz target where the compiler has no fuzzer of its own: every file of its corpus as it is, then as many
/// mutations of them as are asked for, always the same ones.
///
/// driver [--runs N] [--seed S] FILE|FOLDER…
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongest = 4096;

/// Tries inputs; the one being tried stands in a file, so that a crash leaves it behind.
class Trial {
 public:
  Trial() {
    file_ = ::mkstemp(path_.data());
    if (file_ < 0) std::abort();
    std::cerr << "the input being tried stands in " << path_ << "\n";
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  ~Trial() {
    ::close(file_);
    ::unlink(path_.c_str());
  }

  void run(const std::string& input) const {
    const auto size = static_cast<ssize_t>(input.size());
    if (::pwrite(file_, input.data(), input.size(), 0) != size || ::ftruncate(file_, size) != 0) std::abort();
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }

 private:
  std::string path_ = (fs::temp_directory_path() / "llmops-fuzz-XXXXXX").native();
  int file_ = -1;
};

std::vector<std::string> read_corpus(const std::vector<fs::path>& places) {
  std::vector<fs::path> files;
  for (const auto& place : places) {
    if (!fs::is_directory(place)) {
      files.push_back(place);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> out;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<std::string>& corpus) : random_(seed), corpus_(corpus) {}

  std::string next() {
    auto input = one_of(corpus_);
    for (auto changes = 1 + below(6); changes > 0; --changes) change(input);
    if (input.size() > kLongest) input.resize(kLongest);
    return input;
  }

 private:
  // std::uniform_int_distribution differs between libraries; the inputs shall not.
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit); }
  const std::string& one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }

  void change(std::string& input) {
    static constexpr std::array<std::string_view, 24> kPieces = {
        "{",   "}",   "[",  "]",   "\"", "'",   ":",   "- ",   "\n",   ",",     "{{ ",   " }}",
        "{% ", " %}", "${", "&a ", "*a", "|\n", "\\u", "\xff", "\xc3", "---\n", "1e999", "\0"};
    const auto at = below(input.size() + 1);
    const auto length = std::min(below(24) + 1, input.size() - at);
    switch (below(7)) {
      case 0:
        input.erase(at, length);
        break;
      case 1:
        input.insert(at, input.substr(at, length));
        break;
      case 2:
        input.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 3:
        if (at < input.size()) input[at] = static_cast<char>(below(256));
        break;
      case 4:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 5:
        input.insert(at, std::string(below(200), "[{( -"[below(5)]));
        break;
      default: {
        const auto& other = one_of(corpus_);
        const auto from = below(other.size() + 1);
        input.replace(at, length, other.substr(from, below(64) + 1));
      }
    }
  }

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t runs = 2000;
  std::uint64_t seed = 1;
  std::vector<fs::path> places;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--runs" && i + 1 < argc) {
      runs = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      places.emplace_back(word);
    }
  }
  const auto corpus = read_corpus(places);
  if (corpus.empty()) {
    std::cerr << "there is no corpus; usage: " << argv[0] << " [--runs N] [--seed S] FILE|FOLDER...\n";
    return 2;
  }
  const Trial trial;
  for (const auto& input : corpus) trial.run(input);
  Mutator mutator(seed, corpus);
  for (std::size_t i = 0; i < runs; ++i) trial.run(mutator.next());
  std::cout << corpus.size() << " inputs and " << runs << " mutations\n";
  return 0;
}
