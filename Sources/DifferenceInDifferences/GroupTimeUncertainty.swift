internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Standard errors, covariances and bands of group-time effects and of their averages.
struct GroupTimeUncertainty: Sendable {
  /// Where variances come from.
  enum Source: Sendable {
    case moments(GroupTimeMoments)
    /// Sums of products of influence columns.
    case gram(Matrix)
  }

  var source: Source
  /// A row of each multiplier-bootstrap draw's column sums; nil without bootstrap.
  var draws: Matrix?
  var seed: UInt64
  var level: Double
  var isUniform: Bool

  /// Gaussian draws behind an analytic uniform band.
  static let gaussianDraws = 20_000

  /// The analytic covariance of linear forms.
  func covariance(_ forms: [LinearForm]) -> Matrix {
    switch source {
    case .moments(let moments): return moments.covariance(forms)
    case .gram(let gram):
      let loads = dense(forms, gram.rows)
      return Matrix.product(loads, gram * loads, transposeLeft: true)
    }
  }

  /// The standard errors of linear forms, by bootstrap where it was asked for.
  func errors(_ forms: [LinearForm]) -> [Double] {
    if let draws = signedSums(forms) {
      return forms.indices.map { Self.spread(draws.column($0)) }
    }
    switch source {
    case .moments(let moments): return moments.variances(forms).map { max(0, $0).squareRoot() }
    case .gram(let gram):
      if forms.allSatisfy({ $0.terms.count <= 1 }) {
        return forms.map { form in
          form.terms.reduce(0) { $0 + $1.coefficient * $1.coefficient * gram[$1.column, $1.column] }
            .squareRoot()
        }
      }
      let loads = dense(forms, gram.rows)
      let half = gram * loads
      return forms.indices.map { j in
        var sum = 0.0
        for i in 0..<gram.rows { sum += loads[i, j] * half[i, j] }
        return max(0, sum).squareRoot()
      }
    }
  }

  /// The value that all forms' |error|/SE stay below with the probability of the level.
  ///
  /// The largest of the draws' or, without bootstrap, of Gaussian draws with the forms' correlation;
  /// never below the normal quantile of one form. Nil without a form.
  func criticalValue(_ forms: [LinearForm], errors: [Double]) -> Double? {
    guard !forms.isEmpty else { return nil }
    let single = Normal.standard.upperQuantile((1 - level) / 2)
    var largest: [Double]
    if let draws = signedSums(forms) {
      largest = [Double](repeating: 0, count: draws.rows)
      for j in forms.indices {
        for b in 0..<draws.rows {
          largest[b] = max(largest[b], draws.storage[b + j * draws.rows].magnitude / errors[j])
        }
      }
    } else {
      largest = gaussianLargest(forms)
    }
    largest.sort()
    return max(single, Self.quantile(largest, level))
  }

  /// The largest |z| of each Gaussian draw.
  private func gaussianLargest(_ forms: [LinearForm]) -> [Double] {
    var correlation = covariance(forms)
    let scale = correlation.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    for j in scale.indices {
      for i in scale.indices { correlation[i, j] *= scale[i] * scale[j] }
    }
    let root = Self.root(correlation)
    let blocks = Parallel.ranges(of: Self.gaussianDraws, size: 500)
    let parts: [[Double]] = Parallel.mapBlocks(blocks.count) { block in
      var stream = RandomStream(seed: seed, name: "uniform-band", index: UInt64(block))
      let count = blocks[block].count
      let normals = Matrix(
        rows: root.columns, columns: count, storage: stream.normals(root.columns * count))
      let draws = root * normals
      return (0..<count).map { k in
        var most = 0.0
        for i in 0..<draws.rows { most = max(most, draws.storage[i + k * draws.rows].magnitude) }
        return most
      }
    }
    return parts.flatMap { $0 }
  }

  /// R with RR′ = A: Cholesky's, or the symmetric root where A is singular.
  private static func root(_ correlation: Matrix) -> Matrix {
    let rank = ColumnRank(gram: correlation, tolerance: 1e-6)
    if rank.dropped.isEmpty, let factor = try? Cholesky(correlation) { return factor.lower }
    if let eigen = try? SymmetricEigen(correlation) {
      return eigen.map { $0 > 0 ? $0.squareRoot() : 0 }
    }
    return .identity(correlation.rows)
  }

  /// Each draw's value of each form.
  private func signedSums(_ forms: [LinearForm]) -> Matrix? {
    draws.map { $0 * dense(forms, $0.columns) }
  }

  private func dense(_ forms: [LinearForm], _ columns: Int) -> Matrix {
    var result = Matrix(rows: columns, columns: forms.count)
    for (j, form) in forms.enumerated() {
      for term in form.terms { result[term.column, j] += term.coefficient }
    }
    return result
  }

  /// The interquartile range of draws over that of a standard normal.
  private static func spread(_ draws: [Double]) -> Double {
    let sorted = draws.sorted()
    let normal = Normal.standard.quantile(0.75) - Normal.standard.quantile(0.25)
    return (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / normal
  }

  /// The smallest value that a share p of the sorted values does not exceed.
  private static func quantile(_ sorted: [Double], _ p: Double) -> Double {
    let place = (p * Double(sorted.count)).rounded(.up) - 1
    return sorted[min(sorted.count - 1, max(0, Int(place)))]
  }

  /// How standard errors are made, for conventions.
  var errorConvention: String {
    draws.map { "multiplier bootstrap, \($0.rows) Rademacher draws" } ?? "influence function"
  }

  /// Estimates of some terms with pointwise or uniform intervals.
  ///
  /// `isHonest` says which may have a standard error. The band's critical value stands in the
  /// convention; statistics and p-values are of each estimate alone.
  func estimates(
    _ terms: [String], _ values: [Double], _ forms: [LinearForm], isHonest: [Bool],
    isBanded: [Bool], convention: (Int) -> String
  ) -> (rows: [Estimate], critical: Double?) {
    let errors = errors(forms)
    let shown = terms.indices.filter { isHonest[$0] && errors[$0] > 0 && values[$0].isFinite }
    var critical: Double?
    if isUniform {
      let banded = shown.filter { isBanded[$0] }
      critical = criticalValue(banded.map { forms[$0] }, errors: banded.map { errors[$0] })
    }
    let isShown = Set(shown)
    let rows = terms.indices.map { place in
      var estimate = Estimate(
        term: terms[place], estimate: values[place],
        standardError: isShown.contains(place) ? errors[place] : nil, level: level,
        convention: convention(place))
      guard let critical, isBanded[place], let error = estimate.standardError else {
        return estimate
      }
      estimate.interval = ConfidenceInterval(
        low: estimate.estimate - critical * error, high: estimate.estimate + critical * error,
        level: level)
      let source = draws == nil ? "\(Self.gaussianDraws) Gaussian draws" : "the same draws"
      estimate.convention += "; uniform band, critical value \(Self.short(critical)) by \(source)"
      return estimate
    }
    return (rows, critical)
  }

  /// What the reader must know of a uniform band.
  func bandNote(_ critical: Double, over what: String) -> String {
    "conf.low and conf.high are a uniform band at level \(level) over all \(what): estimate ±"
      + " \(Self.short(critical)) standard errors; statistics and p-values are of each row alone."
  }

  /// A number with four decimals.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e9 else { return "\(value)" }
    let whole = Int((value.magnitude * 10_000).rounded())
    let digits = String(10_000 + whole % 10_000).dropFirst()
    return "\(value < 0 ? "-" : "")\(whole / 10_000).\(digits)"
  }
}
