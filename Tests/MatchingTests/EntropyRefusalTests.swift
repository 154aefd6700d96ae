import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// A design from named columns.
private func design(_ columns: KeyValuePairs<String, [Double]>) -> DesignMatrix {
  DesignMatrix(matrix: Matrix(columns: columns.map(\.value)), names: columns.map(\.key))
}

/// The error of a closure that must throw.
private func refusal(_ body: () throws(SiblingError) -> BalancingWeights) -> SiblingError? {
  do throws(SiblingError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

@Suite("What entropy balancing and the balancing score refuse, drop and exclude")
struct EntropyRefusalTests {
  let treatment = [true, true, true, false, false, false, false, false]

  @Test("A target outside the range names its covariate")
  func outside() {
    let moments = design([
      "age": [40, 50, 60, 20, 30, 35, 25, 38], "sex": [1, 0, 1, 0, 1, 0, 1, 1],
    ])
    let error = refusal { () throws(SiblingError) in
      try EntropyBalancing().fit(moments, treatment: treatment)
    }
    #expect(error?.code == .noOverlap)
    #expect(error?.column == "age")
    #expect(error?.message.contains("`age`") == true)
    #expect(error?.message.contains("`sex`") == false)
    let near = refusal { () throws(SiblingError) in
      try EntropyBalancing(tolerance: 0.1).fit(moments, treatment: treatment)
    }
    #expect(near?.code == .noOverlap)
    let score = refusal { () throws(SiblingError) in
      try CovariateBalancingPropensityScore().fit(moments, treatment: treatment)
    }
    #expect(score?.code == .noOverlap)
    let both = refusal { () throws(SiblingError) in
      try CovariateBalancingPropensityScore(estimand: .ate).fit(moments, treatment: treatment)
    }
    #expect(both?.code == .separation)
  }

  @Test("Targets inside each range but outside the hull name both", arguments: [0, 0.01])
  func hull(tolerance: Double) {
    // The comparisons lie below the line x + y = 1, the treated above it.
    let moments = design([
      "x": [0.9, 0.6, 0.7, 0, 1, 0, 0.5, 0.2], "y": [0.6, 0.9, 0.7, 0, 0, 1, 0.5, 0.3],
      "w": [1, 2, 3, 3, 1, 2, 3, 1],
    ])
    let error = refusal { () throws(SiblingError) in
      try EntropyBalancing(tolerance: tolerance).fit(moments, treatment: treatment)
    }
    #expect(error?.code == .noOverlap)
    #expect(error?.message.contains("`x`, `y`") == true)
    #expect(error?.message.contains("together") == true)
  }

  @Test("Comparisons of a level that no treated has get weight zero and are counted")
  func edge() throws {
    let moments = design([
      "age": [30, 28, 33, 20, 30, 35, 25, 38], "north": [0, 0, 0, 1, 0, 0, 0, 0],
    ])
    let fit = try EntropyBalancing().fit(moments, treatment: treatment)
    #expect(fit.excluded == 1)
    #expect(fit.weights[3] == 0)
    #expect(fit.largestDifference < 1e-10)
    let without = try EntropyBalancing().fit(
      moments.selecting(rows: [0, 1, 2, 4, 5, 6, 7]).selecting(columns: [0]),
      treatment: [true, true, true, false, false, false, false])
    let kept = [4, 5, 6, 7].map { fit.weights[$0] }
    let total = kept.reduce(0, +)
    #expect(close(kept.map { $0 * 4 / total }, Array(without.weights.suffix(4)), .converged))
    // A probability can't be zero, so the score refuses.
    let error = refusal { () throws(SiblingError) in
      try CovariateBalancingPropensityScore().fit(moments, treatment: treatment)
    }
    #expect(error?.code == .noOverlap)
    #expect(error?.column == "north")
  }

  @Test("Constants and combinations are dropped and named")
  func collinear() throws {
    let age = [30.0, 28, 33, 20, 30, 35, 25, 38]
    let moments = design([
      "one": [Double](repeating: 7, count: 8), "age": age, "months": age.map { 12 * $0 + 1 },
    ])
    for estimand in [Estimand.att, .atc, .ate] {
      let fit = try EntropyBalancing(estimand: estimand).fit(moments, treatment: treatment)
      #expect(fit.constants == ["one"])
      #expect(fit.moments == ["age"])
      #expect(fit.dropped == ["months"])
      #expect(fit.largestDifference < 1e-10)
      let score = try CovariateBalancingPropensityScore(estimand: estimand).fit(
        moments, treatment: treatment)
      #expect(score.constants == ["one"])
      #expect(score.dropped == ["months"])
    }
    let nothing = try EntropyBalancing().fit(
      moments.selecting(columns: [0]), treatment: treatment)
    #expect(nothing.weights == [Double](repeating: 1, count: 8))
  }

  @Test("One treated unit")
  func oneTreated() throws {
    let moments = design(["age": [30, 20, 31, 40], "educ": [15, 10, 11.5, 16]])
    let error = refusal { () throws(SiblingError) in
      try EntropyBalancing().fit(moments, treatment: [true, false, false, false])
    }
    #expect(error?.code == .noOverlap)
    let fit = try EntropyBalancing().fit(
      moments.selecting(columns: [0]), treatment: [true, false, false, false])
    #expect(fit.largestDifference < 1e-10)
    #expect(close(zip([20, 31, 40], fit.weights.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }, 90))
  }

  @Test("Missing, infinite, negative weights, wrong sizes")
  func badInput() {
    let codes: [(SiblingError.Code, () throws(SiblingError) -> BalancingWeights)] = [
      (
        .missingValue,
        { () throws(SiblingError) in
          try EntropyBalancing().fit(
            design(["age": [1, .nan, 3, 1, 2, 3, 4, 5]]), treatment: treatment)
        }
      ),
      (
        .badValue,
        { () throws(SiblingError) in
          try CovariateBalancingPropensityScore().fit(
            design(["age": [1, .infinity, 3, 1, 2, 3, 4, 5]]), treatment: treatment)
        }
      ),
      (
        .badWeight,
        { () throws(SiblingError) in
          try EntropyBalancing().fit(
            design(["age": [1, 2, 3, 1, 2, 3, 4, 5]]), treatment: treatment,
            samplingWeights: [1, 1, 1, -1, 1, 1, 1, 1])
        }
      ),
      (
        .sizeMismatch,
        { () throws(SiblingError) in
          try EntropyBalancing().fit(design(["age": [1, 2, 3]]), treatment: treatment)
        }
      ),
      (
        .constantTreatment,
        { () throws(SiblingError) in
          try EntropyBalancing().fit(design(["age": [1, 2]]), treatment: [true, true])
        }
      ),
      (
        .invalidOption,
        { () throws(SiblingError) in
          try EntropyBalancing(estimand: .atm).fit(
            design(["age": [1, 2]]), treatment: [true, false])
        }
      ),
      (
        .invalidOption,
        { () throws(SiblingError) in
          try EntropyBalancing(tolerance: -1).fit(
            design(["age": [1, 2]]), treatment: [true, false])
        }
      ),
      (
        .invalidOption,
        { () throws(SiblingError) in
          try CovariateBalancingPropensityScore(estimand: .atm).fit(
            design(["age": [1, 2]]), treatment: [true, false])
        }
      ),
    ]
    for (code, body) in codes { #expect(refusal(body)?.code == code) }
    #expect(throws: SiblingError.self) {
      try BalancingMoments(order: 4).expand(design(["age": [1, 2]]))
    }
    #expect(throws: SiblingError.self) {
      try BalancingMoments(order: 2).expand(design(["age": [1, .nan]]))
    }
  }
}

@Suite("One weight for each site")
struct SiteWeightTests {
  /// Forty sites of different size, a quarter of them treated.
  let sites: Factor
  let treatment: [Bool]
  let moments: DesignMatrix

  init() {
    var random = RandomStream(seed: 11, name: "sites")
    var codes: [Int32] = []
    var (x, y) = ([Double](), [Double]())
    for site in 0..<40 {
      let level = random.uniform()
      for _ in 0..<(5 + site) {
        codes.append(Int32(site))
        x.append(level + random.uniform())
        y.append(random.uniform() < 0.3 + 0.4 * level ? 1 : 0)
      }
    }
    sites = Factor(codes: codes, levels: (0..<40).map { "s\($0)" })
    treatment = codes.map { $0 % 4 == 0 }
    moments = DesignMatrix(matrix: Matrix(columns: [x, y]), names: ["x", "y"])
  }

  @Test("Persons share their site's weight; it is that of the collapsed data")
  func shared() throws {
    let fit = try EntropyBalancing().fit(moments, treatment: treatment, sites: sites)
    #expect(fit.largestDifference < 1e-10)
    let one = groupMeans(moments, treatment, fit.weights, true)
    #expect(distance(moments, one, groupMeans(moments, treatment, fit.weights, false)) < 1e-10)
    var (means, sizes, first) = ([[Double]](), [Double](), [Int]())
    for site in 0..<40 {
      let rows = sites.codes.indices.filter { sites.codes[$0] == Int32(site) }
      #expect(Set(rows.map { fit.weights[$0] }).count == 1)
      sizes.append(Double(rows.count))
      first.append(rows[0])
      means.append(
        (0..<2).map { column in
          rows.reduce(0) { $0 + moments.matrix[$1, column] } / Double(rows.count)
        })
    }
    let collapsed = DesignMatrix(
      matrix: Matrix(columns: (0..<2).map { column in means.map { $0[column] } }),
      names: ["x", "y"])
    let apart = try EntropyBalancing().fit(
      collapsed, treatment: first.map { treatment[$0] }, samplingWeights: sizes)
    #expect(close(first.map { fit.weights[$0] }, apart.weights, .published))
    #expect(fit.sites?.treated.all == 10)
    #expect(fit.sites?.comparison.all == 30)
    #expect(fit.sites?.comparison.weighted == 30)
    let comparison = first.indices.filter { !treatment[first[$0]] }
    let totals = comparison.map { fit.weights[first[$0]] * sizes[$0] }
    let sum = totals.reduce(0, +)
    #expect(
      close(
        fit.sites?.comparison.effective ?? .nan, sum * sum / totals.reduce(0) { $0 + $1 * $1 },
        .converged))
  }

  @Test("Too few sites for the moments are refused in words; a tolerance may do")
  func tooFew() throws {
    let rows = sites.codes.indices.filter { sites.codes[$0] < 8 || treatment[$0] }
    let few = rows.filter { treatment[$0] || sites.codes[$0] < 3 }
    do throws(SiblingError) {
      _ = try EntropyBalancing().fit(
        moments.selecting(rows: few), treatment: few.map { treatment[$0] },
        sites: sites.selecting(few))
      Issue.record("two comparison sites can't balance two moments")
    } catch {
      #expect(error.code == .tooFewClusters)
      #expect(error.message.contains("2 moments"))
      #expect(error.message.contains("2 comparison sites"))
    }
    let fit = try EntropyBalancing(tolerance: 2).fit(
      moments.selecting(rows: few), treatment: few.map { treatment[$0] },
      sites: sites.selecting(few))
    #expect(fit.largestDifference <= 2)
  }
}
