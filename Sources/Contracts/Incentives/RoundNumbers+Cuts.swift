internal import Statistics

/// Durations as distances from a threshold.
struct DurationDistances: Sendable {
  /// Distances; NaN where the duration is not known or was cut out.
  var values: [Double]
  /// Durations cut out because they are round numbers.
  var leftOut: Int

  /// Distances, round numbers cut out and the gaps closed.
  ///
  /// Cutting out the heaped days alone would leave a hole next to the threshold; closing it leaves the law that
  /// unrounded durations have, as far as rounding draws evenly from either side.
  /// - Throws: `badValue` for a value that is not finite or round numbers out of range.
  init(
    _ raw: [Double], from threshold: Double, leavingOut round: RoundNumbers? = nil
  ) throws(SiblingError) {
    for (row, value) in raw.enumerated() where value.isInfinite {
      throw SiblingError(.badValue, "a value is not finite", row: row)
    }
    guard let round, !round.sets.isEmpty else {
      values = raw.map { $0 - threshold }
      leftOut = 0
      return
    }
    try round.check()
    let (cuts, grain) = (round.merged, round.grain)
    let own = cuts.count { $0 < threshold - grain / 2 }
    var removed = 0
    values = raw.map { value in
      if value.isNaN { return .nan }
      // The first cut that is not wholly below the value.
      var (low, high) = (0, cuts.count)
      while low < high {
        let middle = (low + high) / 2
        if cuts[middle] < value - grain / 2 { low = middle + 1 } else { high = middle }
      }
      if low < cuts.count, (value - cuts[low]).magnitude < grain / 2 {
        removed += 1
        return .nan
      }
      let distance = value - threshold - grain * Double(low - own)
      let steps = (distance / grain).rounded()
      // Days must stay whole days, or ties would come apart.
      return (distance / grain - steps).magnitude < 1e-6 ? steps * grain : distance
    }
    leftOut = removed
  }
}

extension RoundNumbers {
  /// - Throws: `badValue` for a width or position out of range.
  func check() throws(SiblingError) {
    guard grain > 0, grain.isFinite, sets.allSatisfy({ $0.positions.allSatisfy(\.isFinite) })
    else {
      throw SiblingError(
        .badValue, "round numbers must be finite and the width of one above zero")
    }
  }
}
