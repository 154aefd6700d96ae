public import Statistics

/// A formula bound to a table: what an estimator needs, on the rows that are complete.
///
/// Every array has one entry for each of `rows`. Make one with
/// ``Formula/bind(to:missing:alsoComplete:treatedLevel:causes:purpose:)``.
public struct ModelFrame: Sendable {
  /// The formula that was bound.
  public let formula: Formula
  /// The rows of the table that are used, from zero and ascending.
  public let rows: [Int]
  /// The design, intercept first; without columns when the purpose is `arms`.
  ///
  /// Survival formulas and those with absorbed effects have the intercept too, so that factors are
  /// coded by contrasts: remove it with `removingIntercept()`.
  public let design: DesignMatrix
  /// The outcome; nil for survival and one-sided formulas.
  public let response: [Double]?
  /// The survival times and events of `Surv(…)`.
  public let survival: SurvivalResponse?
  /// The strata of `strata(…)`, with levels such as `site=1` and `a=1, b=2`.
  public let strata: Factor?
  /// The arms that the terms cross into, such as `sex=1, ph.ecog=0`, when the purpose is `arms`;
  /// nil for `~ 1`.
  public let groups: Factor?
  /// The sum of the `offset(…)` terms.
  public let offset: [Double]?
  /// The columns of `cluster(…)`.
  public let clusters: [Factor]
  /// The fixed effects after `|`, one factor each, without unused levels.
  public let absorbed: [Factor]
  /// For each column how many rows miss it, in the order of the formula; columns without are left out.
  public let dropped: [MissingCount]
  /// How many rows were left out because something was missing.
  public let droppedRows: Int
  /// What the user should be told about how columns were read.
  public let notes: [String]

  var table: Table
  let layout: DesignLayout
  let variables: [DesignVariable?]

  /// What to do with rows that miss a value.
  public enum MissingRule: Sendable, Equatable {
    /// Leave the row out and count it.
    case drop
    /// Refuse, naming the first row and column.
    case error
  }

  /// What the right side is read for.
  public enum Purpose: Sendable, Equatable {
    /// A design matrix.
    case design
    /// Arms to compare, as for Kaplan–Meier curves and the log-rank test.
    case arms
  }

  /// How many rows miss a value of a column.
  public struct MissingCount: Sendable, Equatable {
    /// The column, or the term when it is computed from several columns.
    public var column: String
    /// The rows that miss it.
    public var count: Int
  }

  /// The frame with the columns of another table of the same rows within reach of `numbers(of:)` and
  /// `factor(of:)`; columns that it has already stay as they are.
  ///
  /// - Throws: `sizeMismatch` when that table has another number of rows.
  public func reaching(_ other: Table) throws(SiblingError) -> ModelFrame {
    var frame = self
    frame.table = try table.filledUp(from: other)
    return frame
  }

  /// The numbers of a column on the rows that are used; dates as days, truth values as 0 and 1.
  ///
  /// - Throws: `unknownColumn`; `wrongType` for text; `missingValue` and `badValue` at the first row
  ///   without a finite number. Columns named in `alsoComplete` miss nothing.
  public func numbers(of column: String) throws(SiblingError) -> [Double] {
    let values = FrameValues(try table.column(column))
    return try values.numbers(column, rows: rows, table: table, refusesMissing: true)
  }

  /// A column as a factor on the rows that are used, whatever its type, without unused levels.
  ///
  /// - Throws: `unknownColumn`, or `missingValue` at the first row that misses it.
  public func factor(of column: String) throws(SiblingError) -> Factor {
    try FrameValues(try table.column(column)).factor(
      column, rows: rows, table: table, refusesMissing: true)
  }

  /// The design with one column of the table set to a value in every row, for standardisation.
  ///
  /// Terms that read the column are computed again; levels, polynomials and splines keep what the
  /// data gave them. A boolean column takes 0 and 1 for false and true; a text column takes 0 and 1
  /// for the first and second of the levels that occur in the rows used.
  /// - Throws: `unknownColumn`; `badValue` when the column's type cannot hold the value, or a term
  ///   cannot be computed from it; `unknownLevel` when the value is not among a factor's levels.
  /// - Complexity: a copy of the design, and the columns that change.
  public func design(
    settingColumn name: String, to value: Double
  ) throws(SiblingError) -> DesignMatrix {
    let changed = try table.setting(name, to: value, rows: rows)
    var variables = variables
    var isStale = [Bool](repeating: false, count: variables.count)
    for (index, variable) in variables.enumerated() {
      guard let variable, variable.syntax.columnNames.contains(name) else { continue }
      isStale[index] = true
      variables[index] = try variable.evaluated(
        again: changed, rows: rows, source: formula.source)
    }
    return layout.updating(design, variables, isStale, rows: rows, of: table.rowCount)
  }
}

extension Table {
  /// The table with one column constant.
  fileprivate func setting(
    _ name: String, to value: Double, rows: [Int]
  ) throws(SiblingError) -> Table {
    let refusal = SiblingError(
      .badValue, "column '\(name)' cannot be set to \(numberText(value))",
      help: "whole-number columns take whole numbers; boolean and text columns take 0 or 1",
      column: name)
    let values: Column.Values
    switch try column(name).values {
    case .integers:
      guard let whole = Int(exactly: value) else {
        values = .doubles([Double](repeating: value, count: rowCount))
        break
      }
      values = .integers([Int](repeating: whole, count: rowCount))
    case .doubles: values = .doubles([Double](repeating: value, count: rowCount))
    case .booleans:
      guard value == 0 || value == 1 else { throw refusal }
      values = .booleans([Int8](repeating: Int8(value), count: rowCount))
    case .dates:
      guard let day = Int32(exactly: value) else { throw refusal }
      values = .dates([Int32](repeating: day, count: rowCount))
    case .text(let factor):
      var used = [Bool](repeating: false, count: factor.levels.count)
      for row in rows where factor.codes[row] >= 0 { used[Int(factor.codes[row])] = true }
      let present = used.indices.filter { used[$0] }
      guard value == 0 || value == 1, present.count > Int(value) else { throw refusal }
      let code = Int32(present[Int(value)])
      values = .text(
        Factor(codes: [Int32](repeating: code, count: rowCount), levels: factor.levels))
    }
    guard value.isFinite else { throw refusal }
    return try replacing(Column(name: name, values: values))
  }
}
