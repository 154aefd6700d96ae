internal import Statistics

/// Trimming bounds of the effect on those whose outcome would be known in either arm.
///
/// Lee, D. S. (2009), doi:10.1111/j.1467-937X.2009.00536.x. In the arm whose outcomes are more often
/// known, the excess share of known outcomes is cut from the top or from the bottom; tied outcomes are
/// cut in part. It assumes that treatment makes nobody's outcome less known, or nobody's more. No
/// covariates are used. Standard errors rest on each person's influence, which gives Lee's variance.
struct LeeBounds: Sendable {
  let rows: [MissingEvidence.Row]
  let notes: [String]

  /// Nil where weights or ties leave nobody to compare.
  init?(_ evidence: OutcomeEvidence, estimand: EvidenceEstimand, level: Double) {
    guard !evidence.isComplete else {
      (rows, notes) = ([], [])
      return
    }
    let treated = Arm(evidence, true)
    let comparison = Arm(evidence, false)
    let isTreatedTrimmed = treated.share > comparison.share
    let (more, less) = isTreatedTrimmed ? (treated, comparison) : (comparison, treated)
    let kept = less.share / more.share
    guard kept > 0, more.known > 0, less.known > 0 else { return nil }
    var rows: [MissingEvidence.Row] = []
    for isLow in [true, false] {
      // The treated's top is cut for the lower bound; the comparisons' bottom likewise.
      let cutsTop = isLow == isTreatedTrimmed
      let trimmed = more.trimmed(keeping: kept, cutsTop: cutsTop, evidence)
      var influence = [Double](repeating: 0, count: evidence.count)
      let sign = isTreatedTrimmed ? 1.0 : -1.0
      for (row, value) in trimmed.influence { influence[row] += sign * value }
      for row in more.rows {
        let known = evidence.isKnown(row) ? 1.0 : 0.0
        let weight = evidence.weights?[row] ?? 1
        influence[row] -=
          sign * trimmed.slope * kept / more.share * weight * (known - more.share) / more.total
      }
      for row in less.rows {
        let known = evidence.isKnown(row) ? 1.0 : 0.0
        let weight = evidence.weights?[row] ?? 1
        influence[row] +=
          sign * trimmed.slope / more.share * weight * (known - less.share) / less.total
        if known > 0 {
          influence[row] -= sign * weight * (evidence.outcome[row] - less.mean) / less.known
        }
      }
      let clusters = evidence.cluster?.droppingUnusedLevels().levels.count
      var variance = LinearContrast.squares(
        influence, evidence.cluster?.codes, evidence.cluster?.levels.count)
      if let clusters { variance *= Double(clusters) / Double(max(1, clusters - 1)) }
      let value = sign * (trimmed.mean - less.mean)
      rows.append(
        MissingEvidence.Row(
          reading: isLow ? .leeLow : .leeHigh,
          estimate: Estimate(
            term: "always known", estimate: value, standardError: variance.squareRoot(),
            degreesOfFreedom: clusters.map { Double($0 - 1) }, level: level,
            convention: clusters.map { "influence, G=\($0), t(\($0 - 1))" } ?? "influence, z"),
          rows: Int(evidence.counts.all - evidence.counts.unknown)))
    }
    self.rows = rows
    let arm = isTreatedTrimmed ? "treated" : "comparison"
    notes = [
      "lee: \(MissingEvidence.rounded(100 * (1 - kept))) in 100 known outcomes of the \(arm) arm are"
        + " trimmed; without covariates, for those whose outcome would be known in either arm"
    ]
  }

  /// One arm's known outcomes.
  private struct Arm {
    var rows: [Int]
    var total = 0.0
    var known = 0.0
    var mean = 0.0
    var share: Double { known / total }

    init(_ evidence: OutcomeEvidence, _ group: Bool) {
      rows = (0..<evidence.count).filter {
        evidence.treatment[$0] == group && evidence.isUsed($0)
      }
      var sum = 0.0
      for row in rows {
        let weight = evidence.weights?[row] ?? 1
        total += weight
        guard evidence.isKnown(row) else { continue }
        known += weight
        sum += weight * evidence.outcome[row]
      }
      mean = sum / known
    }

    /// The mean of the lowest (or highest) share of the known outcomes, each person's influence on it,
    /// and its slope in that share.
    func trimmed(
      keeping share: Double, cutsTop: Bool, _ evidence: OutcomeEvidence
    ) -> (mean: Double, influence: [(Int, Double)], slope: Double) {
      let known = rows.filter { evidence.isKnown($0) }
      let sorted = known.sorted {
        cutsTop
          ? evidence.outcome[$0] < evidence.outcome[$1]
          : evidence.outcome[$0] > evidence.outcome[$1]
      }
      let wanted = share * self.known
      var (taken, sum) = (0.0, 0.0)
      var edge = sorted.first.map { evidence.outcome[$0] } ?? .nan
      for row in sorted where taken < wanted {
        let weight = min(evidence.weights?[row] ?? 1, wanted - taken)
        taken += weight
        sum += weight * evidence.outcome[row]
        edge = evidence.outcome[row]
      }
      let mean = sum / wanted
      // Values beyond the edge count as the edge: the influence of a mean of a tail.
      let capped = known.map {
        cutsTop ? min(evidence.outcome[$0], edge) : max(evidence.outcome[$0], edge)
      }
      let middle = share * mean + (1 - share) * edge
      let influence = zip(known, capped).map { row, value in
        (row, (evidence.weights?[row] ?? 1) * (value - middle) / (share * self.known))
      }
      return (mean, influence, (edge - mean) / share)
    }
  }
}
