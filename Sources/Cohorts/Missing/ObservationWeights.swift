internal import LinearAlgebra
internal import Statistics

/// Weights that let those whose outcome is known stand for everybody like them.
///
/// In each arm the probability of a known outcome is estimated by a logistic regression on the
/// covariates and predictors, which lets arm and covariates interact freely; a known outcome weighs
/// the arm's share of known outcomes over that probability (Robins, Rotnitzky & Zhao 1995,
/// doi:10.1080/01621459.1995.10476493). The greatest weights are cut at a quantile.
struct ObservationWeights: Sendable {
  /// Each row's factor; 1 where nothing is unknown, 0 where the outcome is unknown.
  private(set) var factors: [Double]
  /// Rows whose factor was cut.
  private(set) var truncated = 0
  /// The least estimated probability of a known outcome.
  private(set) var leastProbability = 1.0
  /// What the models had to leave out.
  private(set) var notes: [String] = []
  /// The models, to carry their uncertainty on.
  private var parts: [Part] = []

  private struct Part {
    var rows: [Int]
    var columns: [[Double]]
    var probability: [Double]
    var bread: Matrix
    var kept: [Int]
    var share: Double
    var total: Double
    var isCut: [Bool]
  }

  /// Estimates the weights.
  ///
  /// - Throws: `separation` or `nonConvergence` where some kind of person's outcome is never known.
  init(_ evidence: OutcomeEvidence, truncation: Double) throws(SiblingError) {
    factors = evidence.outcome.map { $0.isNaN ? 0 : 1 }
    for group in [true, false] {
      let rows = (0..<evidence.count).filter {
        evidence.treatment[$0] == group && evidence.isUsed($0)
      }
      guard rows.contains(where: { !evidence.isKnown($0) }) else { continue }
      parts.append(try Self.part(evidence, rows, &notes))
    }
    for part in parts {
      for (place, row) in part.rows.enumerated() where evidence.isKnown(row) {
        factors[row] = part.share / part.probability[place]
        leastProbability = min(leastProbability, part.probability[place])
      }
    }
    let known = parts.flatMap(\.rows).filter { evidence.isKnown($0) }
    guard truncation < 1, !known.isEmpty else { return }
    let limit = Self.quantile(known.map { factors[$0] }, truncation)
    for index in parts.indices {
      for (place, row) in parts[index].rows.enumerated()
      where evidence.isKnown(row) && factors[row] > limit {
        factors[row] = limit
        parts[index].isCut[place] = true
        truncated += 1
      }
    }
  }

  private static func part(
    _ evidence: OutcomeEvidence, _ rows: [Int], _ notes: inout [String]
  ) throws(SiblingError) -> Part {
    let weights = evidence.weights.map { all in rows.map { all[$0] } }
    let isKnown = rows.map { evidence.isKnown($0) }
    let covariates = Array(zip(evidence.covariateNames, evidence.covariates))
    let predictors = evidence.predictors.enumerated().map { ("predictor \($0 + 1)", $1) }
    // Few unknown outcomes can't tell many covariates apart: then the predictors alone, which were
    // chosen for this, say who is known.
    let attempts = predictors.isEmpty ? [covariates] : [covariates + predictors, predictors]
    var (columns, fit): ([[Double]], GeneralizedLinearFit?) = ([], nil)
    for (number, attempt) in attempts.enumerated() {
      let part = [("(Intercept)", [Double](repeating: 1, count: evidence.count))] + attempt
      columns = part.map { column in rows.map { column.1[$0] } }
      do throws(SiblingError) {
        fit = try GeneralizedLinearModel(family: .binomial).fit(
          DesignMatrix(
            matrix: Matrix(
              rows: rows.count, columns: columns.count, storage: columns.flatMap { $0 }),
            names: part.map(\.0)),
          response: isKnown.map { $0 ? 1 : 0 }, weights: weights)
        if number > 0 {
          notes.append(
            "ipcw: too few outcomes are unknown in an arm for all covariates, so the predictors alone"
              + " say there who is known")
        }
        break
      } catch {
        guard number + 1 < attempts.count,
          [.separation, .nonConvergence, .rankDeficient].contains(error.code)
        else { throw error }
      }
    }
    guard let fit else {
      throw SiblingError(.internalError, "no model of known outcomes was fitted")
    }
    var (known, total) = (0.0, 0.0)
    for (place, row) in rows.enumerated() {
      let weight = weights?[place] ?? 1
      total += weight
      if evidence.isKnown(row) { known += weight }
    }
    return Part(
      rows: rows, columns: columns, probability: fit.fitted, bread: fit.equations.bread,
      kept: fit.keptColumns, share: known / total, total: total,
      isCut: [Bool](repeating: false, count: rows.count))
  }

  /// What the estimated weights add to each row's score, given how the estimate moves with the
  /// logarithm of each row's weight.
  ///
  /// The system of estimating equations is stacked: logit, share of known outcomes, outcome model.
  /// The place at which weights are cut is taken as given.
  func influence(_ slopes: [Double], _ evidence: OutcomeEvidence) -> [Double] {
    var influence = [Double](repeating: 0, count: evidence.count)
    for part in parts {
      var gradient = [Double](repeating: 0, count: part.columns.count)
      var towardsShare = 0.0
      for (place, row) in part.rows.enumerated() where evidence.isKnown(row) && !part.isCut[place] {
        let slope = -(1 - part.probability[place]) * slopes[row]
        for k in gradient.indices { gradient[k] += slope * part.columns[k][place] }
        towardsShare += slopes[row] / part.share
      }
      let reach = part.bread.times(part.kept.map { gradient[$0] })
      for (place, row) in part.rows.enumerated() {
        let weight = evidence.weights?[row] ?? 1
        let known = evidence.isKnown(row) ? 1.0 : 0.0
        var along = 0.0
        for (k, column) in part.kept.enumerated() {
          along += reach[k] * part.columns[column][place]
        }
        influence[row] =
          weight
          * (along * (known - part.probability[place])
            + towardsShare * (known - part.share) / part.total)
      }
    }
    return influence
  }

  /// The quantile of R's default type 7.
  static func quantile(_ values: [Double], _ probability: Double) -> Double {
    let sorted = values.sorted()
    let position = probability * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
  }
}
