import Contracts
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct BunchingExcessTests {
  private func durations(_ counts: [Int], from first: Int) -> [Double] {
    BunchingBinomialTests.weeks(counts, from: first)
  }

  private func estimator(
    _ model: BunchingEstimator.Model, degree: Int = 1, draws: Int = 0
  ) -> BunchingEstimator {
    BunchingEstimator(
      threshold: 91, binWidth: 7, binsBefore: 4, binsAfter: 5, degree: .fixed(degree),
      model: model, draws: draws)
  }

  @Test func anExcessOverALineByHand() throws {
    // 100 less ten a week from week 9; fifteen of week 12's moved to week 13, which has ten more besides.
    let counts = [100, 90, 80, 70 - 15, 60 + 25, 50, 40, 30, 20]
    let found = try estimator(.leastSquares).fit(durations(counts, from: 9))
    #expect(found.bins.map(\.count) == counts)
    #expect(found.jobs == 550)
    for (bin, expected) in zip(found.bins, [100.0, 90, 80, 70, 60, 50, 40, 30, 20]) {
      #expect(close(bin.counterfactual, expected, .converged))
    }
    #expect(found.bins.map(\.isExcluded).filter { $0 }.count == 2)
    #expect(found.bins[4].low == 91)
    #expect(found.bins[4].high == 98)
    #expect(close(found.excess.estimate.estimate, 25, .converged))
    #expect(close(found.normalised.estimate.estimate, 25.0 / 60, .converged))
    #expect(close(found.missing?.estimate.estimate ?? .nan, 15, .converged))
    // Without draws there is no standard error, so no interval and no detectable excess.
    #expect(found.excess.estimate.standardError == nil)
    #expect(found.excess.estimate.interval == nil)
    #expect(found.detectable == nil)
    #expect(found.isSeparable)
  }

  @Test func anExcessOverAHalvingLawByHand() throws {
    // Halving each week is a line in logs, which the Poisson likelihood meets exactly.
    let counts = [512, 256, 128, 64 - 20, 32 + 20, 16, 8, 4, 2]
    let found = try estimator(.poisson).fit(durations(counts, from: 9))
    for (bin, expected) in zip(found.bins, [512.0, 256, 128, 64, 32, 16, 8, 4, 2]) {
      #expect(close(bin.counterfactual, expected))
    }
    #expect(close(found.excess.estimate.estimate, 20))
    #expect(close(found.missing?.estimate.estimate ?? .nan, 20))
  }

  @Test func aHeapAtTheThresholdIsTakenFromTheOtherMonths() throws {
    // A set stands in weeks 10, 13 and 16. By least squares each has six more; in proportion, half as many again.
    let round = RoundNumbers([.init(name: "thirds", positions: [70, 91, 112])])
    var added = estimator(.leastSquares)
    added.roundNumbers = round
    let line = [100, 96, 80, 70, 66 + 9, 50, 40, 36, 20]
    let sum = try added.fit(durations(line, from: 9))
    #expect(close(sum.excess.estimate.estimate, 9, .converged))
    #expect(close(sum.bins[4].counterfactual, 66, .converged))
    #expect(close(sum.bins[4].smooth, 60, .converged))
    #expect(
      sum.bins.map(\.isRound)
        == [1, 4, 7].reduce(into: Array(repeating: false, count: 9)) {
          $0[$1] = true
        })
    #expect(!sum.isSeparable)
    #expect(sum.notes.contains { $0.contains("round number") })
    var scaled = estimator(.poisson)
    scaled.roundNumbers = round
    let halving = [512, 384, 128, 64, 48 + 7, 16, 8, 6, 2]
    let product = try scaled.fit(durations(halving, from: 9))
    #expect(close(product.excess.estimate.estimate, 7))
    // Uncontrolled, the heap counts as an excess: the 16 of the heap and what lies outside it.
    let plain = try estimator(.poisson).fit(durations(halving, from: 9))
    #expect(plain.excess.estimate.estimate > 15)
  }

  @Test func theRaisedSideHoldsTheExcess() throws {
    let counts = [100, 88, 83, 70 - 15, 60 + 25, 49, 43, 30, 18]
    for model in [BunchingEstimator.Model.leastSquares, .poisson] {
      for side in [BunchingEstimator.Side.before, .after] {
        var constrained = estimator(model)
        constrained.movedFrom = side
        let found = try constrained.fit(durations(counts, from: 9))
        // Both models' fitted counts sum to those they are fitted to, here raised by the excess.
        let fitted = found.bins.filter { !$0.isExcluded }
        let held = fitted.reduce(0) { $0 + $1.counterfactual - Double($1.count) }
        #expect(close(held, found.excess.estimate.estimate, Tolerance(relative: 1e-6)))
        #expect(found.excess.estimate.convention.contains("put back"))
      }
    }
  }

  @Test func bootstrapErrorsAreThoseOfCountsByHand() throws {
    let counts = [400, 360, 320, 280, 240, 200, 160, 120, 80]
    let found = try estimator(.leastSquares, draws: 1500).fit(durations(counts, from: 9))
    // The line through bins −4, −3, −2, 1, 2, 3, 4 (mean 1/7, squares 59 − 1/7) at bin 0.
    let outside = [-4.0, -3, -2, 1, 2, 3, 4]
    let (mean, square) = (1.0 / 7, 59 - 1.0 / 7)
    var variance = 240.0
    for (place, bin) in outside.enumerated() {
      let weight = 1.0 / 7 - mean * (bin - mean) / square
      let count = Double(counts[place < 3 ? place : place + 2])
      variance += weight * weight * count
    }
    let error = try #require(found.excess.estimate.standardError)
    #expect(abs(error / variance.squareRoot() - 1) < 0.06)
    // The counts are a line, so that residuals are nought.
    #expect((found.excess.residualStandardError ?? 1) < 1e-9)
    // (1.960 + 0.842) standard errors, of the 280 expected in the bin before.
    let detectable = try #require(found.detectable)
    #expect(close(detectable.jobs, 2.8015852181 * error, Tolerance(relative: 1e-9)))
    #expect(close(detectable.shareMoved ?? .nan, detectable.jobs / 280))
  }

  @Test func sitesDrawnAgainAndThreads() throws {
    let counts = [60, 55, 50, 45, 50, 35, 30, 25, 20]
    let days = durations(counts, from: 9)
    let sites = Factor(codes: days.indices.map { Int32($0 % 6) }, levels: (0..<6).map { "s\($0)" })
    let estimator = estimator(.poisson, degree: 2, draws: 160)
    let found = try estimator.fit(days, sites: sites)
    #expect(found.sites == 6)
    #expect(found.excess.estimate.degreesOfFreedom == 5)
    let before = Parallel.threads
    Parallel.setThreads(1)
    let single = try estimator.fit(days, sites: sites)
    Parallel.setThreads(3)
    let several = try estimator.fit(days, sites: sites)
    Parallel.setThreads(before)
    #expect(single == found)
    #expect(several == found)
    // The order of rows, and durations outside the bins, make no difference.
    var stream = RandomStream(seed: 2, name: "order")
    let order = stream.permutation(days.count)
    let mixed = try estimator.fit(
      order.map { days[$0] } + [1, 1000, .nan],
      sites: Factor(codes: order.map { sites.codes[$0] } + [0, 1, 2], levels: sites.levels))
    #expect(mixed.excess == found.excess)
  }

  @Test func badInputIsRefused() {
    let days = durations([60, 55, 50, 45, 50, 35, 30, 25, 20], from: 9)
    func code(_ estimator: BunchingEstimator, _ days: [Double], _ sites: Factor? = nil)
      -> SiblingError.Code?
    {
      do throws(SiblingError) {
        _ = try estimator.fit(days, sites: sites)
        return nil
      } catch { return error.code }
    }
    let good = estimator(.poisson)
    func changed(_ change: (inout BunchingEstimator) -> Void) -> BunchingEstimator {
      var copy = good
      change(&copy)
      return copy
    }
    #expect(code(good, days) == nil)
    #expect(code(good, days + [-1]) == .badInterval)
    #expect(code(good, []) == .tooFewObservations)
    #expect(code(good, days, Factor(codes: [0], levels: ["a"])) == .sizeMismatch)
    let one = Factor(codes: days.map { _ in 0 }, levels: ["a"])
    #expect(code(good, days, one) == .tooFewClusters)
    #expect(code(changed { $0.binWidth = 0 }, days) == .badValue)
    #expect(code(changed { $0.excludedAfter = 0 }, days) == .badValue)
    #expect(code(changed { $0.excludedBefore = 9 }, days) == .badValue)
    #expect(code(changed { $0.binsBefore = 14 }, days) == .badValue)
    #expect(code(changed { $0.degree = .fixed(0) }, days) == .badValue)
    #expect(code(changed { $0.degree = .fixed(9) }, days) == .tooFewObservations)
    #expect(code(changed { $0.level = 0 }, days) == .badValue)
    let alone = RoundNumbers([.init(name: "quarters", positions: [91])])
    #expect(code(changed { $0.roundNumbers = alone }, days) == .rankDeficient)
    let twice = RoundNumbers([
      .init(name: "a", positions: [70, 112]), .init(name: "b", positions: [71, 113]),
    ])
    #expect(code(changed { $0.roundNumbers = twice }, days) == .rankDeficient)
  }
}
