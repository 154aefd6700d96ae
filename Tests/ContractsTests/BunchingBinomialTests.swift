import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct BunchingBinomialTests {
  /// Durations in days, so many in each week from `first` on, spread over its days.
  static func weeks(_ counts: [Int], from first: Int) -> [Double] {
    counts.enumerated().flatMap { week, count in
      (0..<count).map { Double(7 * (first + week) + $0 % 7) }
    }
  }

  @Test func exactNumbersOfAWindow() throws {
    let golden = try Golden.json("bunching/counts.json")["binomial"].array
    // Weeks 9 to 16 around the threshold at week 13; without the two next to it they fall by two a week, so that a
    // line has 20 before and 18 after: 9/19.
    let days = Self.weeks([26, 24, 22, 10, 20, 16, 14, 12], from: 9)
    let windows = try ThresholdBinomial(threshold: 91, widths: [7]).fit(days)
    try #require(windows.count == 2)
    for (window, known) in zip(windows, golden) {
      #expect(window.before == 10)
      #expect(window.after == 20)
      #expect(close(window.expected, known["expected"].double, .closedForm))
      #expect(close(window.pValue, known["p"].double, .converged))
      #expect(close(window.excessPValue, known["excess"].double, .converged))
      #expect(close(window.interval.low, known["low"].double, .converged))
      #expect(close(window.interval.high, known["high"].double, .converged))
      #expect(close(window.detectable?.jobs ?? .nan, known["detectable"].double, .converged))
      #expect(close(window.detectable?.shareMoved ?? .nan, known["share"].double, .converged))
    }
    #expect(windows.map(\.null) == [.half, .smooth])
    // 20/10 over 9/10.
    #expect(close(windows[1].ratio ?? .nan, 20.0 / 9, .closedForm))
    let wide = try ThresholdBinomial(threshold: 91, widths: [7], reach: 2).fit(days)
    // The outer weeks alone, 22 at −2 and 16 at 1: still the same line, but too few points for it.
    #expect(wide.map(\.null) == [.half])
  }

  @Test func otherCountsOfTheReference() throws {
    for known in try Golden.json("bunching/counts.json")["binomial"].array.dropFirst(2) {
      let (before, after) = (Int(known["before"].double), Int(known["after"].double))
      var counts = [26, 24, 22, before, after, 16, 14, 12]
      if known["expected"].double == 0.5 { counts = [5, 5, 5, before, after, 5, 5, 5] }
      let windows = try ThresholdBinomial(threshold: 91, widths: [7])
        .fit(Self.weeks(counts, from: 9))
      let window = try #require(
        windows.first { close($0.expected, known["expected"].double, .closedForm) })
      #expect(close(window.pValue, known["p"].double, .converged))
      #expect(close(window.interval.high, known["high"].double, .converged))
      #expect(close(window.detectable?.shareMoved ?? .nan, known["share"].double, .converged))
    }
  }

  @Test func emptySidesGiveLimitsNotNumbers() throws {
    let after = try ThresholdBinomial(threshold: 91, widths: [7]).fit([91, 92, 97])
    #expect(after.count == 1)
    #expect(after[0].ratio == nil)
    #expect(after[0].interval.high == .infinity)
    // Three of three: 1/8 one-sided.
    #expect(close(after[0].excessPValue, 0.125, .closedForm))
    // No count of three is improbable enough, so nothing can be found.
    #expect(after[0].detectable == nil)
    let before = try ThresholdBinomial(threshold: 91, widths: [7]).fit([84, 90, .nan])
    #expect(before[0].ratio == 0)
    #expect(before[0].interval.low == 0)
    #expect(before[0].excessPValue == 1)
  }

  @Test func heapedDaysAreCutOutOnBothSides() throws {
    let days = Self.weeks([21, 21, 21, 21, 21, 21, 21, 21], from: 9)
    let months = RoundNumbers.wholeMonths(unit: .days, upTo: 200)
    let heaped = days + [Double](repeating: 91, count: 30)
    let plain = try ThresholdBinomial(threshold: 91, widths: [7]).fit(heaped)
    #expect(plain[0].after == 51)
    let cut = try ThresholdBinomial(threshold: 91, widths: [7], leavingOut: months).fit(heaped)
    // Days 92 to 98 stand for the week after: three a day.
    #expect(cut[0].before == 21)
    #expect(cut[0].after == 21)
    #expect(cut[0].convention.contains("round numbers cut out"))
  }

  @Test func badInputIsRefused() {
    func code(_ test: ThresholdBinomial, _ days: [Double]) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try test.fit(days)
        return nil
      } catch { return error.code }
    }
    let test = ThresholdBinomial(threshold: 91, widths: [7])
    #expect(code(test, [90, -1]) == .badInterval)
    #expect(code(test, [10]) == .tooFewObservations)
    #expect(code(test, [90, .infinity]) == .badValue)
    #expect(code(ThresholdBinomial(threshold: 91, widths: []), [90]) == .badValue)
    #expect(code(ThresholdBinomial(threshold: 91, widths: [0]), [90]) == .badValue)
    #expect(code(ThresholdBinomial(threshold: 91, widths: [100]), [90]) == .badValue)
    #expect(code(ThresholdBinomial(threshold: -1, widths: [7]), [90]) == .badValue)
    #expect(code(ThresholdBinomial(threshold: 91, widths: [7], level: 1.5), [90]) == .badValue)
  }
}
