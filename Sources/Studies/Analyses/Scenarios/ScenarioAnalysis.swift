internal import Contracts
internal import Statistics
internal import Tables

/// `contract scenario`: what a contract pays and costs in simulated futures; no client is behind it.
struct ScenarioAnalysis: VerbAnalysis {
  var request: ScenarioRequest
  var showsPaths: Bool
  var showsBreakEven: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    showsPaths = try options.flag(.scenarioPaths)
    showsBreakEven = try options.flag(.scenarioBreakEven)
    guard !showsPaths || !showsBreakEven else {
      throw options.wrong(.scenarioBreakEven, "can't be combined with --paths")
    }
    request = try ScenarioRequest(options)
    if !showsBreakEven, options.isGiven(.scenarioLossLevels) {
      throw options.wrong(.scenarioLossLevels, "goes with --break-even")
    }
    if showsBreakEven, options.isGiven(.scenarioConversion), request.conversions.count < 2 {
      throw options.wrong(.scenarioConversion, "takes at least two factors with --break-even")
    }
  }

  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput { try runWithoutData() }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the contract's files, or too many scenarios.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    let plan = try request.plan { path throws(SiblingError) in try TableFile.read(path: path) }
    var output: AnalysisOutput
    if showsBreakEven {
      output = try breakEvenRows(ScenarioRun(request, plan).breakEven())
    } else {
      let cells = try ScenarioRun(request, plan).cells(paths: showsPaths)
      output = showsPaths ? pathRows(cells) : rows(cells)
    }
    output.notes = ScenarioRun(request, plan).notes
    // Made from the options alone: there are no people behind it.
    output.labels = Set(output.columns.map(\.name))
    return output
  }

  private func rows(_ cells: [ScenarioCell]) -> AnalysisOutput {
    let all = cells.flatMap { cell in cell.measures.map { (cell, $0) } }
    return AnalysisOutput(
      columns: Self.setting(all.map(\.0)) + [
        .texts("measure", all.map(\.1.name.text)), .numbers("mean", all.map(\.1.mean)),
        .numbers("std.error", all.map(\.1.standardError)),
        .numbers("conf.low", all.map(\.1.interval.low)),
        .numbers("conf.high", all.map(\.1.interval.high)),
      ] + Self.quantiles(all.map(\.1.quantiles)))
  }

  private func pathRows(_ cells: [ScenarioCell]) -> AnalysisOutput {
    let all = cells.flatMap { cell in cell.path.enumerated().map { (cell, $0.offset, $0.element) } }
    return AnalysisOutput(
      columns: Self.setting(all.map(\.0)) + [
        .integers("quarter", all.map(\.1)), .numbers("mean", all.map(\.2.mean)),
        .numbers("std.error", all.map(\.2.standardError)),
      ] + Self.quantiles(all.map(\.2.quantiles)))
  }

  private func breakEvenRows(_ points: [ScenarioBreakEven.Point]) -> AnalysisOutput {
    AnalysisOutput(columns: [
      .numbers("vacancy", points.map(\.vacancy)),
      .texts("split", points.map { ScenarioRequest.name($0.blockShare) }),
      .texts("line", points.map(\.line.text)), .numbers("shortfall", points.map(\.shortfall)),
      .numbers("conversion", points.map(\.conversion)),
      .texts("place", points.map(\.place.rawValue)),
    ])
  }

  private static func setting(_ cells: [ScenarioCell]) -> [Column] {
    [
      .numbers("shortfall", cells.map(\.setting.shortfall)),
      .numbers("vacancy", cells.map(\.setting.vacancy)),
      .numbers("conversion", cells.map(\.setting.conversion)),
      .texts("split", cells.map { ScenarioRequest.name($0.blockShare) }),
    ]
  }

  private static func quantiles(_ values: [[Double]]) -> [Column] {
    ["q05", "q25", "q50", "q75", "q95"].enumerated().map { place, name in
      .numbers(name, values.map { $0.isEmpty ? nil : $0[place] })
    }
  }
}

extension ScenarioBreakEven.Line {
  /// The line's name in rows.
  var text: String {
    switch self {
    case .expectedSurplus: "surplus=0"
    case .chanceOfLoss(let level): "loss=\(NumberText.shortest(level))"
    }
  }
}
