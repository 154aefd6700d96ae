import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct BunchingDensityTests {
  @Test func agreesWithThePeerBandwidthsIncluded() throws {
    let golden = try Golden.json("bunching/density_test.json")
    var compared = 0
    for known in golden["cases"].array {
      let sample = golden["samples"][known["sample"].string ?? ""]
      let h = known["h"].doubles
      let rule = LocalPolynomialDensityTest.BandwidthRule(rawValue: known["rule"].string ?? "")
      let order = known["order"].double
      var test = LocalPolynomialDensityTest(threshold: sample["threshold"].double)
      test.order = order.isNaN ? 2 : Int(order)
      test.kernel = try #require(.init(rawValue: known["kernel"].string ?? ""))
      test.variance = try #require(.init(rawValue: known["variance"].string ?? ""))
      test.model = try #require(.init(rawValue: known["model"].string ?? ""))
      test.bandwidth = rule.map { .selected($0) } ?? .given(left: h[0], right: h[1])
      test.handlesMassPoints = known["points"].double == 1
      if known["error"].doubles.contains(where: \.isNaN) {
        // The peer takes the root of a negative variance; here that is refused.
        #expect(throws: SiblingError.self) { try test.fit(sample["values"].doubles) }
        continue
      }
      let found = try test.fit(sample["values"].doubles)
      compared += 1
      #expect(close([found.left.bandwidth, found.right.bandwidth], h))
      #expect(
        close(
          [found.left.density, found.right.density, found.difference.estimate],
          known["density"].doubles))
      #expect(
        close(
          [
            found.left.standardError, found.right.standardError,
            found.difference.standardError ?? .nan,
          ], known["error"].doubles))
      #expect(close(found.difference.statistic ?? .nan, known["t"].double))
      #expect(close(found.difference.pValue ?? .nan, known["p"].double))
      let counts = [
        found.observations, found.left.observations, found.right.observations,
        found.left.effective, found.right.effective,
      ]
      #expect(counts.map(Double.init) == known["n"].doubles)
    }
    #expect(compared == 178)
  }

  private func exponential(_ count: Int, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, name: "durations")
    return (0..<count).map { _ in (120 * stream.exponential()).rounded(.up) }
  }

  @Test func orderScaleAndUnknownValuesMakeNoDifference() throws {
    let days = exponential(600, seed: 3)
    let plain = try LocalPolynomialDensityTest(threshold: 91).fit(days)
    var stream = RandomStream(seed: 4, name: "order")
    let mixed = stream.permutation(days.count).map { days[$0] } + [.nan, .nan]
    #expect(try LocalPolynomialDensityTest(threshold: 91).fit(mixed) == plain)
    // Weeks: densities are seven times as high, bandwidths a seventh as wide, T is the same.
    let weeks = try LocalPolynomialDensityTest(threshold: 13).fit(days.map { $0 / 7 })
    #expect(close(weeks.left.density, 7 * plain.left.density))
    #expect(close(weeks.right.bandwidth, plain.right.bandwidth / 7))
    #expect(close(weeks.difference.statistic ?? .nan, plain.difference.statistic ?? .nan))
  }

  @Test func cuttingOutRoundNumbersClosesTheirGaps() throws {
    let days = exponential(800, seed: 5)
    let months = RoundNumbers.wholeMonths(unit: .days, upTo: 700)
    #expect(months.sets[0].positions.prefix(4) == [30, 61, 91, 122])
    // Moving every day from a month's on up by one leaves room for heaps that the cut must undo.
    let spread = days.map { day in
      months.sets[0].positions.reduce(day) { $0 >= $1 ? $0 + 1 : $0 }
    }
    let heaps = [30.0, 91, 91, 91, 122, 152].flatMap { [$0, $0] }
    let threshold = 91.0
    let cut = try LocalPolynomialDensityTest(threshold: threshold, leavingOut: months)
      .fit(spread + heaps)
    // 91 itself is the third month: two cuts lie below it, so that the days before it moved by two.
    let plain = try LocalPolynomialDensityTest(threshold: threshold - 2).fit(days)
    #expect(cut.leftOut == heaps.count)
    #expect(cut.difference == with(plain.difference, convention: cut.difference.convention))
    #expect(cut.left == plain.left)
    #expect(cut.right == plain.right)
    // In weeks the same days are sevenths.
    let weekly = RoundNumbers.wholeMonths(unit: .weeks, upTo: 100)
    let inWeeks = try LocalPolynomialDensityTest(threshold: 13, leavingOut: weekly)
      .fit((spread + heaps).map { $0 / 7 })
    #expect(inWeeks.left.effective == cut.left.effective)
    #expect(close(inWeeks.difference.statistic ?? .nan, cut.difference.statistic ?? .nan))
  }

  private func with(_ estimate: Estimate, convention: String) -> Estimate {
    var estimate = estimate
    estimate.convention = convention
    return estimate
  }

  @Test func jobsThatMovedAreFound() throws {
    var days = exponential(3000, seed: 6)
    let smooth = try LocalPolynomialDensityTest(threshold: 91).fit(days)
    #expect((smooth.difference.pValue ?? 0) > 0.05)
    for row in days.indices where days[row] >= 84 && days[row] < 91 { days[row] += 7 }
    let moved = try LocalPolynomialDensityTest(threshold: 91).fit(days)
    #expect((moved.difference.pValue ?? 1) < 0.001)
    #expect(moved.difference.estimate > 0)
  }

  @Test func badInputIsRefused() throws {
    let days = exponential(200, seed: 7)
    func code(_ test: LocalPolynomialDensityTest, _ values: [Double]) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try test.fit(values)
        return nil
      } catch { return error.code }
    }
    let test = LocalPolynomialDensityTest(threshold: 91)
    #expect(code(test, days + [.infinity]) == .badValue)
    #expect(code(test, []) == .tooFewObservations)
    #expect(code(test, [90, 90, 90]) == .tooFewObservations)
    #expect(code(LocalPolynomialDensityTest(threshold: 1e6), days) == .tooFewObservations)
    #expect(code(LocalPolynomialDensityTest(threshold: .nan), days) == .badValue)
    #expect(code(LocalPolynomialDensityTest(threshold: 91, order: 0), days) == .badValue)
    #expect(code(LocalPolynomialDensityTest(threshold: 91, level: 1), days) == .badValue)
    var narrow = test
    narrow.bandwidth = .given(left: 0.1, right: 0.1)
    #expect(code(narrow, days) == .tooFewObservations)
    narrow.bandwidth = .given(left: -1, right: 5)
    #expect(code(narrow, days) == .badValue)
    var shared = test
    shared.model = .restricted
    shared.bandwidth = .selected(.each)
    #expect(code(shared, days) == .badValue)
    shared.bandwidth = .given(left: 20, right: 30)
    #expect(code(shared, days) == .badValue)
    var round = test
    round.leavingOut = RoundNumbers([.init(name: "x", positions: [.nan])])
    #expect(code(round, days) == .badValue)
  }
}
