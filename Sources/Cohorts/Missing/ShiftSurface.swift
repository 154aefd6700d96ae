internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The effect as a function of the shifts of unknown outcomes in both arms.
struct ShiftSurface: Sendable {
  private let evidence: OutcomeEvidence
  private let level: Double
  private let term: String
  private let contrast: LinearContrast
  private let coefficients: [Double]
  private let treated: Arm
  private let comparison: Arm
  private let degrees: Double?
  /// What imputing adds is multiplied by this; nil without standard errors.
  private let anchor: Double?
  private(set) var notes: [String]

  /// What the people of unknown outcome in one arm would have if missing at random.
  struct Arm: Sendable {
    /// Rows of unknown outcome.
    var rows: [Int]
    /// Their linear predictors.
    var predictors: [Double]
    /// Their columns in the imputation model, those kept.
    var columns: [[Double]]
    /// The covariance of the imputation model's coefficients.
    var bread: Matrix
    /// The residual variance of a numeric outcome.
    var residual: Double
    /// The arm's own predictor, without covariates.
    var base: Double
  }

  init(
    _ evidence: OutcomeEvidence, estimand: EvidenceEstimand, level: Double, byArm: Bool
  ) throws(SiblingError) {
    self.evidence = evidence
    self.level = level
    term = estimand.rawValue
    let everybody = Array(0..<evidence.count)
    let known = everybody.filter { evidence.isKnown($0) }
    contrast = try AdjustedEffect(
      evidence, estimand: estimand, rows: everybody, weights: evidence.weights,
      centredOn: everybody
    ).contrast
    let observed = try AdjustedEffect(
      evidence, estimand: estimand, rows: known, weights: evidence.weights, centredOn: everybody
    ).contrast
    var all = [Double](repeating: 0, count: evidence.count)
    for (row, c) in zip(contrast.rows, contrast.coefficients) { all[row] = c }
    coefficients = all
    degrees = observed.degrees
    notes = MissingEvidence.notes(observed, evidence)
    treated = try Self.arm(evidence, true, byArm, &notes)
    comparison = try Self.arm(evidence, false, byArm, &notes)
    let parts = Self.parts((0, 0), evidence, coefficients, treated, comparison)
    if let target = observed.variance(evidence.outcome),
      let filled = contrast.variance(parts.outcome)
    {
      let added = parts.drawn + parts.estimated
      anchor = added > 0 ? max(1, (target - filled - parts.drawn) / added) : 1
    } else {
      anchor = nil
    }
  }

  /// Log odds of a probability.
  static func logit(_ p: Double) -> Double { log(p) - log1p(-p) }

  /// The predictor of an arm without covariates: its known log odds, or mean.
  func armPredictor(_ isTreated: Bool) -> Double { isTreated ? treated.base : comparison.base }

  /// The effect at a pair of shifts.
  func point(_ treatedShift: Double, _ comparisonShift: Double) -> TippingPoint.Point {
    let parts = Self.parts(
      (treatedShift, comparisonShift), evidence, coefficients, treated, comparison)
    var variance: Double?
    if let anchor, let filled = contrast.variance(parts.outcome) {
      variance = filled + parts.drawn + anchor * (parts.drawn + parts.estimated)
    }
    return TippingPoint.Point(
      treatedShift: treatedShift, comparisonShift: comparisonShift,
      treatedMean: mean(treated, parts.outcome), comparisonMean: mean(comparison, parts.outcome),
      estimate: Estimate(
        term: term, estimate: contrast.value(parts.outcome),
        standardError: variance.map { $0.squareRoot() }, degreesOfFreedom: degrees, level: level,
        convention: "Rubin, infinitely many imputations, " + contrast.convention))
  }

  private func mean(_ arm: Arm, _ outcome: [Double]) -> Double {
    var (sum, total) = (0.0, 0.0)
    for row in arm.rows {
      let weight = evidence.weights?[row] ?? 1
      sum += weight * outcome[row]
      total += weight
    }
    return sum / total
  }

  /// The outcome with expected values for the unknown; the variance of draws about them; and what the
  /// imputation model's estimated coefficients add.
  private static func parts(
    _ shifts: (treated: Double, comparison: Double), _ evidence: OutcomeEvidence,
    _ coefficients: [Double], _ treated: Arm, _ comparison: Arm
  ) -> (outcome: [Double], drawn: Double, estimated: Double) {
    var outcome = evidence.outcome
    var (drawn, estimated) = (0.0, 0.0)
    for (arm, shift) in [(treated, shifts.treated), (comparison, shifts.comparison)] {
      var gradient = [Double](repeating: 0, count: arm.columns.count)
      for (place, row) in arm.rows.enumerated() {
        let predictor = arm.predictors[place] + shift
        let c = coefficients[row]
        var (mean, slope, variance) = (predictor, 1.0, arm.residual)
        if evidence.isBinary {
          let small = exp(-predictor.magnitude)
          mean = predictor >= 0 ? 1 / (1 + small) : small / (1 + small)
          slope = small / ((1 + small) * (1 + small))
          variance = slope
        }
        outcome[row] = mean
        drawn += c * c * variance
        for k in gradient.indices { gradient[k] += c * slope * arm.columns[k][place] }
      }
      if !arm.rows.isEmpty { estimated += arm.bread.quadraticForm(gradient) }
    }
    return (outcome, drawn, estimated)
  }

  /// The imputation model of an arm.
  private static func arm(
    _ evidence: OutcomeEvidence, _ group: Bool, _ byArm: Bool, _ notes: inout [String]
  ) throws(SiblingError) -> Arm {
    let rows = (0..<evidence.count).filter {
      evidence.treatment[$0] == group && evidence.isUsed($0)
    }
    let known = rows.filter { evidence.isKnown($0) }
    let unknown = rows.filter { !evidence.isKnown($0) }
    let plain = plainArm(evidence, group, known, unknown)
    guard !unknown.isEmpty, !byArm, !evidence.covariates.isEmpty else { return plain }
    let source = [[Double](repeating: 1, count: evidence.count)] + evidence.covariates
    func design(_ rows: [Int]) -> DesignMatrix {
      DesignMatrix(
        matrix: Matrix(
          rows: rows.count, columns: source.count,
          storage: source.flatMap { column in rows.map { column[$0] } }),
        names: ["(Intercept)"] + evidence.covariateNames)
    }
    let outcome = known.map { evidence.outcome[$0] }
    let weights = evidence.weights.map { all in known.map { all[$0] } }
    var arm = plain
    do throws(SiblingError) {
      let (coefficients, kept): ([Double], [Int])
      if evidence.isBinary {
        let fit = try GeneralizedLinearModel(family: .binomial).fit(
          design(known), response: outcome, weights: weights)
        (coefficients, kept) = (fit.coefficients, fit.keptColumns)
        arm.bread = fit.equations.bread
      } else {
        let fit = try LeastSquares().fit(design(known), response: outcome, weights: weights)
        (coefficients, kept) = (fit.coefficients, fit.keptColumns)
        arm.residual = fit.equations.dispersion
        arm.bread = fit.equations.bread.scaled(by: arm.residual)
      }
      arm.columns = kept.map { column in unknown.map { source[column][$0] } }
      arm.predictors = design(unknown).matrix.times(coefficients.map { $0.isNaN ? 0 : $0 })
      return arm
    } catch {
      let expected: [SiblingError.Code] = [
        .separation, .nonConvergence, .constantOutcome, .tooFewObservations,
      ]
      guard expected.contains(error.code) else { throw error }
      notes.append(
        "the \(group ? "treated" : "comparison") of unknown outcome are given their arm's mean, not"
          + " one by covariates: \(error.message)")
      return plain
    }
  }

  /// The imputation model of an arm's mean alone.
  private static func plainArm(
    _ evidence: OutcomeEvidence, _ group: Bool, _ known: [Int], _ unknown: [Int]
  ) -> Arm {
    let mean = evidence.knownMean(treated: group)
    let total = known.reduce(0) { $0 + (evidence.weights?[$1] ?? 1) }
    var arm = Arm(
      rows: unknown, predictors: [], columns: [[Double](repeating: 1, count: unknown.count)],
      bread: Matrix(rows: 1, columns: 1), residual: 0, base: mean)
    if evidence.isBinary {
      // Where all known outcomes are the same, half an observation keeps the odds finite.
      let rate = mean > 0 && mean < 1 ? mean : (mean * total + 0.5) / (total + 1)
      arm.base = logit(rate)
      arm.bread[0, 0] = 1 / (total * rate * (1 - rate))
    } else {
      let squares = known.reduce(0.0) { sum, row in
        let gap = evidence.outcome[row] - mean
        return sum + (evidence.weights?[row] ?? 1) * gap * gap
      }
      arm.residual = known.count > 1 ? squares / Double(known.count - 1) : 0
      arm.bread[0, 0] = arm.residual / total
    }
    arm.predictors = [Double](repeating: arm.base, count: unknown.count)
    return arm
  }
}

extension ShiftSurface {
  /// The nearest shifts at which the conclusion changes, for each arm that can be moved.
  func tips() -> [TippingPoint.Tip] {
    let start = point(0, 0)
    var lines: [TippingPoint.Line] = []
    if !treated.rows.isEmpty { lines.append(.treated) }
    if !comparison.rows.isEmpty { lines.append(.comparison) }
    if lines.count == 2 { lines.append(.both) }
    return lines.flatMap { line -> [TippingPoint.Tip] in
      func at(_ shift: Double) -> TippingPoint.Point {
        point(line == .comparison ? 0 : shift, line == .treated ? 0 : shift)
      }
      let isPositive = start.estimate.estimate > 0
      var events: [(event: TippingPoint.Event, isSame: (TippingPoint.Point) -> Bool)] = []
      if start.side != .unclear {
        events.append(
          (start.side == .around ? .excludes : .includes, { $0.side == start.side }))
      }
      events.append((.sign, { ($0.estimate.estimate > 0) == isPositive }))
      let found = Self.nearest(reach(line), at, events.map(\.isSame))
      return zip(events, found).map { event, point in
        TippingPoint.Tip(line: line, event: event.event, point: point)
      }
    }
  }

  /// How far shifts are tried either way: to a probability of all but 0 or 1, or until the unknown have on
  /// average the least or the most that they can have.
  private func reach(_ line: TippingPoint.Line) -> (down: Double, up: Double) {
    guard !evidence.isBinary else { return (16, 16) }
    var reach = (down: Double.infinity, up: Double.infinity)
    let start = Self.parts((0, 0), evidence, coefficients, treated, comparison).outcome
    for (arm, own) in [(treated, TippingPoint.Line.treated), (comparison, .comparison)]
    where !arm.rows.isEmpty && (line == own || line == .both) {
      let middle = mean(arm, start)
      reach.down = min(reach.down, middle - mean(arm, evidence.lower))
      reach.up = min(reach.up, mean(arm, evidence.upper) - middle)
    }
    return (max(0, reach.down), max(0, reach.up))
  }

  /// The first change of each kind on either side, by steps and then by halving.
  private static func nearest(
    _ reach: (down: Double, up: Double), _ at: (Double) -> TippingPoint.Point,
    _ kinds: [(TippingPoint.Point) -> Bool]
  ) -> [TippingPoint.Point?] {
    let steps = 48
    let furthest = max(reach.down, reach.up)
    var found = [TippingPoint.Point?](repeating: nil, count: kinds.count)
    for step in 1...steps {
      // Finer near the start, where differences of probabilities are.
      let inner = furthest * Double((step - 1) * (step - 1)) / Double(steps * steps)
      let outer = furthest * Double(step * step) / Double(steps * steps)
      for (direction, most) in [(-1.0, reach.down), (1.0, reach.up)] where inner < most {
        let end = direction * min(outer, most)
        let point = at(end)
        for (index, isSame) in kinds.enumerated() where found[index] == nil && !isSame(point) {
          var (same, other) = (direction * inner, end)
          for _ in 0..<60 {
            let middle = same + (other - same) / 2
            guard middle != same, middle != other else { break }
            if isSame(at(middle)) { same = middle } else { other = middle }
          }
          found[index] = at(other)
        }
      }
      if found.allSatisfy({ $0 != nil }) { break }
    }
    return found
  }
}
