internal import Engines
internal import Statistics
internal import Tables

/// A design on rows that were fetched from an engine with their score: what is left to do in memory.
struct StreamedDesign {
  /// The rows, in order.
  var table: Table
  /// The design with the fetched score as its distance.
  var design: MatchDesign
  /// The settings with the treatment coded.
  var settings: CommonSettings
  /// What was dropped, read and fitted.
  var notes: [String]

  /// The notes of a run on the table, after those of fetching it; what lacked a score has been told already.
  func notes(with own: [String]) -> [String] {
    notes + own.filter { !$0.contains("rows left out for missing values") }
  }
}

extension MatchDesign {
  /// What of the design needs every covariate in memory; nil where a score for each row is enough.
  var needsCovariates: String? {
    switch method {
    case .nearest, .optimal, .full, .quick, .subclass: break
    default: return method.name
    }
    if metric != nil { return "the distance '\(distance)'" }
    if mahalanobisOn != nil { return "--mahalanobis-on" }
    if !usesColumn, scoreLink != .logit {
      return "a score with the link '\(scoreLink.rawValue)'"
    }
    return nil
  }

  /// Fits the score from sums, and fetches for each row the treatment, the score, the columns of the rules and
  /// `columns`: matching needs no more, and it is the one thing that no sums can do.
  ///
  /// - Throws: what is wrong with the formula, the columns or the score; the engine's failures.
  func streamed(
    _ data: EngineData, _ settings: CommonSettings, columns extra: [String] = [],
    complete: [String] = [], key: String?
  ) throws(SiblingError) -> StreamedDesign {
    let (frame, zeros) = try engineFrame(data, settings, needing: complete)
    guard let treatment = frame.response else {
      throw SiblingError(
        .formulaSyntax, "the formula needs the treatment on its left side",
        help: "for example treat ~ age + educ")
    }
    guard settings.clusters.count == frame.clusters.count else {
      throw NeedsRows.error("cluster() in the formula of a design that matches")
    }
    var columns: [String] = []
    let named =
      self.columns + settings.clusters + (settings.weights.map { [$0] } ?? []) + complete + extra
    for name in named where !columns.contains(name) { columns.append(name) }
    var rows = StreamedRows(data, columns: columns)
    rows.key = key
    func free(_ name: String) -> String {
      var name = name
      while columns.contains(name) || name == key { name += "_" }
      return name
    }
    let treated = free(frame.formula.formula.responseColumn ?? "treated")
    // A row that misses anything takes no part, whether or not the score reads what it misses.
    func whole(_ value: RowExpression) -> RowExpression {
      frame.formula.isComplete.map { .chosen($0, then: value, otherwise: .missing) } ?? value
    }
    rows.computed = [NamedExpression(treated, whole(treatment))]
    var small = self
    var notes = zeros + frame.notes
    small.formula = "`\(treated)` ~ 1"
    if !usesColumn {
      let score = try EngineScore(frame)
      if !score.dropped.isEmpty {
        notes.append("left out of the score: \(score.dropped.joined(separator: ", "))")
      }
      let isLinear = Self.scores[distance]?.isLinear ?? false
      rows.layers = score.layers
      let value = isLinear ? score.linearPredictor : score.probability
      small.distance = free("fitted_score")
      rows.computed.append(NamedExpression(small.distance, whole(value)))
    }
    if key == nil, data.engine.kind != .memory {
      notes.append(
        "rows have no order in \(data.engine.kind.title): they are taken by their values, which settles"
          + " ties; name a column that identifies them with --row-key")
    }
    var plain = settings
    plain.treated = nil
    return StreamedDesign(
      table: try rows.table(), design: small, settings: plain, notes: notes)
  }
}

extension OptionValues {
  /// The column that identifies a row of an engine.
  ///
  /// - Throws: `invalidOption` without an engine: rows of a file have an order.
  func rowKey() throws(SiblingError) -> String? {
    guard isGiven(.rowKey) else { return nil }
    guard isGiven(.engine) else { throw wrong(.rowKey, "is for --engine") }
    return text(.rowKey)
  }
}
