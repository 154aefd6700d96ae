internal import Matching
internal import Statistics
internal import Tables

/// The matched or weighted sample as a table, for analyses that read a table.
enum MatchedRows {
  private static let sets = "sibling_pair"
  private static let weight = "sibling_weight"

  /// The rows with a weight, their weights and matched sets beside them as columns.
  ///
  /// - Throws: `badValue` when the study has no design.
  static func table(
    _ table: Table, _ phase: DesignPhase?, for what: String
  ) throws(SiblingError) -> Table {
    guard let sample = phase?.sample else {
      throw SiblingError(
        .badValue, "\(what) asks for the matched sample, but nothing is matched",
        help: "add a 'matching' section or say 'sample: all'")
    }
    let kept = sample.weights.indices.filter { sample.weights[$0] > 0 }
    var result = table.selecting(rows: kept.map { sample.rows[$0] })
    result = try result.adding(
      Column(name: weight, values: .doubles(kept.map { sample.weights[$0] })))
    if let factor = sample.match?.subclassFactor {
      result = try result.adding(
        Column(name: sets, values: .integers(kept.map { Int(factor.codes[$0]) })))
    }
    return result
  }

  /// The options of an analysis on that table; unchanged without a design.
  static func options(_ given: OptionValues, _ phase: DesignPhase?) -> OptionValues {
    guard let phase else { return given }
    var options = given
    options.set(.weights, to: weight)
    if phase.sample.match?.subclassFactor != nil { options.set(.cluster, to: sets) }
    return options
  }
}
