internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Least squares with first-order autocorrelated errors, iterated until the autocorrelation stands
/// still (Prais & Winsten 1954; Cochrane & Orcutt 1949, doi 10.1080/01621459.1949.10483290).
///
/// The autocorrelation is the slope of residuals on those one period before, without intercept.
/// Where m − 1 periods are missing, the errors' correlation across the gap is ρᵐ.
struct AutoregressiveLeastSquares: Sendable {
  enum Method: String, Sendable {
    case praisWinsten = "Prais–Winsten"
    case cochraneOrcutt = "Cochrane–Orcutt"
  }

  /// The rows of one series in order of time, with how many periods each lies after the one before.
  struct Run: Sendable, Equatable {
    var rows: [Int]
    /// 0 for the first.
    var steps: [Int]
  }

  struct Fit: Sendable {
    var coefficients: [Double]
    var covariance: CovarianceEstimate
    var autocorrelation: Double
    var iterations: Int
    var notes: [String]
  }

  var method: Method
  var tolerance = 1e-13
  var maximumIterations = 1000

  init(_ method: Method) { self.method = method }

  func fit(
    _ design: DesignMatrix, response: [Double], series: [Run], first: LeastSquaresFit
  ) throws(SiblingError) -> Fit {
    var residuals = first.residuals
    var rho = try autocorrelation(residuals, series)
    if 1 - first.rSquared < 1e-13 { rho = 0 }
    for iteration in 1...maximumIterations {
      guard rho.magnitude < 1 else {
        throw SiblingError(
          .nonConvergence, "The errors' autocorrelation reaches one: they wander without return.",
          help: "Use Newey–West, or model the change from one period to the next.")
      }
      let rows = transformed(design, response, series, rho)
      let fit = try LeastSquares().fit(rows.design, response: rows.response)
      let fitted = design.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 })
      residuals = zip(response, fitted).map { $0 - $1 }
      let next = try 1 - first.rSquared < 1e-13 ? 0 : autocorrelation(residuals, series)
      if (next - rho).magnitude <= tolerance * max(1, rho.magnitude) {
        guard fit.dropped.isEmpty else {
          throw SiblingError(
            .rankDeficient, "A term is no longer identified once autocorrelation is removed.",
            help: "Use fewer terms.")
        }
        var covariance = try fit.covariance(.classical)
        let degrees = fit.residualDegreesOfFreedom
        covariance.convention =
          "\(method.rawValue), AR(1) \(PanelDesign.rounded(rho, 4)), t(\(degrees))"
        return Fit(
          coefficients: fit.coefficients, covariance: covariance, autocorrelation: rho,
          iterations: iteration, notes: [])
      }
      rho = next
    }
    throw SiblingError(
      .nonConvergence,
      "\(method.rawValue) regression did not settle within \(maximumIterations) iterations.",
      help: "Use Newey–West, which estimates no autocorrelation.")
  }

  /// Σeₜeₜ₋₁ / Σe²ₜ₋₁ over neighbours one period apart.
  func autocorrelation(_ residuals: [Double], _ series: [Run]) throws(SiblingError) -> Double {
    var (product, square) = (0.0, 0.0)
    var pairs = 0
    for run in series {
      for place in run.rows.indices where run.steps[place] == 1 {
        let (now, before) = (residuals[run.rows[place]], residuals[run.rows[place - 1]])
        product += now * before
        square += before * before
        pairs += 1
      }
    }
    guard pairs > 2 else {
      throw SiblingError(
        .tooFewObservations, "Fewer than three points follow another one period before.",
        help: "Use Newey–West, or fill the gaps in time.")
    }
    return square > 0 ? product / square : 0
  }

  private func transformed(
    _ design: DesignMatrix, _ response: [Double], _ series: [Run], _ rho: Double
  ) -> (design: DesignMatrix, response: [Double]) {
    // For each row kept: the row, the one before (or itself), its factor, and the scale.
    var plan: [(row: Int, before: Int, factor: Double, scale: Double)] = []
    for run in series {
      for (place, row) in run.rows.enumerated() {
        if place == 0 {
          guard method == .praisWinsten else { continue }
          plan.append((row, row, 0, (1 - rho * rho).squareRoot()))
        } else {
          let factor = pow(rho, Double(run.steps[place]))
          let scale = ((1 - rho * rho) / (1 - factor * factor)).squareRoot()
          plan.append((row, run.rows[place - 1], factor, scale))
        }
      }
    }
    let columns = (0..<design.columns).map { column in
      let values = design.matrix.column(column)
      return plan.map { $0.scale * (values[$0.row] - $0.factor * values[$0.before]) }
    }
    // No column is constant any more, so none is an intercept.
    let changed = DesignMatrix(
      matrix: Matrix(columns: columns), names: design.names,
      assignment: Array(design.names.indices), terms: design.names)
    return (
      changed,
      plan.map { $0.scale * (response[$0.row] - $0.factor * response[$0.before]) }
    )
  }
}

extension PanelDesign {
  /// A number with so many decimals, for a sentence.
  static func rounded(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, value.magnitude < 1e9 else { return "\(value)" }
    let scale = pow(10, Double(decimals))
    let whole = (value.magnitude * scale).rounded()
    let digits = String(Int(whole))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}
