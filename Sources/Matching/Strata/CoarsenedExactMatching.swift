public import Statistics

/// Matches units that fall into the same bin of every covariate.
///
/// Numeric covariates are cut as their `Coarsening` says, or kept apart by value, and factors by
/// level; units of strata that lack a group are left out. With no coarsening at all this is exact
/// matching.
///
/// Iacus, S. M., King, G. and Porro, G. (2012), Causal inference without balance checking:
/// coarsened exact matching, https://doi.org/10.1093/pan/mpr013.
public struct CoarsenedExactMatching: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  public var estimand: Estimand
  /// Whether the non-zero weights of each group are scaled to a mean of one.
  public var normalizesWeights: Bool

  /// A configuration; the defaults are for the ATT.
  public init(estimand: Estimand = .att, normalizesWeights: Bool = true) {
    self.estimand = estimand
    self.normalizesWeights = normalizesWeights
  }

  /// Matches the rows of a study on the bins of their covariates.
  ///
  /// Strata are numbered in the order of their first rows.
  /// - Throws: `invalidOption` for another estimand or no covariates, `constantTreatment`,
  ///   `sizeMismatch`, `missingValue`, `badValue`, `noMatches` when no stratum holds both groups.
  /// - Complexity: O(n log n) for each covariate.
  public func match(
    treatment: [Bool], covariates: [CoarsenedCovariate]
  ) throws(SiblingError) -> Match {
    let plan = try StratumPlan(
      estimand, normalizesWeights, limit: "in a stratum with both groups")
    let cells = try cells(treatment: treatment, covariates: covariates)
    var match = try Match(
      strata: cells.strata, count: cells.count, treatment: treatment,
      discarded: [Bool](repeating: false, count: treatment.count), plan: plan,
      checks: [.init(rule: "exact", bound: nil, worst: Double(cells.apart))])
    match.isStratified = true
    return match
  }

  /// The stratum of each row, how many there are, and how many rows are in a wrong one.
  ///
  /// - Throws: what is wrong with the columns.
  func cells(
    treatment: [Bool], covariates: [CoarsenedCovariate]
  ) throws(SiblingError) -> (strata: [Int32], count: Int, apart: Int) {
    _ = try Inputs.groups(treatment)
    guard !covariates.isEmpty else {
      throw SiblingError(
        .invalidOption, "exact matching needs at least one covariate",
        help: "Name covariates on the right-hand side of the formula.")
    }
    let n = treatment.count
    var strata = [Int32](repeating: 0, count: n)
    var count: Int32 = 1
    var columns: [[Int]] = []
    for covariate in covariates {
      let codes = try covariate.codes(rows: n)
      Self.cross(&strata, &count, with: codes)
      columns.append(codes)
    }
    // The strata are checked against the bins themselves: each row against the first of its stratum.
    var first = [Int](repeating: -1, count: Int(count))
    var apart = 0
    for row in 0..<n {
      let stratum = Int(strata[row])
      if first[stratum] < 0 { first[stratum] = row }
      for codes in columns where codes[first[stratum]] != codes[row] { apart += 1 }
    }
    return (strata, Int(count), apart)
  }

  /// Splits each stratum by a column of bins; numbers go by first rows.
  private static func cross(_ strata: inout [Int32], _ count: inout Int32, with codes: [Int]) {
    var numbers: [Cell: Int32] = [:]
    for row in strata.indices {
      let cell = Cell(stratum: strata[row], code: codes[row])
      if let number = numbers[cell] {
        strata[row] = number
      } else {
        let number = Int32(numbers.count)
        numbers[cell] = number
        strata[row] = number
      }
    }
    count = Int32(numbers.count)
  }

  private struct Cell: Hashable {
    var stratum: Int32
    var code: Int
  }
}
