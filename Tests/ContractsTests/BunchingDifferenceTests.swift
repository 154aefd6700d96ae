import Contracts
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct BunchingDifferenceTests {
  /// Jobs of twelve sites, half of them paid by the threshold, with `moved` of those before it moved past it.
  static func jobs(
    _ count: Int, seed: UInt64, moved: Double = 0
  ) -> (days: [Double], treated: [Bool], sites: Factor) {
    var stream = RandomStream(seed: seed, name: "jobs")
    var result = (days: [Double](), treated: [Bool](), codes: [Int32]())
    for _ in 0..<count {
      let site = stream.integer(below: 12)
      var day = (130 * stream.exponential()).rounded(.up)
      if stream.uniform() < 0.15, day > 15 {
        day = ((day / 30.4375).rounded() * 30.4375).rounded()
      }
      if site < 6, day >= 84, day < 91, stream.uniform() < moved { day += 7 }
      result.days.append(day)
      result.treated.append(site < 6)
      result.codes.append(Int32(site))
    }
    return (
      result.days, result.treated,
      Factor(codes: result.codes, levels: (0..<12).map { "s\($0)" })
    )
  }

  private var comparison: DifferenceInBunching {
    DifferenceInBunching(threshold: 91, width: 7, reach: 28, draws: 399)
  }

  /// Each job's score by hand: weeks −4, −3, −2, 1, 2, 3 have minus their weight in a line's value at 0.
  private func score(_ day: Double) -> Double? {
    let week = Int(((day - 91) / 7).rounded(.down))
    // Mean week −0.5, squares 2 (3.5² + 2.5² + 1.5²) = 41.5: weight 1/6 + 0.5 (week + 0.5)/41.5.
    switch week {
    case 0: return 1
    case -1: return 0
    case -4 ... -2, 1...3: return -(1.0 / 6 + 0.5 * (Double(week) + 0.5) / 41.5)
    default: return nil
    }
  }

  @Test func theDifferenceIsARegressionOfScoresOnTheArm() throws {
    let jobs = Self.jobs(1500, seed: 8, moved: 0.3)
    let found = try comparison.fit(jobs.days, treated: jobs.treated, sites: jobs.sites)
    let rows = jobs.days.indices.filter { score(jobs.days[$0]) != nil }
    let scores = rows.compactMap { score(jobs.days[$0]) }
    let arm = rows.map { jobs.treated[$0] ? 1.0 : 0 }
    let design = DesignMatrix(
      matrix: Matrix(columns: [[Double](repeating: 1, count: rows.count), arm]),
      names: ["(Intercept)", "arm"])
    let fit = try LeastSquares().fit(design, response: scores)
    let table = try fit.estimates(
      covariance: .cluster(.cr2, [jobs.sites.selecting(rows)]))
    let expected = try #require(table[term: "arm"])
    let difference = found.actual.difference
    #expect(close(difference.estimate, expected.estimate, .converged))
    #expect(close(difference.standardError ?? .nan, expected.standardError ?? .nan, .published))
    #expect(
      close(difference.degreesOfFreedom ?? .nan, expected.degreesOfFreedom ?? .nan, .published))
    #expect(close(difference.pValue ?? .nan, expected.pValue ?? .nan, .published))
    #expect(found.actual.treated.jobs + found.actual.comparison.jobs == rows.count)
    #expect(found.actual.treated.sites == 6)
    // The comparison arm's own excess share is the intercept.
    let own = try #require(table[term: "(Intercept)"])
    #expect(close(found.actual.comparison.excess.estimate, own.estimate, .converged))
    #expect(
      close(
        found.actual.comparison.excess.standardError ?? .nan, own.standardError ?? .nan,
        .published))
  }

  @Test func aSiteWithJobsInBothArmsIsOneCluster() throws {
    let jobs = Self.jobs(1200, seed: 9)
    // Sites are folded in two, so that each has both arms.
    let folded = Factor(codes: jobs.sites.codes.map { $0 % 6 }, levels: (0..<6).map { "s\($0)" })
    let found = try comparison.fit(jobs.days, treated: jobs.treated, sites: folded)
    let rows = jobs.days.indices.filter { score(jobs.days[$0]) != nil }
    let design = DesignMatrix(
      matrix: Matrix(columns: [
        [Double](repeating: 1, count: rows.count), rows.map { jobs.treated[$0] ? 1.0 : 0 },
      ]), names: ["(Intercept)", "arm"])
    let fit = try LeastSquares().fit(design, response: rows.compactMap { score(jobs.days[$0]) })
    let table = try fit.estimates(covariance: .cluster(.cr2, [folded.selecting(rows)]))
    let expected = try #require(table[term: "arm"])
    #expect(
      close(
        found.actual.difference.standardError ?? .nan, expected.standardError ?? .nan, .published))
    #expect(
      close(
        found.actual.difference.degreesOfFreedom ?? .nan, expected.degreesOfFreedom ?? .nan,
        .published))
    #expect(found.exchangePValue == nil)
    #expect(found.notes.contains { $0.contains("both arms") })
  }

  @Test func movedJobsAreFoundAndRankFirst() throws {
    let jobs = Self.jobs(6000, seed: 10, moved: 0.6)
    var comparison = comparison
    comparison.placebos = (5...30).map { Double(7 * $0) } + [91, 93]
    let found = try comparison.fit(jobs.days, treated: jobs.treated, sites: jobs.sites)
    #expect(found.actual.difference.estimate > 0)
    #expect((found.exchangeExcessPValue ?? 1) < 0.02)
    let rank = try #require(found.rank)
    #expect(rank.rank == 1)
    // 26 weeks less 12, 13 and 14, which overlap the threshold.
    #expect(found.placebos.count == 23)
    #expect(close(rank.excessPValue, 1.0 / 24, .closedForm))
    #expect(found.notes.contains { $0.contains("left out") })
    let detectable = try #require(found.detectable)
    #expect(detectable.jobs > 0)
    #expect((detectable.shareMoved ?? 1) < 0.6)
  }

  @Test func jobsWithoutSitesByHand() throws {
    // Weeks 9 to 16: a hundred a day-week in both arms, and ten more after the threshold where it is paid for.
    let flat = BunchingBinomialTests.weeks([100, 100, 100, 100, 110, 100, 100, 100], from: 9)
    let other = BunchingBinomialTests.weeks([50, 50, 50, 50, 50, 50, 50, 50], from: 9)
    let found = try comparison.fit(
      flat + other, treated: flat.map { _ in true } + other.map { _ in false })
    // 10 of 810 jobs, and none.
    #expect(close(found.actual.treated.excess.estimate, 10.0 / 810, .closedForm))
    #expect(close(found.actual.comparison.excess.estimate, 0, .closedForm))
    #expect(found.actual.treated.inside == 110)
    #expect(found.exchangePValue == nil)
    // The comparison's squared scores: 50 and 50 Σ (1/6 + 0.5 (k + 0.5)/41.5)², Σ = 1/6 + 0.25/41.5.
    let squares = 50 + 50 * (1.0 / 6 + 0.25 / 41.5)
    let variance = squares / 400 * 400 / 399 / 400
    #expect(
      close(
        found.actual.comparison.excess.standardError ?? .nan, variance.squareRoot(), .converged))
  }

  @Test func theRankOfAThreshold() throws {
    let rank = try #require(PlaceboRank(statistic: 2, placebos: [1, 3, -2.5, 0, .nan]))
    #expect(rank.rank == 2)
    #expect(rank.placebos.count == 4)
    #expect(rank.excessPValue == 0.4)
    #expect(rank.pValue == 0.6)
    #expect(PlaceboRank(statistic: .nan, placebos: [1]) == nil)
    #expect(PlaceboRank(statistic: 1, placebos: []) == nil)
  }

  @Test func badInputIsRefused() {
    let jobs = Self.jobs(300, seed: 11)
    func code(
      _ comparison: DifferenceInBunching, _ days: [Double], _ treated: [Bool],
      _ sites: Factor? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try comparison.fit(days, treated: treated, sites: sites)
        return nil
      } catch { return error.code }
    }
    #expect(code(comparison, jobs.days, []) == .sizeMismatch)
    #expect(code(comparison, jobs.days, jobs.days.map { _ in true }) == .constantTreatment)
    #expect(code(comparison, [-1, 2], [true, false]) == .badInterval)
    #expect(code(comparison, [.infinity, 2], [true, false]) == .badValue)
    #expect(code(comparison, [1, 2], [true, false]) == .tooFewObservations)
    let one = Factor(codes: jobs.treated.map { $0 ? 0 : 1 }, levels: ["a", "b"])
    #expect(code(comparison, jobs.days, jobs.treated, one) == .tooFewClusters)
    var narrow = comparison
    narrow.reach = 7
    #expect(code(narrow, jobs.days, jobs.treated) == .badValue)
  }
}
