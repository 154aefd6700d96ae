internal import Statistics
internal import Tables

/// The treatment of a formula `treatment ~ covariates`.
enum Treatment {
  /// Whether each row of a bound frame is treated.
  ///
  /// - Throws: `badDesign` when the left side is not one treatment with two values,
  ///   `constantTreatment` when all rows have the same.
  static func flags(_ frame: ModelFrame) throws(SiblingError) -> [Bool] {
    guard let response = frame.response else {
      throw SiblingError(
        .formulaSyntax, "the formula needs the treatment on its left side",
        help: "for example treat ~ age + educ")
    }
    let name = frame.formula.responseName ?? "the treatment"
    if let row = response.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' must have two values",
        help: "name the treated level with --treated LEVEL, or write a comparison such as dose > 0",
        row: row, column: frame.formula.responseColumn)
    }
    let treated = response.map { $0 == 1 }
    guard treated.contains(true), treated.contains(false) else {
      throw SiblingError(
        .constantTreatment,
        "every row has the same treatment: '\(name)' is \(treated.contains(true) ? 1 : 0) throughout",
        help: "the rows must hold a treated and a comparison group; check --where and --treated",
        column: frame.formula.responseColumn)
    }
    return treated
  }

  /// The table with its treatment column coded 0/1 by a level; unchanged without one.
  ///
  /// - Throws: `unknownLevel` with the level that may have been meant.
  static func coded(
    _ table: Table, column name: String?, level: String?
  ) throws(SiblingError) -> Table {
    guard let level else { return table }
    guard let name else {
      throw SiblingError(
        .invalidOption, "--treated needs a formula with a plain column on its left side")
    }
    let factor = try table.factor(name)
    guard let code = factor.levels.firstIndex(of: level) else {
      throw SiblingError(
        .unknownLevel, "'\(level)' is not a level of '\(name)'",
        help: factor.levels.count <= 3
          ? "its levels are: " + factor.levels.joined(separator: ", ")
          : "it has \(factor.levels.count) levels; look at the column in the data",
        location: table.headerLocation(name), column: name)
    }
    let values = factor.codes.map { $0 < 0 ? Int.min : $0 == Int32(code) ? 1 : 0 }
    return try table.replacing(Column(name: name, values: .integers(values)))
  }
}
