internal import Statistics
internal import Survival
internal import Tables

/// `cure`: mixture cure models.
struct CureAnalysis: VerbAnalysis {
  var request: ParametricRequest
  var family: MixtureCure.Family
  var incidence: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    request = try ParametricRequest(formula: formula, options: options)
    family = MixtureCure.Family(rawValue: try options.choice(.latency)) ?? .weibull
    incidence = options.text(.cureIncidence)
    if let incidence, try Formula(parsing: incidence).hasResponse {
      throw options.wrong(.cureIncidence, "takes a formula without a left side, such as '~ arm'")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let needed = try incidence.map { (text) throws(SiblingError) in
      try Formula(parsing: text).columnNames
    }
    return try request.bind(table, alsoComplete: needed ?? []) { (data) throws(SiblingError) in
      var share = data.design
      if let incidence {
        let used = table.selecting(rows: data.bound.frame.rows)
        let bound = try Formula(parsing: incidence).bind(to: used)
        share = bound.design
      }
      let result = try MixtureCure(family: family, robust: request.robust).fit(
        data.times, data.design, incidence: share, weights: data.weights, offset: data.offset,
        cluster: data.cluster)
      let terms = Set(result.fit.names.filter { $0 != "Log(scale)" })
      var output = request.output(result.fit, notes: data.notes, terms: terms)
      guard !request.wantsStatistics else { return output }
      output.append(cured(result))
      return output
    }
  }

  /// The row of the share that never has the event; it is not tested against zero.
  private func cured(_ result: MixtureCureFit) -> EstimateTable {
    var row = Estimate(
      term: "cured", estimate: result.curedShare, standardError: result.curedShareError,
      level: request.settings.level, convention: "average share, delta method")
    (row.statistic, row.pValue) = (nil, nil)
    return EstimateTable(rows: [row], observations: result.fit.observations)
  }
}

extension AnalysisOutput {
  /// Adds estimate rows that rest on the same people as those before them.
  fileprivate mutating func append(_ table: EstimateTable) {
    for (place, more) in table.columns().enumerated() {
      switch (columns[place].values, more.values) {
      case (.doubles(let before), .doubles(let after)):
        columns[place] = .numbers(more.name, before + after)
      case (.text, .text):
        columns[place] = .texts(more.name, columns[place].asStrings + more.asStrings)
      default: continue
      }
    }
    for (name, counts) in people {
      people[name] = counts + table.rows.map { _ in counts.last ?? 0 }
    }
  }
}
