internal import Statistics
internal import Tables

/// A formula bound to a table with the weights and clusters of the options, on complete rows.
struct BoundFormula {
  /// The table that was bound.
  private(set) var table: Table
  /// The bound formula.
  private(set) var frame: ModelFrame
  /// The weights of the used rows.
  var weights: [Double]?
  /// The columns that the formula could see when it was bound: those that a dot in it stands for.
  let seen: [String]
  /// The column of the weights.
  let weightsColumn: String?
  /// The clusters of the used rows, one factor a column.
  let clusters: [Factor]

  /// Binds a formula.
  ///
  /// - Throws: what is wrong with the formula or the data, located.
  init(
    _ text: String, to table: Table, settings: CommonSettings, alsoComplete: [String] = [],
    causes: Bool = false, purpose: ModelFrame.Purpose = .design
  ) throws(SiblingError) {
    let needed = settings.clusters + (settings.weights.map { [$0] } ?? []) + alsoComplete
    let formula = try Formula(parsing: text)
    let table = try Self.treatedLast(table, formula, settings.treated)
    frame = try formula.bind(
      to: table, missing: settings.missingIsError ? .error : .drop, alsoComplete: needed,
      treatedLevel: settings.treated, causes: causes, purpose: purpose)
    self.table = table
    seen = table.names
    var weights: [Double]?
    if let column = settings.weights { weights = try frame.numbers(of: column) }
    self.weights = weights
    weightsColumn = settings.weights
    var clusters: [Factor] = []
    for column in settings.clusters { clusters.append(try frame.factor(of: column)) }
    self.clusters = clusters.isEmpty ? frame.clusters : clusters
  }

  /// The table with the treated level last in the column of arms, so that contrasts are of the treated
  /// with the others whatever the levels are called; as it is where the left side is the treatment.
  private static func treatedLast(
    _ table: Table, _ formula: Formula, _ treated: String?
  ) throws(SiblingError) -> Table {
    guard let treated, formula.isSurvival || !formula.hasResponse else { return table }
    for name in try formula.termColumns(in: table.names) {
      guard case .text(let factor)? = table[name]?.values,
        let code = factor.levels.firstIndex(of: treated), code < factor.levels.count - 1
      else { continue }
      var levels = factor.levels
      levels.remove(at: code)
      levels.append(treated)
      let last = Int32(levels.count - 1)
      let codes = factor.codes.map { old in
        old == Int32(code) ? last : old > Int32(code) ? old - 1 : old
      }
      return try table.replacing(
        Column(name: name, values: .text(Factor(codes: codes, levels: levels))))
    }
    return table
  }

  /// The table with the columns that the formula could see.
  ///
  /// - Throws: `internalError` at most.
  func seenTable() throws(SiblingError) -> Table {
    seen.count == table.columns.count ? table : try table.selecting(columns: seen)
  }

  /// The same rows with the columns of another table of them within reach, for outcomes that the design
  /// did not see.
  ///
  /// - Throws: `sizeMismatch` when that table has another number of rows.
  func reaching(_ other: Table) throws(SiblingError) -> BoundFormula {
    var bound = self
    bound.table = try table.filledUp(from: other)
    bound.frame = try frame.reaching(other)
    return bound
  }

  /// Rows left out because their weight is zero; they are among the dropped.
  var zeroWeights = 0

  /// What was said of the rows before the formula was bound.
  var earlierNotes: [String] = []

  /// Runs an estimator and gives its errors their place in the file.
  ///
  /// - Throws: what `body` throws, located.
  func locating<Result>(
    _ body: () throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    do {
      return try body()
    } catch {
      throw table.locating(error, rows: frame.rows)
    }
  }

  /// One cluster factor, crossed when two columns were given.
  func singleCluster() throws(SiblingError) -> Factor? {
    guard clusters.count > 1 else { return clusters.first }
    throw SiblingError(
      .invalidOption, "this estimator takes one column of clusters",
      help: "two-way clusters are for regress, event-study and did --method twfe", column: "cluster"
    )
  }

  /// What was dropped and how columns were read.
  var notes: [String] {
    var notes = earlierNotes + frame.notes
    if frame.droppedRows > 0 {
      let detail = frame.dropped.map { "\($0.column) \($0.count)" }.joined(separator: ", ")
      let cause = zeroWeights > 0 ? "missing values or zero weights" : "missing values"
      notes.append(
        "\(frame.droppedRows) of \(table.rowCount) rows left out for \(cause) (\(detail))")
    }
    return notes
  }
}
