public import Statistics

extension PanelDesign {
  /// The first treated period of each row's unit, from whether each row is treated; nil for never.
  ///
  /// `treatment` is 0 or 1, rows in any order. Where a unit misses periods, its first treated period
  /// is the first in which it is seen treated.
  /// - Throws: `sizeMismatch`; `missingValue` for a row without unit or period; `badValue` for a
  ///   treatment that is neither 0 nor 1; `badDesign`, at the row, where a unit's treatment ends:
  ///   estimators of absorbing treatments would go on counting it as treated. The row is named.
  /// - Complexity: O(n log n).
  public static func groups(
    unit: Factor, time: [Double], treatment: [Double]
  ) throws(SiblingError) -> [Double?] {
    try requireSizes(unit, time, [Double?](repeating: nil, count: treatment.count))
    if let row = treatment.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw SiblingError(
        .badValue, "Treatment must be 0 or 1 in every row.",
        help: "Code it 1 in the periods in which the unit is treated, else 0.", row: row)
    }
    let byTime = Sorting.order(time)
    var starts = [Double?](repeating: nil, count: unit.levels.count)
    for place in byTime {
      let row = Int(place)
      let code = Int(unit.codes[row])
      if treatment[row] == 1 {
        if starts[code] == nil { starts[code] = time[row] }
      } else if starts[code] != nil {
        throw SiblingError(
          .badDesign, "A unit's treatment ends: it is untreated here after having been treated.",
          help:
            "These estimators are for treatments that last. Leave out the periods after it ends,"
            + " or treat the unit as treated from its start and say so.",
          row: row)
      }
    }
    return unit.codes.map { starts[Int($0)] }
  }
}
