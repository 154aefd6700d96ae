public import Statistics
public import Tables

/// A formula bound to rows of an engine: what an estimator from sums needs, with no row read.
///
/// The counterpart of a `ModelFrame`: the same rows, columns, names and codings.
public struct EngineFrame {
  /// The rows, with the filter that keeps the complete ones.
  public let data: EngineData
  /// The formula.
  public let formula: SymbolicFormula
  /// The design, intercept first where there is one; without columns when arms were asked for.
  public let design: SymbolicDesign
  /// The outcome as a number; text with two levels as 0 and 1.
  public let response: RowExpression?
  /// 1 where the row has the event; nil unless the formula is a survival formula.
  public let event: RowExpression?
  /// The strata.
  public let strata: [EngineFactor]
  /// The columns of `cluster(…)`, or of the option.
  public let clusters: [EngineFactor]
  /// The fixed effects after `|`, and those of the option.
  public let absorbed: [EngineFactor]
  /// What the terms divide rows by, when arms were asked for.
  public let arms: [EngineFactor]
  /// The weight of a row; nil where all count alike.
  public let weights: RowExpression?
  /// The number of rows that are used.
  public let rowCount: Int
  /// What was dropped and how columns were read.
  public let notes: [String]

  /// What a frame is bound with besides its formula.
  public struct Options {
    /// The column of weights.
    public var weights: String?
    /// Columns of clusters.
    public var clusters: [String] = []
    /// Columns of fixed effects.
    public var absorbed: [String] = []
    /// Other columns that may not be missing.
    public var alsoComplete: [String] = []
    /// The level that counts as treated.
    public var treated: String?
    /// Whether a row that misses a value is an error.
    public var missingIsError = false
    /// Whether the terms divide rows into arms instead of making a design.
    public var wantsArms = false

    /// The usual options.
    public init() {}
  }

  /// Binds a formula to the rows of an engine: two queries, and one for each factor.
  ///
  /// - Throws: as `Formula.bind`, without places in a file; the engine's failures.
  public init(
    _ text: String, to data: EngineData, _ options: Options = Options()
  ) throws(SiblingError) {
    let needed =
      options.clusters + options.absorbed + options.alsoComplete
      + (options.weights.map { [$0] } ?? [])
    // Options' columns stand nowhere in the formula, so that the source is the place of the error.
    for name in needed { _ = try data.factor(name) }
    let formula = try SymbolicFormula(
      Formula(parsing: text), over: data.columns, defining: data.definitions,
      alsoComplete: needed)
    self.formula = formula
    let (rows, dropped) = try Self.complete(data, formula, options)
    var notes: [String] = []
    var levels: [SymbolicFactor: SymbolicLevels] = [:]
    func known(_ factor: SymbolicFactor) throws(SiblingError) -> SymbolicLevels {
      if let known = levels[factor] { return known }
      let found = try rows.data.levels(of: factor)
      levels[factor] = found
      return found
    }
    func named(
      _ part: SymbolicFormula.Part, _ name: String
    ) throws(SiblingError) -> EngineFactor {
      EngineFactor(
        label: part.label, factor: part.factor, levels: try known(part.factor), name: name)
    }
    if options.wantsArms {
      design = SymbolicDesign(empty: ())
    } else {
      for factor in formula.factors { _ = try known(factor) }
      design = try formula.design(levels, treated: options.treated)
    }
    response = try formula.response.map { part throws(SiblingError) in
      try Self.response(part, options.treated, &notes) { factor throws(SiblingError) in
        try known(factor)
      }
    }
    event = try formula.time.map { _ throws(SiblingError) in
      guard let part = formula.event else { return .constant(1) }
      return try Self.event(part, &notes) { factor throws(SiblingError) in try known(factor) }
    }
    var (strata, clusters, absorbed, arms):
      (
        [EngineFactor], [EngineFactor], [EngineFactor], [EngineFactor]
      ) = ([], [], [], [])
    for (index, part) in formula.strata.enumerated() {
      strata.append(try named(part, "stratum\(index)"))
    }
    if options.wantsArms {
      for (index, part) in formula.arms.enumerated() {
        arms.append(try named(part, "arm\(index)"))
      }
    }
    for (index, part) in formula.clusters.enumerated() where options.clusters.isEmpty {
      clusters.append(try named(part, "cluster\(index)"))
    }
    for (index, column) in options.clusters.enumerated() {
      let factor = try data.factor(column)
      clusters.append(
        EngineFactor(
          label: column, factor: factor, levels: try known(factor), name: "cluster\(index)"))
    }
    for (index, part) in formula.absorbed.enumerated() {
      absorbed.append(try named(part, "effect\(index)"))
    }
    for (index, column) in options.absorbed.enumerated() {
      let factor = try data.factor(column)
      absorbed.append(
        EngineFactor(
          label: column, factor: factor, levels: try known(factor),
          name: "effect\(formula.absorbed.count + index)"))
    }
    (self.strata, self.clusters, self.absorbed, self.arms) = (strata, clusters, absorbed, arms)
    weights = try options.weights.map { column throws(SiblingError) in try data.number(column) }
    self.data = rows.data
    rowCount = rows.count
    // As for rows in memory: how columns were read, then what was left out.
    self.notes = notes + dropped
  }
}

extension EngineFrame {
  /// A frame of the same formula with another outcome and other columns, over other rows.
  func with(
    _ data: EngineData, design: SymbolicDesign, response: RowExpression, weights: RowExpression?
  ) -> EngineFrame {
    EngineFrame(self, data, design, response, weights)
  }

  private init(
    _ frame: EngineFrame, _ data: EngineData, _ design: SymbolicDesign, _ response: RowExpression,
    _ weights: RowExpression?
  ) {
    (self.data, self.design, self.response, self.weights) = (data, design, response, weights)
    (formula, event, rowCount, notes) = (frame.formula, frame.event, frame.rowCount, frame.notes)
    (strata, clusters, absorbed, arms) = ([], [], [], [])
  }
}

/// A factor of a frame with its levels.
public struct EngineFactor {
  /// As R writes it.
  public let label: String
  /// What a row has.
  public let factor: SymbolicFactor
  /// The levels among the rows used.
  public let levels: SymbolicLevels
  /// The name of its key in queries.
  public let name: String

  /// The factor as a key of groups.
  public var key: GroupKey { factor.key(name) }

  /// For each cell the place of its level.
  public func codes(_ cells: Cells, key: Int) -> [Int] { factor.codes(cells, key: key, levels) }
}
