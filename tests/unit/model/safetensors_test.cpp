#include "model/llama/safetensors.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

namespace llmops::model::llama {
namespace {

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t size = header.size();
  std::string out(sizeof size, '\0');
  std::memcpy(out.data(), &size, sizeof size);
  return out + header + data;
}

std::string broken(const std::string& file) {
  const auto read = read_safetensors(file);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::environment);
  return read.error().message;
}

}  // namespace

TEST_SUITE("model/llama safetensors") {
  TEST_CASE("tensors are found by name, with their shape and their bytes") {
    const auto file =
        file_of(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                R"("ids":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}})",
                "abcdefgh12345678");

    const auto read = read_safetensors(file);

    REQUIRE(read);
    REQUIRE(read->size() == 2);
    CHECK(read->at("a").type == "F32");
    CHECK(read->at("a").shape == std::vector<std::int64_t>{2, 1});
    CHECK(read->at("a").bytes == "abcdefgh");
    CHECK(read->at("ids").bytes == "12345678");
  }

  TEST_CASE("what is cut, no header, or points outside is refused") {
    CHECK(broken("").find("shorter than its header") != std::string::npos);
    CHECK(broken(file_of("{}", "").substr(0, 9)).find("shorter than its header") != std::string::npos);
    CHECK(broken(std::string(8, '\xff') + "{}").find("shorter than its header") != std::string::npos);
    CHECK(broken(file_of("[]", "")).find("its header is no JSON object") != std::string::npos);
    const auto tensor = [](const std::string& entry) { return broken(file_of("{\"t\":" + entry + "}", "12345678")); };
    for (const auto* entry :
         {R"({"dtype":"F32","shape":[4],"data_offsets":[0,16]})", R"({"dtype":"F32","shape":[1],"data_offsets":[8,4]})",
          R"({"dtype":"F32","shape":[1],"data_offsets":[-4,0]})", R"({"dtype":"F32","shape":[1],"data_offsets":[0]})",
          R"({"dtype":"F32","data_offsets":[0,4]})", R"({"dtype":"F32","shape":["1"],"data_offsets":[0,4]})", "7"}) {
      CHECK(tensor(entry) == "the file of weights is no `safetensors` file: `t` lies outside it, or has no shape");
    }
    for (const auto* shape : {"[1]", "[3]", "[0]", "[4294967296,4294967296]"}) {
      CHECK(tensor(std::string(R"({"dtype":"F32","shape":)") + shape + R"(,"data_offsets":[0,8]})")
                .find("`t` has 8 bytes, another number than its shape wants") != std::string::npos);
    }
  }
}

}  // namespace llmops::model::llama
