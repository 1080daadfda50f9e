#include "report/calibration_text.h"

#include <cmath>

#include "base/text.h"

namespace llmops::report {
namespace {

std::string number(double value) {
  auto out = text::from_double(std::round(value * 1000) / 1000);
  const auto point = out.find('.');
  if (point == std::string::npos) return out + ".000";
  out.resize(std::max(out.size(), point + 4), '0');
  return out;
}

std::string interval(const score::Interval& of) { return "[" + number(of.low) + ", " + number(of.high) + "]"; }

std::string right(std::size_t value, std::size_t width) {
  auto out = std::to_string(value);
  return std::string(width > out.size() ? width - out.size() : 0, ' ') + out;
}

std::string counted(std::size_t count, const std::string& one, const std::string& several) {
  return count == 0 ? std::string() : "; " + std::to_string(count) + (count == 1 ? one : several);
}

}  // namespace

std::string calibration_text(const score::Calibration& of) {
  std::string out = "n = " + std::to_string(of.n) +
                    counted(of.not_labelled, " case has no label", " cases have no label") +
                    counted(of.not_judged, " could not be judged", " could not be judged") +
                    counted(of.unknown, " label is of no case here", " labels are of no case here") + "\n";
  if (of.n == 0) return out;
  if (of.threshold) out += "threshold  " + number(of.threshold->value) + ", which agrees best with people\n";
  const auto& counts = of.confusion.counts;
  constexpr std::size_t kWide = 9;
  out += "                  people: right    wrong\n";
  for (const std::size_t row : {std::size_t{0}, std::size_t{1}}) {
    out += (row == 0 ? "judge: " : "       ") + of.confusion.labels[row] + "         " + right(counts[row][0], kWide) +
           right(counts[row][1], kWide) + "\n";
  }
  out += "agreement  " + number(of.agreement.share) + " " + interval(of.agreement.interval) + "\n";
  if (!of.kappa) return out + "kappa      not defined: one of the two gives all cases the same label\n";
  out += "kappa      " + number(of.kappa->value) + " " + interval(of.kappa->interval);
  if (of.threshold) {
    out += ", chosen on these very cases; of new ones about " + number(of.threshold->expected) + " is to be expected";
  }
  return out + "\n";
}

}  // namespace llmops::report
