internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// What a contract would have paid and cost in simulated futures.
enum ScenarioSection: ContractSection {
  /// The decoded part of the study file; a contract's files are those of the study unless named.
  private static func request(_ study: StudyFile) throws(SiblingError) -> ScenarioRequest? {
    guard let node = study.node["scenario"] else { return nil }
    var options = study.options(node, OptionKey.scenarioOfStudy)
    if options.isGiven(.scenarioContract) {
      let tables = study.node["data"]?["tables"]
      for (key, name) in [
        (OptionKey.contractTermsFile, "contracts"), (.tariffsFile, "tariffs"),
        (.payerSharesFile, "payer_shares"),
      ] where !options.isGiven(key) {
        if let file = tables?[name]?["file"]?.text {
          options.set(key, to: file)
        } else if let source = tables?[name]?["source"] {
          throw SiblingError(
            .badValue,
            "a scenario reads its contract from files, and '\(name)' is a table of an engine",
            help: "write it to a file and name that under 'scenario': '\(key.name): FILE'",
            location: source.location)
        }
      }
    }
    do throws(SiblingError) {
      return try ScenarioRequest(options)
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }

  static func check(_ study: StudyFile) throws(SiblingError) { _ = try request(study) }

  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let request = try request(run.study), let node = run.study.node["scenario"] else {
      return
    }
    do throws(SiblingError) {
      let plan = try request.plan { name throws(SiblingError) in try run.read(name) }
      let scenarios = ScenarioRun(request, plan)
      let cells = try scenarios.cells(paths: true)
      tables.cohort.append(try measures(cells))
      tables.cohort.append(try paths(cells))
      tables.cohort.append(try breakEven(scenarios.breakEven()))
      tables.cohortNotes["scenario"] = scenarios.notes
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }

  private static func setting(_ cell: ScenarioCell) -> [String: ResultTable.Cell] {
    [
      "shortfall": .number(cell.setting.shortfall), "vacancy": .number(cell.setting.vacancy),
      "conversion": .number(cell.setting.conversion),
      "split": .text(ScenarioRequest.name(cell.blockShare)),
    ]
  }

  private static func numbers(_ measure: ScenarioMeasure) -> [String: ResultTable.Cell] {
    func known(_ value: Double) -> ResultTable.Cell { Cell(value.isFinite ? value : nil) }
    var row = ["mean": known(measure.mean)]
    for (name, value) in zip(["q05", "q25", "q50", "q75", "q95"], measure.quantiles) {
      row[name] = known(value)
    }
    return row
  }

  private typealias Cell = ResultTable.Cell

  private static func measures(_ cells: [ScenarioCell]) throws(SiblingError) -> ResultTable {
    var table = ResultTable.scenario
    for cell in cells {
      for measure in cell.measures {
        var row = setting(cell).merging(numbers(measure)) { first, _ in first }
        row["measure"] = .text(measure.name.text)
        for (name, value) in [
          ("std.error", measure.standardError), ("conf.low", measure.interval.low),
          ("conf.high", measure.interval.high),
        ] where value.isFinite { row[name] = .number(value) }
        try table.append(row)
      }
    }
    return table
  }

  private static func paths(_ cells: [ScenarioCell]) throws(SiblingError) -> ResultTable {
    var table = ResultTable.scenarioPaths
    for cell in cells {
      for (quarter, measure) in cell.path.enumerated() {
        var row = setting(cell).merging(numbers(measure)) { first, _ in first }
        row["quarter"] = .number(Double(quarter))
        try table.append(row)
      }
    }
    return table
  }

  private static func breakEven(
    _ points: [ScenarioBreakEven.Point]
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.scenarioBreakEven
    for point in points {
      try table.append([
        "vacancy": .number(point.vacancy), "split": .text(ScenarioRequest.name(point.blockShare)),
        "line": .text(point.line.text), "shortfall": .number(point.shortfall),
        "conversion": Cell(point.conversion), "place": .text(point.place.rawValue),
      ])
    }
    return table
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("scenario") else { return }
    try ScenarioProse(report.context, table).compose(&report)
  }

  static func methods(_ report: Report) -> [Prose] {
    guard report.context.table("scenario") != nil else { return [] }
    return [
      "**Scenarios.** Referrals are Poisson, or gamma–Poisson where their rate varies; engagements, job starts and sustained jobs binomial, with delays by quarter; places on caseloads limit who can engage. Scenarios share their random numbers. Prices and caps are scaled to each split so that the plan is paid the same. Chances have the exact interval of Clopper and Pearson (1934, doi:10.1093/biomet/26.4.404) for simulation error alone. A rate of return is the one rate at which the present value is nought, given only where payments change their sign once; money lost altogether counts as −100%."
    ]
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.study.node["scenario"] == nil else { return nil }
    return (
      "What a contract pays when things go otherwise",
      "the plan, costs and capital of a contract, in a `scenario` section"
    )
  }
}
