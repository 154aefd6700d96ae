internal import Statistics
internal import Tables

/// Any verb on stacked imputed copies of the data: run once a copy, its rows pooled by Rubin's rules.
///
/// Rubin, D. B. (1987), https://doi.org/10.1002/9780470316696; degrees of freedom of Barnard, J. and
/// Rubin, D. B. (1999), https://doi.org/10.1093/biomet/86.4.948, where the verb's rows have some.
struct PooledAnalysis: TableAnalysis {
  /// The verb's name.
  let verb: String
  /// What runs on each copy.
  let analysis: any VerbAnalysis
  /// The column that numbers the copies.
  let column: String
  /// The confidence level.
  let level: Double

  /// A pooled analysis.
  ///
  /// - Throws: `invalidOption` for a verb that reads no data or imputes itself.
  init(
    _ verb: Verb, _ analysis: any VerbAnalysis, _ options: OptionValues
  ) throws(SiblingError) {
    self.verb = verb.name
    self.analysis = analysis
    column = try options.required(.imputation)
    level = try CommonSettings(options).level
    guard verb.data != .none, !Self.withoutPooling.contains(verb.name) else {
      throw options.wrong(
        .imputation,
        "takes no effect: "
          + (verb.data == .none
            ? "'\(verb.name)' reads no data"
            : "the rows of '\(verb.name)' are people and not estimates"))
    }
  }

  private static let withoutPooling = ["match", "weight", "impute"]

  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    throw SiblingError(
      .usage, "pooling over imputations needs a data file", column: OptionKey.imputation.name)
  }

  /// The pooled rows.
  ///
  /// - Throws: what is wrong with a copy; `missingValue` for a row of no copy; `badDesign` for copies
  ///   of different sizes or with different rows; `tooFewObservations` for fewer than two copies;
  ///   `invalidOption` where the verb's rows can't be pooled.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let copies = try copies(table)
    var outputs: [AnalysisOutput] = []
    for copy in copies.tables {
      do throws(SiblingError) {
        outputs.append(try analysis.run(copy.table))
      } catch {
        var said = error
        said.message = "imputation \(copy.level): " + error.message
        throw said
      }
    }
    guard outputs.count > 1 else {
      throw SiblingError(
        .tooFewObservations,
        outputs.isEmpty
          ? "there is no imputed copy to pool"
          : "there is one imputed copy only, and pooling needs two or more",
        help: "with one copy of the data, the uncertainty of imputing can't be seen",
        column: column)
    }
    guard outputs.allSatisfy(\.files.isEmpty) else {
      throw SiblingError(
        .invalidOption, "what goes to files of its own can't be pooled over imputations",
        help: "leave that output out, or run it on one copy with --where",
        column: OptionKey.imputation.name)
    }
    var pooled = try PooledRows(verb: verb, level: level).pool(outputs, copies.tables.map(\.level))
    pooled.notes = copies.notes + pooled.notes
    return pooled
  }

  /// The copies without the column that numbers them; copy 0 is left out.
  private func copies(
    _ table: Table
  ) throws(SiblingError) -> (tables: [(level: String, table: Table)], notes: [String]) {
    let factor = try table.factor(column)
    if let row = factor.codes.firstIndex(where: { $0 < 0 }) {
      throw table.locating(
        SiblingError(
          .missingValue, "a row belongs to no imputation", help: "fill '\(column)' in every row",
          row: row, column: column))
    }
    var rows = [[Int]](repeating: [], count: factor.levels.count)
    for (row, code) in factor.codes.enumerated() { rows[Int(code)].append(row) }
    let present = factor.levels.indices.filter { !rows[$0].isEmpty }
    let used = present.filter { factor.levels[$0] != "0" }
    if let first = used.first,
      let other = used.first(where: { rows[$0].count != rows[first].count })
    {
      throw SiblingError(
        .badDesign,
        "imputation \(factor.levels[other]) has \(rows[other].count) rows where"
          + " \(factor.levels[first]) has \(rows[first].count): copies of one data set have the same",
        help: "'\(column)' must number the imputed copies of the data stacked in the file",
        location: table.headerLocation(column), column: column)
    }
    guard used.count <= 1000 else {
      throw SiblingError(
        .badDesign,
        "'\(column)' has \(used.count) values and does not look like the number of a"
          + " copy", location: table.headerLocation(column), column: column)
    }
    let plain = try table.dropping(column)
    let notes =
      used.count < present.count
      ? ["imputation 0 is taken for the data before imputation and left out"] : []
    return (used.map { (factor.levels[$0], plain.selecting(rows: rows[$0])) }, notes)
  }
}
