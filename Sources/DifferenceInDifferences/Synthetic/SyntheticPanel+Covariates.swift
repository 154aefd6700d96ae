internal import LinearAlgebra
internal import Statistics

extension SyntheticPanel {
  /// The panel with what covariates explain taken out of the outcome.
  ///
  /// The slopes come from never treated units only, with unit and period effects, so that the
  /// treatment can't leak into them (Kranz 2022, "Synthetic Difference-in-Differences with
  /// Time-Varying Covariates"; Clarke et al. 2023, doi 10.48550/arXiv.2301.11859).
  /// - Throws: `rankDeficient` for a covariate without variation left, or collinear with others.
  func withoutCovariates() throws(SiblingError) -> SyntheticPanel {
    guard !covariates.isEmpty else { return self }
    let columns = covariates.map { Self.doublyCentred($0, donors) }
    let gram = Gram.product(Matrix(columns: columns))
    let raw = covariates.map { matrix in
      donors.flatMap { matrix.column($0) }.reduce(0) { $0 + $1 * $1 }
    }
    let rank = ColumnRank(gram: gram)
    let lost = covariates.indices.first { gram[$0, $0] <= 1e-14 * raw[$0] } ?? rank.dropped.first
    if let lost {
      throw SiblingError(
        .rankDeficient,
        "The covariate '\(covariateNames[lost])' has no variation of its own within units over time.",
        help: "Only covariates that change over time can adjust these weights; leave it out.",
        column: covariateNames[lost])
    }
    let right = Matrix(columns: columns).transposedTimes(Self.doublyCentred(outcome, donors))
    guard let slopes = try? Cholesky(gram).solve(right) else {
      throw SiblingError(
        .rankDeficient, "The covariates are collinear.", help: "Leave one of them out.")
    }
    var adjusted = self
    for (covariate, slope) in zip(covariates, slopes) {
      for i in adjusted.outcome.storage.indices {
        adjusted.outcome.storage[i] -= slope * covariate.storage[i]
      }
    }
    return adjusted
  }

  /// The entries of some units less their unit's and period's means, plus the grand mean.
  private static func doublyCentred(_ matrix: Matrix, _ units: [Int]) -> [Double] {
    let (rows, count) = (matrix.rows, units.count)
    let byUnit = units.map { matrix.column($0).reduce(0, +) / Double(rows) }
    let byPeriod = (0..<rows).map { t in
      units.reduce(0) { $0 + matrix[t, $1] } / Double(count)
    }
    let grand = byUnit.reduce(0, +) / Double(count)
    return units.indices.flatMap { i in
      (0..<rows).map { matrix[$0, units[i]] - byUnit[i] - byPeriod[$0] + grand }
    }
  }
}
