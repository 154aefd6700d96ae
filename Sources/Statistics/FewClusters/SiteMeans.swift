internal import LinearAlgebra

/// One number a cluster, and the tests that take clusters for the observations.
///
/// A cluster's number is its mean outcome or, with launches in time, its mean over treated periods
/// less its mean before, each period counting once. Covariates that vary within clusters and periods
/// are removed with their slopes within these; covariates of whole clusters enter the second step.
///
/// - `cluster-t`: the numbers are regressed on treatment, t with G − 2 degrees of freedom less one
///   a covariate (Donald & Lang 2007, doi:10.1162/rest.89.2.221).
/// - `ibragimov-muller`: the two-sample t statistic with each group's own variance and
///   min(G₁, G₀) − 1 degrees of freedom (Ibragimov & Müller 2010, doi:10.1198/jbes.2009.08046; 2016,
///   doi:10.1162/REST_a_00545), valid whatever the clusters' variances.
public struct SiteMeans: Sendable, Equatable {
  /// The effect under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double

  /// The tests of a null.
  public init(null: Double = 0, level: Double = 0.95) {
    self.null = null
    self.level = level
  }

  /// The rows `ibragimov-muller` and `cluster-t`; a refusal is a row with a note.
  public func rows(_ sample: FewClusterSample, time: Factor? = nil) -> [FewClusterRow] {
    do throws(SiblingError) {
      let launches = try LaunchPaths(sample, time: time)
      return rows(try ClusterNumbers(sample, launches))
    } catch {
      return Self.refused(error)
    }
  }

  static func refused(_ error: SiblingError) -> [FewClusterRow] {
    [
      FewClusterRow(
        method: "ibragimov-muller", convention: "one estimate a cluster", note: error.message),
      FewClusterRow(method: "cluster-t", convention: "one mean a cluster", note: error.message),
    ]
  }

  func rows(_ numbers: ClusterNumbers) -> [FewClusterRow] {
    [twoSample(numbers), regression(numbers)]
  }

  private func twoSample(_ numbers: ClusterNumbers) -> FewClusterRow {
    var row = FewClusterRow(
      method: "ibragimov-muller",
      convention: "\(numbers.name), two-sample t with unequal variances, min(G1, G0) - 1 df")
    guard numbers.covariates.isEmpty else {
      row.note =
        "covariates of whole clusters can't be held fixed when each cluster has one estimate"
      return row
    }
    let ones = numbers.values.indices.filter { numbers.isTreated[$0] }.map { numbers.values[$0] }
    let zeros = numbers.values.indices.filter { !numbers.isTreated[$0] }.map { numbers.values[$0] }
    guard ones.count > 1, zeros.count > 1 else {
      row.note = "two treated and two untreated clusters are needed"
      return row
    }
    let (a, b) = (Self.moments(ones), Self.moments(zeros))
    let error = (a.variance / Double(ones.count) + b.variance / Double(zeros.count)).squareRoot()
    return filled(row, a.mean - b.mean, error, Double(min(ones.count, zeros.count) - 1))
  }

  private func regression(_ numbers: ClusterNumbers) -> FewClusterRow {
    let count = numbers.values.count
    let flags = numbers.isTreated.map { $0 ? 1.0 : 0.0 }
    let columns = [[Double](repeating: 1, count: count)] + numbers.covariates + [flags]
    var row = FewClusterRow(
      method: "cluster-t",
      convention: "\(numbers.name), unweighted regression on treatment"
        + (numbers.covariates.isEmpty ? "" : " and \(numbers.covariates.count) covariates")
        + ", G - \(columns.count) df")
    guard count > columns.count else {
      row.note = "\(count) clusters leave no degree of freedom"
      return row
    }
    let design = Matrix(rows: count, columns: columns.count, storage: columns.flatMap { $0 })
    let names = columns.indices.map { $0 == 0 ? "(Intercept)" : "x\($0)" }
    do throws(SiblingError) {
      let fit = try LeastSquares().fit(
        DesignMatrix(matrix: design, names: names), response: numbers.values)
      guard fit.dropped.isEmpty else {
        row.note = "the clusters' covariates determine one another or the treatment"
        return row
      }
      let last = columns.count - 1
      return filled(
        row, fit.coefficients[last],
        fit.sigma * fit.unscaledCovariance[last, last].squareRoot(),
        Double(count - columns.count))
    } catch {
      row.note = error.message
      return row
    }
  }

  private func filled(
    _ row: FewClusterRow, _ estimate: Double, _ error: Double, _ degrees: Double
  ) -> FewClusterRow {
    var row = row
    let made = Estimate(
      term: "", estimate: estimate, standardError: error, degreesOfFreedom: degrees, null: null,
      level: level, convention: "")
    row.estimate = estimate
    row.standardError = error
    row.degreesOfFreedom = degrees
    row.statistic = made.statistic
    row.pValue = made.pValue
    row.interval = made.interval
    if made.pValue == nil { row.note = "the clusters' numbers do not vary" }
    return row
  }

  private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count - 1))
  }
}
