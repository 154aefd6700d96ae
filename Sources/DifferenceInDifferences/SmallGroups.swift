internal import Statistics

/// Groups of one or two independent units, for which formulas give standard errors far too small.
///
/// With so few, their spread about each other says next to nothing of the spread that could have been,
/// and a regression fits part of it away. The estimate stands, its standard error does not.
enum SmallGroups {
  /// Groups of at most this many have no standard error.
  static let most = GroupTimeResult.smallCohort

  /// The number of different codes of some rows.
  static func count(_ factor: Factor, where isCounted: (Int) -> Bool) -> Int {
    var seen = [Bool](repeating: false, count: factor.levels.count)
    var count = 0
    for (row, code) in factor.codes.enumerated() where code >= 0 && !seen[Int(code)] {
      guard isCounted(row) else { continue }
      seen[Int(code)] = true
      count += 1
    }
    return count
  }

  /// The estimate without standard error, test and interval.
  static func withheld(_ estimate: Estimate) -> Estimate {
    Estimate(
      term: estimate.term, estimate: estimate.estimate, standardError: nil,
      convention: "no honest standard error")
  }

  /// Why a standard error is withheld.
  static func note(_ what: String) -> String {
    "\(what) one or two independent units, from which no honest standard error can be had: use"
      + " randomisation inference, few-clusters, or pool more units."
  }
}

extension PanelDesign {
  /// How many independent units, or clusters of them, are treated at some time; nil where errors are
  /// not clustered.
  func treatedClusters(_ covariance: CovarianceEstimator) -> Int? {
    guard case .cluster(_, let factors, _) = covariance, let clusters = factors.first,
      clusters.count == rows
    else { return nil }
    if clusters == unit { return treatedUnits }
    return SmallGroups.count(clusters) { groups[Int(unit.codes[$0])] != nil }
  }
}
