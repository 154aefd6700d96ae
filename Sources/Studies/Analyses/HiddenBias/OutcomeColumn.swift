internal import Statistics
internal import Tables

/// The outcome of a bound formula's rows as numbers.
enum OutcomeColumn {
  /// The values; a two-level text is 0/1 by the order of its levels.
  ///
  /// - Throws: `unknownColumn`, `wrongType`, `missingValue`, located; `badDesign` when the outcome is
  ///   the treatment or one of the covariates.
  static func values(_ name: String, _ bound: BoundFormula) throws(SiblingError) -> [Double] {
    guard name != bound.frame.formula.responseColumn else {
      throw SiblingError(
        .badDesign, "the outcome is the treatment", help: "name another column with --outcome",
        column: name)
    }
    if try bound.frame.formula.termColumns(in: bound.seen).contains(name) {
      throw SiblingError(
        .badDesign, "the outcome '\(name)' is among the covariates of the design",
        help: "covariates must be fixed before treatment; leave it out", column: name)
    }
    guard let column = bound.table[name], case .text(let factor) = column.values else {
      return try bound.frame.numbers(of: name)
    }
    let levels = factor.droppingUnusedLevels().levels
    guard levels.count == 2 else {
      throw SiblingError(
        .wrongType, "the outcome '\(name)' is text with \(levels.count) levels",
        help: "recode it with --derive, for example 'worked = status == \"yes\"'", column: name)
    }
    let used = try bound.frame.factor(of: name)
    return used.codes.map { used.levels[Int($0)] == levels[1] ? 1 : 0 }
  }
}
