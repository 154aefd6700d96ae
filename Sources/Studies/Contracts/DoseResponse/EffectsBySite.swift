internal import Statistics
internal import Tables

/// The effect at each treated site: its weighted mean outcome less that of the comparison clients.
///
/// Weights are the study's design's, so the comparison clients resemble the treated as a whole, not each
/// site's clients. The error of the comparison mean, with its sites as clusters, is common to all effects:
/// it belongs to each effect's interval, and cannot tilt a line through them. A site's own error comes
/// from the spread between clients within treated sites, pooled over them, as a small site's own spread is
/// itself poorly known.
struct EffectsBySite {
  /// A site's effect.
  struct Site {
    var name: String
    var estimate: Double
    /// The standard error without the comparison mean's, and with it.
    var ownError, standardError: Double
    /// Satterthwaite's degrees of freedom of the latter.
    var degreesOfFreedom: Double
    var clients: Int
    /// Clients with and without the outcome; nil where it is no yes or no.
    var yes, no: Int?
  }

  var sites: [Site]
  /// The standard error of the comparison mean.
  var comparisonError: Double
  var comparisonSites: Int
  var comparison: (clients: Int, yes: Int?, no: Int?)
  /// What the reader must know.
  var notes: [String]

  /// The effects of a design on one outcome; nil where an arm has too little to tell.
  init?(
    outcome: [Double], treated: [Bool], weights: [Double], sites: Factor
  ) {
    let used = outcome.indices.filter {
      outcome[$0].isFinite && weights[$0] > 0 && sites.codes[$0] >= 0
    }
    let isBinary = used.allSatisfy { outcome[$0] == 0 || outcome[$0] == 1 }
    let others = used.filter { !treated[$0] }
    guard let control = ComparisonMean(outcome, weights, sites, others), control.sites > 1 else {
      return nil
    }
    var parts: [(name: String, mean: Double, people: [Int], size: Double)] = []
    var (squares, freedom) = (0.0, 0.0)
    notes = []
    for (code, name) in sites.levels.enumerated() {
      let people = used.filter { treated[$0] && sites.codes[$0] == Int32(code) }
      guard !people.isEmpty else { continue }
      guard people.count > 1 else {
        notes.append("a site with a single client is left out")
        continue
      }
      let total = people.reduce(0.0) { $0 + weights[$1] }
      let mean = people.reduce(0.0) { $0 + weights[$1] * outcome[$1] } / total
      let spread = people.reduce(0.0) {
        $0 + weights[$1] * (outcome[$1] - mean) * (outcome[$1] - mean)
      }
      let degrees = Double(people.count - 1)
      squares += spread / total * Double(people.count)
      freedom += degrees
      let squared = people.reduce(0.0) { $0 + weights[$1] * weights[$1] }
      parts.append((name, mean, people, total * total / squared))
    }
    guard !parts.isEmpty, freedom > 0, squares > 0 else { return nil }
    let within = squares / freedom
    comparisonError = control.error
    comparisonSites = control.sites
    comparison = (
      others.count, isBinary ? others.count { outcome[$0] == 1 } : nil,
      isBinary ? others.count { outcome[$0] == 0 } : nil
    )
    let shared = control.error * control.error
    self.sites = parts.map { part in
      let own = within / part.size
      let total = own + shared
      return Site(
        name: part.name, estimate: part.mean - control.mean, ownError: own.squareRoot(),
        standardError: total.squareRoot(),
        degreesOfFreedom: total * total
          / (own * own / freedom + shared * shared / Double(control.sites - 1)),
        clients: part.people.count,
        yes: isBinary ? part.people.count { outcome[$0] == 1 } : nil,
        no: isBinary ? part.people.count { outcome[$0] == 0 } : nil)
    }
  }

  /// The weighted mean of the comparison clients, its error clustered by their sites (CR1).
  private struct ComparisonMean {
    var mean: Double
    var error: Double
    var sites: Int

    init?(_ outcome: [Double], _ weights: [Double], _ factor: Factor, _ rows: [Int]) {
      let total = rows.reduce(0.0) { $0 + weights[$1] }
      guard total > 0 else { return nil }
      let mean = rows.reduce(0.0) { $0 + weights[$1] * outcome[$1] } / total
      var scores = [Double](repeating: 0, count: factor.levels.count)
      var isUsed = [Bool](repeating: false, count: factor.levels.count)
      for row in rows {
        scores[Int(factor.codes[row])] += weights[row] * (outcome[row] - mean)
        isUsed[Int(factor.codes[row])] = true
      }
      let count = isUsed.count { $0 }
      guard count > 1 else { return nil }
      let sum = scores.reduce(0.0) { $0 + $1 * $1 }
      self.mean = mean
      error = (Double(count) / Double(count - 1) * sum).squareRoot() / total
      sites = count
    }
  }
}
