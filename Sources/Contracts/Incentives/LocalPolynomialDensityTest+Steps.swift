internal import Glibc
internal import Statistics

extension LocalPolynomialDensityTest {
  /// - Throws: `badValue` for options out of range.
  func check() throws(SiblingError) {
    guard threshold.isFinite else {
      throw SiblingError(.badValue, "a threshold must be a number")
    }
    guard (1...5).contains(order) else {
      throw SiblingError(.badValue, "the order of a density test lies between 1 and 5")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.badValue, "a confidence level lies between 0 and 1")
    }
    try leavingOut?.check()
    switch bandwidth {
    case .given(let left, let right):
      guard left > 0, right > 0, left.isFinite, right.isFinite else {
        throw SiblingError(.badValue, "a bandwidth must be above zero")
      }
      guard model == .unrestricted || left == right else {
        throw SiblingError(
          .badValue, "sides that share their curvature need one bandwidth",
          help: "Give the same bandwidth for both sides, or fit them unrestricted.")
      }
    case .selected(let rule):
      guard model == .unrestricted || rule != .each else {
        throw SiblingError(
          .badValue, "sides that share their curvature need one bandwidth",
          help: "Choose it by diff, sum or comb.")
      }
    }
  }

  /// Tests a prepared sample.
  ///
  /// - Throws: `tooFewObservations` where a side has too few values.
  func fit(_ sample: DensitySample) throws(SiblingError) -> Result {
    let refusal = SiblingError(
      .tooFewObservations,
      "there are too few different values on a side of the threshold for a density",
      help: "Widen the bandwidth, or look at a threshold with more jobs around it.")
    guard sample.left > order + 1, sample.observations - sample.left > order + 1 else {
      throw refusal
    }
    let (leftWidth, rightWidth) = try widths(sample)
    let columns = DensityColumns(model: model, degree: order + 1)
    let plan = DensityFit.Plan(
      columns: columns, kernel: kernel, leftBandwidth: leftWidth, rightBandwidth: rightWidth,
      handlesMassPoints: handlesMassPoints)
    guard let fit = DensityFit(sample, plan) else { throw refusal }
    var errors = (fit.leftVariance, fit.rightVariance, fit.covariance)
    if variance == .plugin { errors = try limit(fit, plan, sample) }
    return result(sample, plan, fit, errors)
  }

  /// The bandwidths, given or chosen.
  ///
  /// - Throws: `tooFewObservations` where none can be chosen.
  func widths(_ sample: DensitySample) throws(SiblingError) -> (left: Double, right: Double) {
    switch bandwidth {
    case .given(let left, let right): (left, right)
    case .selected(let rule): try DensityBandwidth(sample, self).chosen(rule, model)
    }
  }

  /// Variances and covariance from the limit distribution.
  ///
  /// - Throws: `tooFewObservations` where an estimated density is not above zero.
  func limit(
    _ fit: DensityFit, _ plan: DensityFit.Plan, _ sample: DensitySample
  ) throws(SiblingError) -> (Double, Double, Double) {
    let size = Double(sample.observations)
    guard fit.left > 0, fit.right > 0,
      let limit = DensityLimit(
        plan.columns, kernel: kernel, leftDensity: fit.left, rightDensity: fit.right)
    else {
      throw SiblingError(
        .tooFewObservations,
        "an estimated density is not above zero, so it has no plug-in variance",
        help: "Use the jackknife variance or a wider bandwidth.")
    }
    return (
      limit.left / (size * plan.leftBandwidth), limit.right / (size * plan.rightBandwidth),
      limit.covariance / (size * (plan.leftBandwidth * plan.rightBandwidth).squareRoot())
    )
  }

  /// What was found.
  func result(
    _ sample: DensitySample, _ plan: DensityFit.Plan, _ fit: DensityFit,
    _ variances: (Double, Double, Double)
  ) -> Result {
    let left = Side(
      density: fit.left, standardError: variances.0.squareRoot(), bandwidth: plan.leftBandwidth,
      observations: sample.left, effective: fit.leftUsed.observations,
      distinct: fit.leftUsed.distinct)
    let right = Side(
      density: fit.right, standardError: variances.1.squareRoot(), bandwidth: plan.rightBandwidth,
      observations: sample.observations - sample.left, effective: fit.rightUsed.observations,
      distinct: fit.rightUsed.distinct)
    let error = (variances.0 + variances.1 - 2 * variances.2).squareRoot()
    var notes: [String] = []
    let ties = Double(sample.observations) / Double(sample.values.count)
    if ties > 1.2 {
      notes.append(
        handlesMassPoints
          ? "Equal values are taken as one point of the distribution function."
          : "There are equal values, which the variance takes as different.")
    }
    if sample.leftOut > 0 {
      notes.append(
        "\(sample.leftOut) values at round numbers were cut out and the gaps closed.")
    }
    if fit.left <= 0 || fit.right <= 0 {
      notes.append("An estimated density is not above zero: the bandwidth is too narrow.")
    }
    return Result(
      left: left, right: right,
      difference: Estimate(
        term: "density jump", estimate: fit.right - fit.left,
        standardError: error.isFinite ? error : nil, level: level, convention: convention),
      observations: sample.observations, leftOut: sample.leftOut, notes: notes)
  }

  /// The convention in a few words.
  private var convention: String {
    var parts = ["local polynomial density, order \(order) + 1", kernel.rawValue]
    parts.append(variance == .jackknife ? "jackknife" : "plug-in")
    if model == .restricted { parts.append("restricted") }
    if case .selected(let rule) = bandwidth { parts.append("bandwidth \(rule.rawValue)") }
    if leavingOut != nil { parts.append("round numbers cut out") }
    return parts.joined(separator: ", ")
  }
}
