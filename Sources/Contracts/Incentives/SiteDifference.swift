internal import Statistics

/// A difference in mean scores between two arms, jobs clustered in sites.
///
/// CR2 with Satterthwaite's degrees of freedom, in closed form: the scores are regressed on the arm alone, so
/// each site's leverage works on its sums. A site with jobs in both arms is one cluster.
struct SiteDifference: Sendable {
  /// Sums of scores and jobs, by site, treated and comparison.
  struct Site: Sendable {
    var sum = (treated: 0.0, comparison: 0.0)
    var jobs = (treated: 0.0, comparison: 0.0)
  }

  let means: (treated: Double, comparison: Double)
  /// Standard errors of the arms' means and of the difference.
  let errors: (treated: Double, comparison: Double, difference: Double)
  /// Degrees of freedom of the same.
  let degrees: (treated: Double, comparison: Double, difference: Double)

  var difference: Double { means.treated - means.comparison }
  var statistic: Double { difference / errors.difference }

  /// The comparison; nil with an arm in fewer than two sites.
  init?(_ sites: [Site]) {
    let treated = Arm(sites.map { ($0.sum.treated, $0.jobs.treated) })
    let comparison = Arm(sites.map { ($0.sum.comparison, $0.jobs.comparison) })
    guard let treated, let comparison else { return nil }
    means = (treated.mean, comparison.mean)
    var variance = (0.0, 0.0, 0.0)
    for site in sites.indices {
      let (a, b) = (treated.scores[site], comparison.scores[site])
      variance.0 += a * a
      variance.1 += b * b
      variance.2 += (a - b) * (a - b)
    }
    errors = (variance.0.squareRoot(), variance.1.squareRoot(), variance.2.squareRoot())
    // Σ over pairs of sites of (p·p)², from sums of powers: p·p is 1{g = h}·nw² − (nw)(nw)/N by arm.
    degrees = (
      Self.degrees([treated]), Self.degrees([comparison]), Self.degrees([treated, comparison])
    )
  }

  /// One arm.
  private struct Arm {
    var mean: Double
    var total: Double
    /// Each site's adjusted sum of residuals over the arm's jobs.
    var scores: [Double]
    /// Each site's jobs times its weight, and times its weight squared.
    var first: [Double]
    var second: [Double]

    init?(_ sites: [(sum: Double, jobs: Double)]) {
      let jobs = sites.reduce(0) { $0 + $1.jobs }
      guard sites.count(where: { $0.jobs > 0 }) >= 2 else { return nil }
      let mean = sites.reduce(0) { $0 + $1.sum } / jobs
      total = jobs
      self.mean = mean
      let weights = sites.map { 1 / (1 - $0.jobs / jobs).squareRoot() / jobs }
      scores = zip(sites, weights).map { ($0.sum - $0.jobs * mean) * $1 }
      first = zip(sites, weights).map { $0.jobs * $1 }
      second = zip(sites, weights).map { $0.jobs * $1 * $1 }
    }
  }

  private static func degrees(_ arms: [Arm]) -> Double {
    // trace² / trace of the square of the matrix diag(d) − Σ by arm of f f′/N
    let count = arms[0].first.count
    let diagonal = (0..<count).map { site in arms.reduce(0) { $0 + $1.second[site] } }
    var trace = diagonal.reduce(0, +)
    var square = diagonal.reduce(0) { $0 + $1 * $1 }
    for arm in arms {
      for site in 0..<count {
        let own = arm.first[site] * arm.first[site] / arm.total
        trace -= own
        square -= 2 * diagonal[site] * own
      }
      for other in arms {
        let cross = zip(arm.first, other.first).reduce(0) { $0 + $1.0 * $1.1 }
        square += cross * cross / (arm.total * other.total)
      }
    }
    return trace * trace / square
  }
}
