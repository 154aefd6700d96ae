internal import Glibc
internal import LinearAlgebra
public import Statistics

/// The mean number of recurrent events by a time, by arm, with an event that ends them all.
///
/// μ(t) = Σ S(u−) d(u)/n(u) over event times u ≤ t, with S the Kaplan–Meier curve of the terminal
/// event: whoever has ended can have no more events, and counts as having had those that came
/// before. With at most one event a person, no one censored before it, it is the cumulative
/// incidence. The standard error is the infinitesimal jackknife, summed over people or clusters,
/// to first order that of Ghosh and Lin. Rows may be weighted and enter late.
///
/// Dong et al. (2015), doi:10.1093/aje/kwu289; Ghosh & Lin (2000),
/// doi:10.1111/j.0006-341X.2000.00554.x.
/// - Complexity: O(n) an arm after the sort, for n rows.
public struct MeanCumulativeCount: Sendable, Equatable {
  /// How confidence limits are made.
  public enum Interval: String, Sendable, CaseIterable {
    /// On log μ.
    case log = "log"
    /// On μ, cut at zero.
    case plain = "plain"
  }

  /// How confidence limits are made.
  public var interval: Interval
  /// The confidence level.
  public var level: Double

  /// An estimator with log intervals at 95%.
  public init(interval: Interval = .log, level: Double = 0.95) {
    self.interval = interval
    self.level = level
  }

  /// Estimates the mean count of each arm that has rows.
  ///
  /// The event of `times` is the terminal one; `counted` marks rows that end with an event that is
  /// counted. With starts, each row is a part of its person's follow-up, and rows of one person
  /// follow each other. Without, a person is followed from the beginning to the last of its rows,
  /// and several rows may share a time. Influences are summed by `cluster`, or by person without one.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-weight`, `bad-interval` (rows of a person that
  ///   overlap), `bad-value` (a row after a person's terminal event, or an event that is both),
  ///   `no-events` or `invalid-option`.
  public func fit(
    _ times: SurvivalTimes, counted: [Bool], person: Factor, by group: Factor? = nil,
    weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> MeanCumulativeCountFit {
    try Checks.level(level)
    try Checks.count(counted.count, is: times.count, "the events counted")
    try Checks.factor(person, rows: times.count, "person")
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: false)
    guard counted.contains(true) else {
      throw SiblingError(.noEvents, "no row ends with the event that is counted")
    }
    if let row = counted.indices.first(where: { counted[$0] && times.event[$0] }) {
      throw SiblingError(
        .badValue, "an event is both counted and terminal", row: row, column: "event")
    }
    let rows = try FollowUp(times, person)
    let levels = group?.levels ?? ["all"]
    let grouped = GroupedRows(times.order, codes: group?.codes, levels: levels.count)
    let arms = levels.indices.filter { grouped.begins[$0] < grouped.begins[$0 + 1] }
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    let people = cluster ?? person
    let curves = Parallel.mapBlocks(arms.count) { index in
      let range = grouped.begins[arms[index]]..<grouped.begins[arms[index] + 1]
      let steps = CountSteps(times, counted, rows, grouped.rows[range], weights)
      let errors = steps.standardErrors(people)
      let limits = self.limits(steps.mean, errors, reach)
      return Curve(
        arm: levels[arms[index]], times: steps.times, atRisk: steps.atRisk, events: steps.counts,
        censored: steps.censored, estimate: steps.mean, standardError: errors, low: limits.low,
        high: limits.high, level: level,
        convention: "mean cumulative count, \(interval.rawValue) interval, infinitesimal jackknife")
    }
    return MeanCumulativeCountFit(
      curves: curves, observations: times.count, people: person.occupiedLevels,
      clusters: cluster?.occupiedLevels,
      notes: rows.endsAtEvent(counted) > 0
        ? [
          "\(rows.endsAtEvent(counted)) people are not followed after their last event: they count"
            + " as censored then"
        ] : [])
  }

  private func limits(
    _ mean: [Double], _ error: [Double], _ reach: Double
  ) -> (low: [Double], high: [Double]) {
    var (low, high) = (mean, mean)
    for k in mean.indices {
      let distance = reach * error[k]
      switch interval {
      case .plain:
        (low[k], high[k]) = (Swift.max(0, mean[k] - distance), mean[k] + distance)
      case .log:
        let factor = mean[k] > 0 ? exp(distance / mean[k]) : .nan
        (low[k], high[k]) = (mean[k] / factor, mean[k] * factor)
      }
    }
    return (low, high)
  }
}

/// Mean cumulative counts by arm.
public struct MeanCumulativeCountFit: Sendable, Equatable {
  /// A curve an arm: `estimate` is the mean count, `events` the events counted.
  public let curves: [Curve]
  /// The rows used.
  public let observations: Int
  /// The people.
  public let people: Int
  /// The clusters that have rows, when there are clusters.
  public let clusters: Int?
  /// Things the reader must know.
  public let notes: [String]

  /// Each curve read at given times; events and censored are counted since the time before.
  ///
  /// Past an arm's last time the mean is NaN.
  public func at(times: [Double]) -> [Curve] { curves.map { $0.at(times, initial: 0) } }
}
