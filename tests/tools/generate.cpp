/// Writes the files that are generated from the declarations, or checks that the committed ones are what would be
/// written.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "cli/generated.h"
#include "steps/all.h"

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int write(const fs::path& root) {
  for (const auto& file : llmops::cli::generated_files(llmops::steps::all())) {
    const auto path = root / file.path;
    if (fs::exists(path) && bytes_of(path) == file.bytes) continue;
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << file.bytes;
    if (!out.flush()) {
      std::cerr << "can't write " << path << "\n";
      return 1;
    }
    std::cout << "wrote " << file.path << "\n";
  }
  return 0;
}

int check(const fs::path& root, const std::string& program) {
  int stale = 0;
  for (const auto& file : llmops::cli::generated_files(llmops::steps::all())) {
    const auto path = root / file.path;
    if (fs::exists(path) && bytes_of(path) == file.bytes) continue;
    std::cerr << file.path << (fs::exists(path) ? " is stale\n" : " is missing\n");
    ++stale;
  }
  if (stale > 0) std::cerr << "write them again: " << program << " --write " << root.native() << "\n";
  return stale > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view action = argc == 3 ? argv[1] : "";
  if (action == "--write") return write(argv[2]);
  if (action == "--check") return check(argv[2], argv[0]);
  std::cerr << "usage: llmops-generate --write ROOT | --check ROOT\n";
  return 2;
}
