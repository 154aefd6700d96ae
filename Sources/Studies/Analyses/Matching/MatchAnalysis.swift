internal import Matching
internal import Statistics
internal import Tables

/// `match`: every row with its score, weight and matched set, or the pairs.
struct MatchAnalysis: VerbAnalysis {
  var design: MatchDesign
  var settings: CommonSettings
  var wantsPairs: Bool
  var wantsData: Bool
  /// The column that identifies a row of an engine.
  var rowKey: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let method = MatchDesign.method(named: try options.choice(.matchMethod)) ?? .nearest
    design = try MatchDesign(formula: formula, options: options, method: method)
    settings = try CommonSettings(options)
    wantsPairs = try options.flag(.pairs)
    wantsData = try options.flag(.data)
    rowKey = try options.rowKey()
    if wantsPairs, wantsData {
      throw options.wrong(.data, "can't be combined with --pairs")
    }
    if wantsPairs, !design.hasPairs {
      throw options.wrong(
        .pairs,
        "does not apply to \(method.name), which makes "
          + (method == .cardinality ? "none" : "strata"))
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try design.apply(to: table, settings: settings)
    guard let match = sample.match else {
      throw SiblingError(.internalError, "a matching method returned no match")
    }
    var notes = sample.notes
    notes.append(Self.summary(match))
    if wantsPairs {
      let rows = sample.rows
      return AnalysisOutput(
        columns: [
          .integers("treated_row", match.pairs.map { rows[$0.treatedRow] + 1 }),
          .integers("comparison_row", match.pairs.map { rows[$0.comparisonRow] + 1 }),
          .numbers("distance", match.pairs.map(\.distance)),
          .integers("pair", match.pairs.map(\.set)),
        ], notes: notes
      ).ofPeople
    }
    var columns = Self.columns(sample, match: match, rowCount: table.rowCount)
    if wantsData {
      let taken = Set(columns.map(\.name))
      columns = table.columns + columns.filter { table[$0.name] == nil }
      let clashing = table.names.filter { taken.contains($0) }
      if !clashing.isEmpty {
        notes.append(
          "not printed because the data have columns of that name: "
            + clashing.joined(separator: ", "))
      }
    }
    return AnalysisOutput(columns: columns, notes: notes).ofPeople
  }

  /// One row for every row of the data; rows that lacked a value are unmatched without a score.
  private static func columns(_ sample: MatchedSample, match: Match, rowCount: Int) -> [Column] {
    var treated = [Int?](repeating: nil, count: rowCount)
    var distance = [Double?](repeating: nil, count: rowCount)
    var weight = [Double?](repeating: 0, count: rowCount)
    var subclass = [Int?](repeating: nil, count: rowCount)
    for (index, row) in sample.rows.enumerated() {
      treated[row] = sample.treated[index] ? 1 : 0
      if !sample.score.isEmpty { distance[row] = sample.score[index] }
      weight[row] = sample.weights[index]
      subclass[row] = match.subclass[index] < 0 ? nil : Int(match.subclass[index])
    }
    return [
      .integers("row", (0..<rowCount).map { $0 + 1 }), .integers("treated", treated),
      .numbers("distance", distance), .numbers("weight", weight),
      .integers("subclass", subclass),
    ]
  }

  /// The match in a sentence, with its certificate.
  private static func summary(_ match: Match) -> String {
    let rules = match.certificate.checks.map(\.rule).joined(separator: ", ")
    let number = match.subclassFactor?.levels.count ?? 0
    func counted(_ count: Int, _ one: String, _ many: String) -> String {
      "\(count) \(count == 1 ? one : many)"
    }
    // Sets of several are counted as sets: full matching has more pairs than sets.
    let sets =
      match.certificate.cardinality != nil
      ? "samples with balanced means"
      : match.pairs.isEmpty
        ? counted(number, "stratum", "strata")
        : !match.allowsReuse && number > 0 && number < match.pairs.count
          ? counted(number, "set", "sets") : counted(match.certificate.pairs, "pair", "pairs")
    return "\(match.treated.matched) of \(match.treated.all) treated and "
      + "\(match.comparison.matched) of \(match.comparison.all) comparisons matched in "
      + "\(sets); checked again: " + (rules.isEmpty ? "no rule" : rules)
      + (match.certificate.preferred.map { "; \($0) pairs within the preferred level" } ?? "")
      + (match.certificate.objective.map {
        "; total distance \($0.primal), lower bound \($0.dual)"
      } ?? "")
      + (match.certificate.cardinality.map {
        "; \($0.kept) units kept, upper bound \($0.bound), value of the linear programme"
          + " \(NumberText.significant($0.relaxation, digits: 8))"
      } ?? "")
      + (match.certificate.smallestCaliper.map {
        $0 < .infinity
          ? "; the smallest caliper that leaves nobody short of a match is \($0) in the distance's own"
            + " units (--caliper-raw)"
          : "; no caliper would give everybody all matches"
      } ?? "")
  }
}

extension AnalysisOutput {
  /// The same output, marked as one row a person.
  fileprivate var ofPeople: AnalysisOutput {
    var output = self
    output.hasRowsOfPeople = true
    return output
  }
}
