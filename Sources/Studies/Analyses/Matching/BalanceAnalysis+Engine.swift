internal import Engines
internal import Matching
internal import Statistics
internal import Tables

extension BalanceAnalysis: EngineAnalysis {
  var needsRows: String? {
    if let reason = EngineWeighting.needsRows(design) { return reason }
    if balance.includesInteractions || !balance.powers.isEmpty {
      return "powers and products of covariates need every row"
    }
    switch view {
    case .everybody, .by: return nil
    case .subclasses, .sites: return "balance of strata and sites needs every row"
    case .quantiles, .densities: return "quantiles and densities need every row"
    }
  }

  /// The rows of the verb, from sums.
  ///
  /// - Throws: what is wrong with the data or the design; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    try measured(on: data, wantsOverlap: false).output
  }

  /// The rows of the verb and, where wanted, how far scores overlap; nil where that may not be counted.
  ///
  /// - Throws: what is wrong with the data or the design; the engine's failures.
  func measured(
    on data: EngineData, wantsOverlap: Bool
  ) throws(SiblingError) -> (output: AnalysisOutput, overlap: EngineOverlap?) {
    if let needsRows { throw NeedsRows.because(needsRows) }
    var by: String?
    if case .by(let column) = view { by = column }
    let weighting = try EngineWeighting(
      design, settings, on: data, alsoComplete: by.map { [$0] } ?? [])
    defer { weighting.propensity.release() }
    let frame = weighting.propensity.frame
    let isLinear = MatchDesign.scores[design.distance]?.isLinear ?? false
    let measured = try EngineBalance(
      weighting.propensity, covariates: try covariates(frame),
      score: isLinear ? .linearPredictor : .probability,
      by: by
    ).assess(balance.assessment(design))
    let overlap = wantsOverlap ? try EngineOverlap(weighting.propensity) : nil
    return (output(measured.parts, by, weighting.notes + measured.notes), overlap)
  }

  /// The formula's terms: categorical ones as factors, other terms by design column.
  private func covariates(
    _ frame: EngineFrame
  ) throws(SiblingError) -> [EngineBalance.Covariate] {
    let (design, data) = (frame.design, frame.data)
    var result: [EngineBalance.Covariate] = []
    for (index, term) in design.terms.enumerated() {
      let column =
        term.hasPrefix("factor(") && term.hasSuffix(")")
        ? String(term.dropFirst(7).dropLast()) : term
      if data.names.contains(column), term != column || data.isText(column) {
        let factor = try data.factor(column)
        result.append(
          EngineBalance.Covariate(term, .factor(factor, try data.levels(of: factor))))
      } else {
        for place in design.names.indices where design.assignment[place] == index {
          result.append(
            EngineBalance.Covariate(design.names[place], .number(design.columns[place])))
        }
      }
    }
    return result
  }

  /// The table with the people behind each row and what to know of it.
  private func output(
    _ parts: [EngineBalance.Part], _ by: String?, _ notes: [String]
  ) -> AnalysisOutput {
    var notes = notes
    var named: [(analysis: String, balance: Balance)] = []
    var people: [EngineBalance.People] = []
    for part in parts {
      let name = part.level.map { "\(by ?? "")=\($0)" } ?? "balance"
      guard let table = part.balance else {
        notes.append("\(name) lacks one of the groups after adjustment and is left out")
        continue
      }
      named.append((name, table))
      people += part.people
    }
    var output = AnalysisOutput(
      columns: Self.columns(named, balance.thresholds), notes: notes)
    output.derivedTexts = ["smd_status", "var_ratio_status", "ks_status"]
    for person in people {
      let some = person.inLevel ?? person.all
      let isLevel = person.inLevel != nil
      let rest = (
        treated: person.all.treated - some.treated,
        comparison: person.all.comparison - some.comparison
      )
      output.people["in_treated", default: []].append(some.treated)
      output.people["in_comparison", default: []].append(some.comparison)
      output.people["rest_treated", default: []].append(isLevel ? rest.treated : some.treated)
      output.people["rest_comparison", default: []].append(
        isLevel ? rest.comparison : some.comparison)
    }
    for part in named {
      output.notes += balance.notes(part.balance, of: named.count > 1 ? part.analysis : nil)
    }
    return output
  }
}

extension EngineData {
  /// Whether a column is text.
  func isText(_ column: String) -> Bool {
    if let own = schema.first(where: { $0.name == column }) { return own.type == .text }
    return definitions[column]?.factor != nil
  }
}
