#include "asset/csv.h"

#include <doctest/doctest.h>

using namespace llmops::asset;
using Texts = std::vector<std::string>;

TEST_CASE("a quote opens a quoted field only at the field's start") {
  CHECK(csv_row(R"(a,"b, c","say ""hi""",)") == Texts{"a", "b, c", R"(say "hi")", ""});
  CHECK(csv_row(R"(5" nail,x"y"z,"a"b)") == Texts{R"(5" nail)", R"(x"y"z)", "ab"});
  CHECK(csv_row(R"("""","")") == Texts{R"(")", ""});
  CHECK(csv_row("") == Texts{""});
}

TEST_CASE("a row ends at the first newline outside of quotes") {
  CHECK(csv_row_end("a,b\nc", 0) == 3);
  CHECK(csv_row_end("a,\"b\nc\"\nd", 0) == 7);
  CHECK(csv_row_end("a 5\" nail\nb", 0) == 9);
  CHECK(csv_row_end("x\na,b", 2) == 5);
}

TEST_CASE("a quote that is never closed is found") {
  CHECK(csv_open_quote(R"(a,"b)") == 2);
  CHECK(csv_open_quote(R"("a","b""c)") == 4);
  CHECK_FALSE(csv_open_quote(R"("a",b"c)"));
  CHECK_FALSE(csv_open_quote(R"("a""")"));
}
