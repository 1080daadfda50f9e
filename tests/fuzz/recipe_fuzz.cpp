/// Any bytes as a recipe: one that is whole, or errors; and the same again when its parse comes from the cache.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fakes/fake_env.h"
#include "fakes/memory_assets.h"
#include "fakes/memory_cache.h"
#include "fakes/memory_file_system.h"
#include "recipe/graph.h"
#include "recipe/recipe.h"
#include "steps/all.h"

using namespace llmops;

namespace {

std::string rendered(const Errors& errors) {
  std::string out;
  for (const auto& error : errors) out += render(error);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fakes::MemoryAssets source(
      {{"recipes/r.yaml", std::string(reinterpret_cast<const char*>(data), size)},
       {"recipes/shared.yaml", "models: {shared: {provider: exec, command: [python3, m.py]}}\n"}});
  fakes::MemoryFileSystem files;
  fakes::MemoryCache cache(files);
  const fakes::FakeEnv env({{"HOME", "/home"}});
  recipe::LoadOptions options;
  options.scope.env = &env;
  const auto loaded = recipe::load(source, cache, steps::all(), "recipes/r.yaml", options);
  const auto again = recipe::load(source, cache, steps::all(), "recipes/r.yaml", options);
  if (loaded.has_value() != again.has_value()) std::abort();
  if (!loaded) {
    if (loaded.error().empty() || rendered(loaded.error()) != rendered(again.error())) std::abort();
    return 0;
  }
  if (loaded->environments.empty() || loaded->steps.size() != again->steps.size()) std::abort();
  const auto graph = recipe::dependencies(*loaded);
  if (!graph || graph->order.size() != loaded->steps.size()) std::abort();
  return 0;
}
