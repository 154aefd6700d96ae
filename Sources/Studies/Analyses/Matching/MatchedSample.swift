internal import Matching
internal import Statistics
internal import Tables

/// A design applied to data: who is treated, the scores, the weights, and the rows they belong to.
struct MatchedSample {
  /// The formula bound to the table: its rows are the sample's.
  var frame: ModelFrame
  /// Whether each row is treated.
  var treated: [Bool]
  /// The name of the treatment column.
  var treatmentName: String
  /// The score or distance measure of each row.
  var score: [Double]
  /// The weight of each row after matching or weighting; 0 is left out.
  var weights: [Double]
  /// The match; nil for weighting.
  var match: Match?
  /// The weighting; nil for matching.
  var weighting: PropensityWeighting?
  /// The covariates whose balance is measured.
  var covariates: [BalanceCovariate]
  /// Whose effect remains, in words.
  var population: String
  /// Things that the reader must know.
  var notes: [String]
}

extension MatchDesign {
  /// Applies the design to a table.
  ///
  /// - Throws: what is wrong with the formula, the data or the design, located in the file.
  func apply(
    to table: Table, settings: CommonSettings, alsoComplete: [String] = []
  ) throws(SiblingError) -> MatchedSample {
    let parsed = try Formula(parsing: formula)
    let (table, treatmentName) = try Treatment.coded(table, formula: parsed, level: settings.treated)
    let frame = try parsed.bind(
      to: table, missing: settings.missingIsError ? .error : .drop,
      alsoComplete: columns + alsoComplete + (settings.weights.map { [$0] } ?? []))
    do {
      return try sample(table, frame: frame, name: treatmentName, settings: settings)
    } catch {
      throw table.locating(error, rows: frame.rows)
    }
  }

  private func sample(
    _ table: Table, frame: ModelFrame, name: String, settings: CommonSettings
  ) throws(SiblingError) -> MatchedSample {
    let treated = try Treatment.flags(frame, name: name)
    let rows = frame.rows
    var sampling: [Double]?
    if let column = settings.weights {
      let all = try table.doubles(column)
      sampling = rows.map { all[$0] }
    }
    var notes = frame.notes
    let score: [Double]
    var fit: PropensityScore.Result?
    if usesColumn {
      guard table[distance] != nil else {
        throw SiblingError(
          .invalidOption, "--distance is neither a known score nor a column of the data",
          help: "scores: " + Self.scores.keys.sorted().joined(separator: ", "),
          suggestion: nearestName(to: distance, among: Self.scores.keys.sorted() + table.names),
          column: distance)
      }
      let all = try table.doubles(distance)
      score = rows.map { all[$0] }
    } else {
      let result = try fitScore(frame.design, treated: treated, weights: sampling)
      fit = result
      score = result.score
      notes += result.notes
    }
    return try assemble(
      Parts(
        table: table, frame: frame, treated: treated, name: name, score: score, fit: fit,
        sampling: sampling, notes: notes))
  }
}
