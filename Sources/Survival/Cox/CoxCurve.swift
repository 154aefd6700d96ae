internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Survival curves that a Cox model predicts for people of given covariates.
///
/// S(t) = exp(−Λ(t)), Λ the hazard summed up to t, its ties split as in the fit (Breslow's way for
/// exact ties). The variance of Λ is Σdλ² + c′Vc, with c the sum of hazard steps times the
/// covariates less their mean in the risk set, and V the robust variance where the fit has one.
///
/// Tsiatis (1981), doi:10.1214/aos/1176345335; Andersen & Gill (1982), doi:10.1214/aos/1176345976.
/// - Complexity: O((n + m) p) for the model and O(m p²) a curve, for m distinct times.
public struct CoxCurve: Sendable, Equatable {
  /// How confidence limits of survival are made.
  public var interval: CurveInterval
  /// The confidence level.
  public var level: Double

  /// An estimator with log intervals at 95%.
  public init(interval: CurveInterval = .log, level: Double = 0.95) {
    self.interval = interval
    self.level = level
  }

  /// One person's curve in one stratum.
  public struct Prediction: Sendable, Equatable {
    /// Survival, with the numbers at risk in the stratum (weighted where the fit is); its arm is the
    /// label of the person, with the stratum where there are strata.
    public var survival: Curve
    /// The cumulative hazard at the same times.
    public var hazard: [Double]
    /// Its standard error.
    public var hazardError: [Double]
  }

  /// Predicts a curve for each person and each stratum with events, at all distinct times.
  ///
  /// `covariates` has a row of numbers for each person, in the order of the coefficients; the offset
  /// is taken as zero.
  /// - Throws: `invalid-option` (the level), `size-mismatch` or `bad-value` for covariates.
  public func predict(
    _ fit: CoxFit, at covariates: [[Double]], labels: [String]
  ) throws(SiblingError) -> [Prediction] {
    try Checks.level(level)
    try Checks.count(labels.count, is: covariates.count, "the list of labels")
    for point in covariates {
      try Checks.count(point.count, is: fit.names.count, "a person's covariates")
      for (j, value) in point.enumerated() where !value.isFinite {
        throw SiblingError(.badValue, "a covariate is missing or infinite", column: fit.names[j])
      }
    }
    let sums = fit.state.hazardMeans()
    let data = fit.data
    let rows = GroupedRows(
      fit.times.order, codes: fit.strata?.codes, levels: fit.strata?.levels.count ?? 1)
    var result: [Prediction] = []
    for (point, label) in zip(covariates, labels) {
      for groups in data.sets.strataRanges {
        let code = Int(data.sets.stratum[groups.lowerBound])
        let own = rows.rows[rows.begins[code]..<rows.begins[code + 1]]
        let steps = RiskSteps(fit.times, rows: own, weights: fit.weights)
        let name = fit.strata.map {
          label.isEmpty ? $0.levels[code] : "\(label), \($0.levels[code])"
        }
        let (hazard, error) = hazards(fit, groups, point, sums)
        result.append(prediction(name ?? label, steps, fit, groups, hazard, error))
      }
    }
    return result
  }

  /// The cumulative hazard and its standard error at the stratum's groups, earliest first.
  private func hazards(
    _ fit: CoxFit, _ groups: Range<Int>, _ point: [Double], _ sums: HazardMeans
  ) -> (hazard: [Double], error: [Double]) {
    let data = fit.data
    let code = Int(data.sets.stratum[groups.lowerBound])
    let variance = (fit.robustCovariance ?? fit.covariance).selecting(both: fit.kept)
    let distance = fit.kept.enumerated().map { point[$1] - data.centres[code, $0] }
    var shift = -data.offsetLevel
    for (k, j) in fit.kept.enumerated() { shift += distance[k] * fit.coefficients[j] }
    let scale = exp(shift)
    var (hazard, error): ([Double], [Double]) = ([], [])
    var square = 0.0
    for g in groups.reversed() {
      let base = fit.state.cumulative.pointer[g]
      square += fit.state.square.pointer[g]
      let slope = distance.indices.map { distance[$0] * base - sums.cumulative[g, $0] }
      hazard.append(base * scale)
      error.append(scale * (square + variance.quadraticForm(slope)).squareRoot())
    }
    return (hazard, error)
  }

  /// The curve at all times of the stratum, hazards held between events.
  private func prediction(
    _ name: String, _ steps: RiskSteps, _ fit: CoxFit, _ groups: Range<Int>,
    _ hazard: [Double], _ error: [Double]
  ) -> Prediction {
    let times = groups.reversed().map { fit.times.distinct[Int(fit.data.sets.time[$0])] }
    var (all, errors): ([Double], [Double]) = ([], [])
    var next = 0
    for time in steps.times {
      while next < times.count, times[next] <= time { next += 1 }
      all.append(next > 0 ? hazard[next - 1] : 0)
      errors.append(next > 0 ? error[next - 1] : 0)
    }
    let survival = all.map { exp(-$0) }
    let spread = zip(survival, errors).map { $0 * $1 }
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    let limits = interval.limits(survival, spread, reach: reach)
    return Prediction(
      survival: Curve(
        arm: name, times: steps.times, atRisk: steps.atRisk, events: steps.events,
        censored: steps.censored, estimate: survival, standardError: spread, low: limits.low,
        high: limits.high, level: level,
        convention: "Cox survival, exp(−hazard), \(interval.rawValue) interval"),
      hazard: all, hazardError: errors)
  }
}

extension CoxCurve.Prediction {
  /// The prediction at given times only, events and censored counted since the last one; missing
  /// past the last time of the stratum.
  public func at(times: [Double]) -> CoxCurve.Prediction {
    let sorted = times.sorted()
    func read(_ values: [Double]) -> [Double] {
      sorted.map { time in
        guard time <= (survival.times.last ?? 0) else { return .nan }
        let step = survival.times.partitionPoint { $0 <= time }
        return step > 0 ? values[step - 1] : 0
      }
    }
    return CoxCurve.Prediction(
      survival: survival.at(sorted, initial: 1), hazard: read(hazard),
      hazardError: read(hazardError))
  }
}

/// Risk-set means of the covariates times the hazard step, summed over time: groups × terms.
struct HazardMeans {
  let cumulative: Matrix
}

extension CoxState {
  /// Σ_k w̄(RX − fEX)/D² at each group, summed from the stratum's first event time.
  func hazardMeans() -> HazardMeans {
    let (m, p) = (data.sets.count, data.x.columns)
    let result = Shared<Double>(count: m * p)
    Parallel.forBlocks(p) { [self] j in
      let column = result.pointer + j * m
      let (a2, b2) = (square.pointer, cross.pointer)
      riskSetSums(column: j) { g, total, tied in column[g] = a2[g] * total - b2[g] * tied }
      accumulate(column, into: column)
    }
    return HazardMeans(cumulative: Matrix(rows: m, columns: p, storage: result.array))
  }
}
