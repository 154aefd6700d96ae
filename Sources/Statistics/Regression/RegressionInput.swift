internal import LinearAlgebra

/// What every regression checks before it starts.
struct RegressionInput {
  /// Rows with positive weight.
  var observations: Int
  /// Their total weight.
  var totalWeight: Double
  /// The weighted mean response.
  var mean: Double

  init(
    _ design: DesignMatrix, _ response: [Double], _ weights: [Double]?, _ offset: [Double]?,
    responseName: String = "the outcome"
  ) throws(SiblingError) {
    for (count, name) in [
      (response.count, "response"), (weights?.count ?? design.rows, "weights"),
      (offset?.count ?? design.rows, "offset"),
    ] where count != design.rows {
      throw SiblingError(
        .sizeMismatch, "The design has \(design.rows) rows, but the \(name) has \(count).")
    }
    guard design.rows > 0 else {
      throw SiblingError(
        .tooFewObservations, "There are no rows to fit a model to.",
        help: "Check filters and missing values.")
    }
    try Self.requireFinite(response, "The outcome")
    if let offset { try Self.requireFinite(offset, "The offset") }
    try Self.requireWeights(weights)
    (observations, totalWeight, mean) = Self.total(response, weights)
    guard observations > 0 else {
      throw SiblingError(
        .badWeight, "All weights are zero.", help: "Give some rows a positive weight.")
    }
    if Self.isConstant(response, weights) {
      throw SiblingError(
        .constantOutcome, "\(responseName.capitalizedFirst) has the same value in every row used.",
        help: "A model needs an outcome that varies; check the filter and the outcome's coding.")
    }
  }

  private static func requireFinite(_ values: [Double], _ name: String) throws(SiblingError) {
    guard let row = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw SiblingError(
      .missingValue, "\(name) is missing or not finite.",
      help: "Drop rows with missing values before fitting.", row: row)
  }

  private static func requireWeights(_ weights: [Double]?) throws(SiblingError) {
    guard let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) else { return }
    throw SiblingError(
      .badWeight, "A weight is negative, missing or not finite.",
      help: "Weights must be zero or positive numbers.", row: row)
  }

  private static func total(
    _ response: [Double], _ weights: [Double]?
  ) -> (Int, Double, Double) {
    guard let weights else {
      return (
        response.count, Double(response.count), response.reduce(0, +) / Double(response.count)
      )
    }
    var (rows, total, sum) = (0, 0.0, 0.0)
    for (y, weight) in zip(response, weights) where weight > 0 {
      rows += 1
      total += weight
      sum += weight * y
    }
    return (rows, total, sum / total)
  }

  private static func isConstant(_ response: [Double], _ weights: [Double]?) -> Bool {
    guard let weights else { return response.allSatisfy { $0 == response[0] } }
    var first: Double?
    for (y, weight) in zip(response, weights) where weight > 0 {
      if let first, first != y { return false }
      first = y
    }
    return true
  }

  /// Throws for the first cell of the design that is not finite, if there is one.
  static func requireFinite(_ design: DesignMatrix) throws(SiblingError) {
    guard let cell = design.matrix.storage.firstIndex(where: { !$0.isFinite }) else { return }
    throw SiblingError(
      .missingValue, "A value in the model is missing or not finite.",
      help: "Drop rows with missing values before fitting; log(0) is not finite either.",
      row: cell % design.rows, column: design.names[cell / design.rows])
  }
}

extension String {
  /// The string with its first letter in upper case.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

/// The note for columns that are combinations of earlier ones.
func droppedNote(_ names: [String]) -> String? {
  guard !names.isEmpty else { return nil }
  let list = names.map { "`\($0)`" }.joined(separator: ", ")
  return names.count == 1
    ? "\(list) is a combination of earlier terms and was left out."
    : "\(list) are combinations of earlier terms and were left out."
}
