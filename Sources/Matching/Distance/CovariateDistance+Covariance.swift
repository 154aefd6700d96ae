internal import LinearAlgebra
internal import Statistics

extension CovariateDistance {
  /// Columns in units of their standard deviation, with the correlations between them.
  struct WithinGroups {
    /// The columns less their mean over the units kept, divided by their standard deviation.
    let standardized: Matrix
    /// The correlations of the columns.
    private let correlation: Matrix
    /// How far apart the groups' means are, in standard deviations; zero when not pooled.
    private let difference: [Double]

    /// Measures columns that vary.
    ///
    /// Deviations are taken from the mean of the own group and their squares divided by n − 2, or by
    /// Σw − Σw²/Σw with sampling weights. Of ranks they are taken from the mean of all, and variances
    /// are those of n ranks without ties. For scaling, zeros and ones have the variance p(1 − p).
    /// - Throws: `tooFewObservations`, `badDesign` for a column that varies between groups only.
    init(
      _ parts: [Part], treatment: [Bool], weights: [Double], isWeighted: Bool, metric: Metric
    ) throws(SiblingError) {
      let pooled = metric != .robustMahalanobis
      let n = treatment.count
      let count = Double(weights.count { $0 > 0 })
      let total = weights.reduce(0, +)
      let treatedTotal = (0..<n).reduce(0) { $0 + (treatment[$1] ? weights[$1] : 0) }
      guard count > (pooled ? 2 : 1) else {
        throw SiblingError(
          .tooFewObservations, "two rows are too few for the covariances of the covariates",
          help: "The plain euclidean distance needs no covariances.")
      }
      let squares = weights.reduce(0) { $0 + $1 * $1 }
      let freedom = isWeighted ? total - squares / total : count - (pooled ? 2 : 1)
      var deviations: [[Double]] = []
      var columns: [[Double]] = []
      var gaps: [Double] = []
      for part in parts {
        var sums = (treated: 0.0, comparison: 0.0)
        for row in 0..<n where weights[row] > 0 {
          if treatment[row] {
            sums.treated += weights[row] * part.values[row]
          } else {
            sums.comparison += weights[row] * part.values[row]
          }
        }
        let mean = (sums.treated + sums.comparison) / total
        var (first, second) = (mean, mean)
        if pooled {
          first = sums.treated / treatedTotal
          second = sums.comparison / (total - treatedTotal)
        }
        var (within, around) = (0.0, 0.0)
        var own = [Double](repeating: 0, count: n)
        for row in 0..<n where weights[row] > 0 {
          let gap = part.values[row] - (treatment[row] ? first : second)
          own[row] = gap * weights[row].squareRoot()
          within += own[row] * own[row]
          around += weights[row] * (part.values[row] - mean) * (part.values[row] - mean)
        }
        guard around.isFinite else {
          throw SiblingError(
            .badValue, "the values of \(part.name) are too large for a standard deviation",
            help: "Rescale the column.", column: part.name)
        }
        guard within > around * 1e-20 else { throw Self.separated(part.name) }
        let length = within.squareRoot()
        for row in 0..<n { own[row] /= length }
        let variance =
          switch metric {
          case .robustMahalanobis: Double(n) * Double(n + 1) / 12
          case .scaledEuclidean where part.isBinary && !isWeighted: within / count
          default: within / freedom
          }
        let deviation = variance.squareRoot()
        deviations.append(own)
        columns.append(part.values.map { ($0 - mean) / deviation })
        gaps.append((first - second) / deviation)
      }
      standardized = Matrix(columns: columns)
      let whole = Matrix(columns: deviations)
      correlation = Matrix.product(whole, whole, transposeLeft: true)
      difference = gaps
    }

    /// The columns turned into uncorrelated ones of variance one, by the Cholesky factor of the
    /// correlations of those that are no combinations of earlier ones.
    ///
    /// - Throws: `badDesign` when a combination varies between the groups only.
    func uncorrelated(_ parts: [Part]) throws(SiblingError) -> Matrix {
      let rank = ColumnRank(gram: correlation)
      let factor: Cholesky
      do {
        factor = try Cholesky(correlation.selecting(both: rank.kept))
      } catch {
        throw SiblingError(
          .badDesign, "the covariances of the distance's covariates can't be inverted",
          help: "Leave out covariates that repeat others.")
      }
      for column in rank.dropped {
        let shares = factor.solve(rank.kept.map { correlation[$0, column] })
        let explained = zip(rank.kept, shares).reduce(0) { $0 + difference[$1.0] * $1.1 }
        guard (difference[column] - explained).magnitude < 1e-5 else {
          throw Self.separated(parts[column].name)
        }
      }
      let inverse = factor.solveLower(.identity(rank.kept.count))
      let chosen = standardized.selecting(columns: rank.kept)
      var columns: [[Double]] = []
      for row in 0..<inverse.rows { columns.append(chosen.times(inverse.row(row))) }
      return Matrix(columns: columns)
    }

    /// The columns turned by the eigenvectors of their correlations, those without variance left out.
    ///
    /// Ranks whose variances were changed are no longer bound to the plane that a factor's columns
    /// lie in, so here the Moore–Penrose inverse is needed, which treats all levels alike.
    /// - Throws: `nonConvergence` when the eigenvalues can't be found.
    func turned() throws(SiblingError) -> Matrix {
      let eigen: SymmetricEigen
      do {
        eigen = try SymmetricEigen(correlation)
      } catch {
        throw SiblingError(
          .nonConvergence, "the eigenvalues of the covariates' correlations can't be found",
          help: "Leave out covariates that repeat others.")
      }
      let least = (eigen.values.last ?? 0) * 1e-10
      var columns: [[Double]] = []
      for (index, value) in eigen.values.enumerated() where value > least {
        let scale = 1 / value.squareRoot()
        columns.append(standardized.times(eigen.vectors.column(index).map { $0 * scale }))
      }
      return Matrix(columns: columns)
    }

    private static func separated(_ name: String) -> SiblingError {
      SiblingError(
        .badDesign,
        "'\(name)', alone or with the other covariates, differs between the groups but not within"
          + " them",
        help: "It tells the treated from the comparisons exactly, or there are too few rows for so"
          + " many covariates: leave some out, or use the euclidean distance.", column: name)
    }
  }
}
