/// P-values adjusted for being several by statistics that were resampled together, stepping down from the
/// greatest.
///
/// Each statistic is compared with the greatest resampled one among those that have not been passed yet, so
/// that statistics that move together cost less than by Holm's method, which allows for any dependence.
/// Romano, J. P. and Wolf, M. (2005), doi:10.1198/016214504000000539; the p-values are those of (2016)
/// doi:10.1016/j.spl.2016.02.012. With exchanges of treatment in place of a bootstrap it is Westfall and Young's
/// step-down method (1993, *Resampling-Based Multiple Testing*).
public struct StepDownAdjustment: Sendable, Equatable {
  /// The size of each observed statistic; larger speaks more against its null hypothesis.
  public let observed: [Double]
  /// The sizes under each resample, one array a resample; an undefined one counts as the greatest.
  public let draws: [[Double]]
  /// Whether the resamples are all there are, the observed one among them.
  public let isExact: Bool

  /// Resampled statistics; sizes are made of the absolute values.
  ///
  /// - Throws: `sizeMismatch` for a resample of another length, `missingValue` for an observed statistic
  ///   that is no number, `invalidOption` without resamples.
  public init(
    observed: [Double], draws: [[Double]], isExact: Bool = false
  ) throws(SiblingError) {
    guard !draws.isEmpty else {
      throw SiblingError(.invalidOption, "step-down p-values need a resample or more")
    }
    guard draws.allSatisfy({ $0.count == observed.count }) else {
      throw SiblingError(
        .sizeMismatch, "a resample has not as many statistics as there are hypotheses")
    }
    guard observed.allSatisfy({ !$0.isNaN }) else {
      throw SiblingError(.missingValue, "an observed statistic is missing")
    }
    self.observed = observed.map(\.magnitude)
    self.draws = draws.map { $0.map { $0.isNaN ? .infinity : $0.magnitude } }
    self.isExact = isExact
  }

  /// Statistics count as tied within this share of the observed one.
  private static let tie = 1e-9

  /// The p-value of each hypothesis by itself, from the same resamples.
  public var raw: [Double] {
    observed.indices.map { index in
      let bar = observed[index] * (1 - Self.tie)
      return share(draws.count { $0[index] >= bar })
    }
  }

  /// The adjusted p-values in the order given, never below those of each by itself.
  ///
  /// - Complexity: O(resamples × hypotheses).
  public var adjusted: [Double] {
    let order = observed.indices.sorted { (-observed[$0], $0) < (-observed[$1], $1) }
    var counts = [Int](repeating: 0, count: observed.count)
    for draw in draws {
      // The greatest of those from a place on, going up from the last.
      var greatest = 0.0
      for place in order.indices.reversed() {
        greatest = max(greatest, draw[order[place]])
        if greatest >= observed[order[place]] * (1 - Self.tie) { counts[place] += 1 }
      }
    }
    var result = [Double](repeating: 1, count: observed.count)
    var highest = 0.0
    for (place, index) in order.enumerated() {
      highest = max(highest, share(counts[place]))
      result[index] = highest
    }
    return result
  }

  /// The p-value of a count: the share when all are listed, else with the observed one counted.
  private func share(_ count: Int) -> Double {
    isExact ? Double(count) / Double(draws.count) : Double(1 + count) / Double(1 + draws.count)
  }
}
