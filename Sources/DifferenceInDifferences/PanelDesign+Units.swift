internal import Statistics

extension PanelDesign {
  /// For each unit and period the row, or −1: entry unit · periods + period.
  func rowTable() -> [Int32] {
    var table = [Int32](repeating: -1, count: units * periods.count)
    for row in 0..<rows {
      table[Int(unit.codes[row]) * periods.count + Int(period[row])] = Int32(row)
    }
    return table
  }

  /// A row-level factor as one of units, refused where it varies within a unit.
  func unitLevel(_ clusters: Factor) throws(SiblingError) -> Factor {
    guard clusters.count == rows else {
      throw SiblingError(
        .sizeMismatch, "There are \(clusters.count) clusters for \(rows) rows.",
        help: "Give each row one cluster.")
    }
    var codes = [Int32](repeating: -1, count: units)
    for row in 0..<rows {
      let code = clusters.codes[row]
      let place = Int(unit.codes[row])
      guard code >= 0 else {
        throw SiblingError(
          .missingValue, "A row has no cluster.", help: "Drop rows whose cluster is missing.",
          row: row)
      }
      if codes[place] >= 0, codes[place] != code {
        throw SiblingError(
          .badDesign, "A unit moves between clusters.",
          help: "Cluster by something that does not change within units.", row: row)
      }
      codes[place] = code
    }
    return Factor(codes: codes, levels: clusters.levels)
  }

  /// A period or an event time as text: whole numbers without a fraction.
  static func label(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// Refuses arrays of another length and outcomes that are not finite.
  func check(
    outcome: [Double], covariates: DesignMatrix?, weights: [Double]?
  ) throws(SiblingError) {
    guard outcome.count == rows, covariates?.rows ?? rows == rows, weights?.count ?? rows == rows
    else {
      throw SiblingError(
        .sizeMismatch, "The panel has \(rows) rows, the outcome \(outcome.count).",
        help: "Give the outcome, covariates and weights one entry a row.")
    }
    if let row = outcome.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "The outcome is missing or not finite.",
        help: "Drop rows with missing values before fitting.", row: row)
    }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw SiblingError(
        .badWeight, "A weight is negative, missing or not finite.",
        help: "Weights must be zero or positive numbers.", row: row)
    }
  }
}
