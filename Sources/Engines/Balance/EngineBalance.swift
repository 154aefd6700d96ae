public import Matching
public import Statistics
public import Tables

/// Balance of covariates before and after weighting by a score, for rows that an engine has.
///
/// Of a covariate with at most ``mostValues`` distinct values the weight of each group at each value leaves the
/// engine, from which everything is measured as in memory; of others only moments do.
public struct EngineBalance {
  /// The score and its weights.
  public let propensity: EnginePropensity
  /// The covariates, in order.
  public let covariates: [Covariate]
  /// Whether the score stands first, and on the scale of the linear predictor.
  public let score: ScoreScale
  /// A factor within whose levels balance is measured; nil for everybody at once.
  public let by: EngineFactor?

  /// The most distinct values of a covariate that leave the engine.
  public var mostValues = 100_000

  /// A covariate of the table.
  public struct Covariate {
    /// The name.
    public let name: String
    /// What it is.
    public let value: Value

    /// What a covariate is.
    public enum Value {
      /// A factor, every level of which is a row.
      case factor(SymbolicFactor, SymbolicLevels)
      /// A number.
      case number(RowExpression)
    }

    /// A covariate.
    public init(_ name: String, _ value: Value) { (self.name, self.value) = (name, value) }
  }

  /// The scale of the score.
  public enum ScoreScale: Sendable {
    /// The probability.
    case probability
    /// The linear predictor.
    case linearPredictor
  }

  /// One level of `by`, or everybody.
  public struct Part: Sendable {
    /// The level; nil for everybody.
    public let level: String?
    /// The balance; nil where one of the groups has no rows.
    public let balance: Balance?
    /// For each row of the balance the people of each group, and of those with the row's indicator; nil
    /// where the row is no indicator.
    public let people: [People]
  }

  /// The people behind a row.
  public struct People: Sendable {
    /// All.
    public var all: (treated: Int, comparison: Int)
    /// Those who have what the row indicates.
    public var inLevel: (treated: Int, comparison: Int)?
  }

  /// Balance of covariates under the weights of a score, within each level of a column where one is given.
  ///
  /// - Throws: `unknownColumn`; the engine's failures.
  public init(
    _ propensity: EnginePropensity, covariates: [Covariate], score: ScoreScale = .probability,
    by column: String? = nil
  ) throws(SiblingError) {
    (self.propensity, self.covariates, self.score) = (propensity, covariates, score)
    let data = propensity.frame.data
    by = try column.map { column throws(SiblingError) in
      let factor = try data.factor(column)
      return EngineFactor(
        label: column, factor: factor, levels: try data.levels(of: factor), name: "g")
    }
  }

  /// Measures the balance: one pass to keep what is needed, then one or two for each covariate.
  ///
  /// `name` names the temporary table.
  /// - Throws: the engine's failures; `disclosure` where a level has too few people.
  public func assess(
    _ assessment: BalanceAssessment, name: String = "balance_rows"
  ) throws(SiblingError) -> (parts: [Part], notes: [String]) {
    let frame = propensity.frame
    let engine = frame.data.engine
    frame.data.progress?("keeping scores, weights and covariates")
    try engine.createTemporary(name, .rows(rows()))
    defer { engine.dropTemporary(name) }
    var kept = try EngineData(engine, .temporary(name))
    kept.minimumCell = frame.data.minimumCell
    kept.progress = frame.data.progress
    let pass = BalancePass(balance: self, rows: kept)
    return try pass.run(assessment)
  }

  /// What is kept of each row: `t`, `s`, `w`, the score `d`, covariates `c0`, `c1`, … and `g`.
  private func rows() -> RowQuery {
    let frame = propensity.frame
    let model = propensity.model
    var columns = [
      GroupKey("t", .number(propensity.treated)),
      GroupKey("w", .number(propensity.weight(sampling: true))),
      GroupKey("s", .number(frame.weights ?? .constant(1))),
      GroupKey(
        "d", .number(score == .probability ? propensity.score : model["raw"])),
    ]
    for (index, covariate) in covariates.enumerated() {
      switch covariate.value {
      case .factor(let factor, _): columns.append(factor.key("c\(index)"))
      case .number(let number): columns.append(GroupKey("c\(index)", .number(number)))
      }
    }
    if let by { columns.append(by.factor.key("g")) }
    return RowQuery(
      frame.data.source, keep: frame.data.keep, layers: propensity.layers, columns: columns)
  }
}

extension SymbolicFactor {
  /// The key of a factor in a table that kept it under this name.
  func keptKey(_ name: String) -> GroupKey {
    if case .text = self { return GroupKey(name, .text(column: name)) }
    return GroupKey(name, .number(.column(name)))
  }
}
