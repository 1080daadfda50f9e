#include "model/llama/hangul.h"

#include <doctest/doctest.h>

namespace llmops::model::llama {

TEST_CASE("Korean syllables are decomposed, and nothing else is touched") {
  CHECK(decompose_hangul("\uac00") == "\u1100\u1161");
  CHECK(decompose_hangul("\uac01") == "\u1100\u1161\u11a8");
  CHECK(decompose_hangul("\ud7a3") == "\u1112\u1175\u11c2");
  CHECK(decompose_hangul("a \ud55c\uae00 \u00e9") == "a \u1112\u1161\u11ab\u1100\u1173\u11af \u00e9");
  CHECK(decompose_hangul("\uabff\ud7a4 caf\xC3") == "\uabff\ud7a4 caf\xC3");
  CHECK(decompose_hangul("") == "");
}

}  // namespace llmops::model::llama
