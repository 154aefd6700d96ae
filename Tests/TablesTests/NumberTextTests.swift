import Glibc
import Testing

@testable import Tables

/// C's own conversion, for comparison.
private func printed(_ format: String, _ precision: Int, _ value: Double) -> String {
  withVaList([Int32(precision), value]) { arguments in
    var buffer = [CChar](repeating: 0, count: 800)
    let length = vsnprintf(&buffer, buffer.count, format, arguments)
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Doubles of all sizes, with those that lie halfway between two decimals.
private func doubles() -> [Double] {
  var values: [Double] = [
    0.5, 1.5, 2.5, 0.125, 0.375, 0.0625, 1e15, 1e22, 1e-5, 123_456.785, 999.9995, 0.99999, 9.995,
    0.005, 1.005, 4_503_599_627_370_497.5, 0x1p53, 0x1p60, 1e-300, 1e300, .leastNonzeroMagnitude,
    0.1, 1.0 / 3,
    .greatestFiniteMagnitude, .leastNormalMagnitude, 1e14 + 0.5, 99_999.5, 0.00099999999,
  ]
  var state: UInt64 = 5
  for _ in 0..<4000 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let any = Double(bitPattern: state)
    if any.isFinite { values.append(any) }
    values.append(Double(Int64(bitPattern: state) >> 20) / 1024)
    values.append(Double(state >> 11) * 0x1p-53 * (state % 2 == 0 ? 1 : -1000))
  }
  return values + values.map { -$0 }
}

@Suite struct NumberTextTests {
  @Test(arguments: [
    (5.0, "5"), (-5, "-5"), (0, "0"), (-0.0, "0"), (0.1, "0.1"), (1e-4, "0.0001"),
    (0.00012345, "0.00012345"), (0.000099, "9.9e-5"), (1e-5, "1e-5"), (-1.5e-7, "-1.5e-7"),
    (999_999_999_999_999, "999999999999999"), (1e15, "1e15"), (1.5e15, "1.5e15"),
    (123_456_789_012_345.6, "123456789012345.6"), (1e21, "1e21"), (1.0 / 3, "0.3333333333333333"),
    (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e308"),
    (9_007_199_254_740_992, "9.007199254740992e15"), (100, "100"), (1200.5, "1200.5"),
    (Double.infinity, "inf"), (-Double.infinity, "-inf"), (Double.nan, "NaN"),
  ])
  func shortest(value: Double, text: String) {
    #expect(NumberText.shortest(value) == text)
  }

  @Test func shortestReadsBackAndIsNotLongerThanNeeded() {
    for value in doubles() {
      let text = NumberText.shortest(value)
      #expect(Double(text) == value, "\(text)")
      let digits = text.split(separator: "e")[0].filter(\.isNumber).drop { $0 == "0" }.count
      #expect(digits <= 17)
      #expect(text.contains("e") == (value.magnitude < 1e-4 || value.magnitude >= 1e15))
    }
  }

  @Test func fixedIsWhatPrintfWrites() {
    for value in doubles() {
      for decimals in [0, 1, 2, 3, 6, 12, 19, 22] {
        let text = printed("%.*f", decimals, value)
        let isZero = !text.contains { ("1"..."9").contains($0) }
        let expected = isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
        #expect(NumberText.fixed(value, decimals: decimals) == expected)
      }
    }
    #expect(NumberText.fixed(-0.001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(0.125, decimals: 2) == "0.12")
    #expect(NumberText.fixed(0.375, decimals: 2) == "0.38")
    #expect(NumberText.fixed(2.5, decimals: 0) == "2")
    #expect(NumberText.fixed(.nan, decimals: 2) == "NaN")
  }

  @Test func significantRoundsAsPrintfDoes() {
    for value in doubles() {
      for digits in [1, 3, 6, 12, 15, 17] {
        let text = NumberText.significant(value, digits: digits)
        #expect(Double(text) == Double(printed("%.*e", digits - 1, value)), "\(value) \(text)")
        let written = text.split(separator: "e")[0].filter(\.isNumber).drop { $0 == "0" }
        #expect(written.count <= max(digits, 16))
      }
    }
    #expect(NumberText.significant(1.0 / 3, digits: 12) == "0.333333333333")
    #expect(NumberText.significant(2.0 / 3, digits: 3) == "0.667")
    #expect(NumberText.significant(0.99999, digits: 3) == "1")
    #expect(NumberText.significant(123_456, digits: 2) == "120000")
    #expect(NumberText.significant(1794.342384, digits: 12) == "1794.342384")
    #expect(NumberText.significant(-0.0, digits: 2) == "0")
  }

  @Test func grouping() {
    #expect(NumberText.grouped(0) == "0")
    #expect(NumberText.grouped(999) == "999")
    #expect(NumberText.grouped(1000) == "1,000")
    #expect(NumberText.grouped(-1_234_567) == "-1,234,567")
    #expect(NumberText.grouped(Int.min) == "-9,223,372,036,854,775,808")
    #expect(NumberText.grouped(1_234_567.891, decimals: 2) == "1,234,567.89")
    #expect(NumberText.grouped(-999.996, decimals: 2) == "-1,000.00")
    #expect(NumberText.grouped(.nan, decimals: 2) == "NaN")
  }
}
