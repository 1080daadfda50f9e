/// \file  LoRA adapters on the embedded engine, with adapters that are written here.
#include <doctest/doctest.h>
#include <ggml.h>
#include <gguf.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>

#include "real/llama_machine.h"

namespace llmops::model {
namespace {

constexpr std::int64_t kRank = 4;
constexpr int kBlocks = 30;

struct AdapterSpec {
  float strength = 0;            ///< Of the random weights of `lora_b`; 0 gives an adapter that changes nothing.
  std::int64_t width = 576;      ///< Of the base model's rows, and of this adapter's.
  std::string type = "adapter";  ///< `general.type`
  std::string architecture = "llama";
};

using Gguf = std::unique_ptr<gguf_context, decltype(&gguf_free)>;
using Tensors = std::unique_ptr<ggml_context, decltype(&ggml_free)>;

void add_tensor(gguf_context* file, ggml_context* tensors, const std::string& name, std::array<std::int64_t, 2> shape,
                const std::function<float()>& value) {
  auto* tensor = ggml_new_tensor_2d(tensors, GGML_TYPE_F32, shape[0], shape[1]);
  ggml_set_name(tensor, name.c_str());
  auto* data = static_cast<float*>(tensor->data);
  for (std::int64_t i = 0; i < shape[0] * shape[1]; ++i) data[i] = value();
  gguf_add_tensor(file, tensor);
}

/// An adapter of the output projection of every block's attention, the same bytes on every machine.
void write_adapter(const std::filesystem::path& path, const AdapterSpec& spec) {
  const Gguf file(gguf_init_empty(), gguf_free);
  const Tensors tensors(ggml_init({std::size_t{64} << 20, nullptr, false}), ggml_free);
  gguf_set_val_str(file.get(), "general.type", spec.type.c_str());
  gguf_set_val_str(file.get(), "general.architecture", spec.architecture.c_str());
  gguf_set_val_str(file.get(), "adapter.type", "lora");
  gguf_set_val_f32(file.get(), "adapter.lora.alpha", static_cast<float>(kRank));
  std::mt19937 random(7);
  const auto uniform = [&] { return static_cast<float>(random()) / 4294967296.0F - 0.5F; };
  for (int block = 0; block < kBlocks; ++block) {
    const auto name = "blk." + std::to_string(block) + ".attn_output.weight";
    add_tensor(file.get(), tensors.get(), name + ".lora_a", {spec.width, kRank}, uniform);
    add_tensor(file.get(), tensors.get(), name + ".lora_b", {kRank, spec.width},
               [&] { return spec.strength * uniform(); });
  }
  REQUIRE(gguf_write_to_file(file.get(), path.c_str(), false));
}

struct AdapterMachine : Machine {
  AdapterMachine() { std::filesystem::create_directories(folder); }
  ~AdapterMachine() { std::filesystem::remove_all(folder); }

  Result<std::unique_ptr<Model>> open(const std::string& adapter, std::int64_t at_once = 8) {
    auto config = this->config(at_once);
    config.adapter.value = adapter;
    auto context = this->context();
    return open_llama(config, context);
  }
  std::string written(const AdapterSpec& spec) {
    const auto path = folder / "adapter.gguf";
    write_adapter(path, spec);
    return path.string();
  }
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("llmops-adapter-" + std::to_string(getpid()));
};

std::vector<Query> queries() {
  std::vector<Query> out;
  for (const auto* text : {"The capital of France is", "Once upon a time", "1, 2, 3, 4,", "Dear customer,"}) {
    out.push_back(raw(text, 12));
  }
  return out;
}

std::vector<std::string> texts(Result<std::unique_ptr<Model>> model, const std::vector<Query>& wanted) {
  if (!model) FAIL(render(model.error()));
  std::vector<std::string> out;
  for (const auto& outcome : ask_all(**model, wanted)) out.push_back(outcome ? outcome->text : "failed");
  return out;
}

TEST_CASE("an adapter of nothing changes no answer, and one of something does") {
  AdapterMachine machine;
  const auto plain = texts(machine.open(""), queries());

  CHECK(texts(machine.open(machine.written({.strength = 0})), queries()) == plain);
  CHECK(texts(machine.open(machine.written({.strength = 2})), queries()) != plain);
}

TEST_CASE("with an adapter too, an answer does not depend on its neighbours") {
  AdapterMachine machine;
  const auto adapter = machine.written({.strength = 0.5});
  const auto together = texts(machine.open(adapter), queries());
  auto alone = machine.open(adapter, 1);
  REQUIRE(alone);

  for (std::size_t i = 0; i < queries().size(); ++i) {
    const auto outcome = std::move(ask_all(**alone, {queries()[i]}).front());
    REQUIRE(outcome);
    CHECK(outcome->text == together[i]);
  }
}

TEST_CASE("an adapter that does not fit its model is an error which names the file and the reason") {
  AdapterMachine machine;
  const auto refused = [&](const AdapterSpec& spec) {
    const auto model = machine.open(machine.written(spec));
    REQUIRE_FALSE(model);
    CHECK(model.error().kind == ErrorKind::environment);
    return model.error().message;
  };
  const auto begin = "the adapter file `" + (machine.folder / "adapter.gguf").string() + "` can't be loaded: ";

  CHECK(refused({.width = 64}).starts_with(begin));
  CHECK(refused({.width = 64}).find("incorrect shape") != std::string::npos);
  CHECK(refused({.type = "model"}).find("expect general.type to be 'adapter'") != std::string::npos);
  CHECK(refused({.architecture = "gemma"}).find("arch mismatch") != std::string::npos);
}

TEST_CASE("an adapter that is no GGUF, is cut short or is not there is an error, too") {
  AdapterMachine machine;
  const auto path = machine.written({.strength = 1});
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  CHECK_FALSE(machine.open(path));

  std::ofstream(path) << "hello";
  CHECK_FALSE(machine.open(path));

  const auto none = machine.open((machine.folder / "none.gguf").string());
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("none.gguf") != std::string::npos);
}

}  // namespace
}  // namespace llmops::model
