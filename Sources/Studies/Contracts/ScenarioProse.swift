internal import Contracts
internal import Reporting
internal import Statistics

/// The section of scenarios in words, tables and charts.
struct ScenarioProse {
  private typealias Cell = ResultTable.Cell

  private let context: ReportContext
  private let table: Released<ResultTable>
  private let service: String
  /// The scenario that sentences and the fan show: the least shortfall there is, else the first.
  private let focus: [String: Cell]

  init(_ context: ReportContext, _ table: Released<ResultTable>) {
    (self.context, self.table) = (context, table)
    service = context.study.node["scenario"]?["service"]?.text ?? "the service"
    let shortfalls = table.value.cells("shortfall").compactMap(\.number)
    let vacancies = table.value.cells("vacancy").compactMap(\.number)
    let conversions = table.value.cells("conversion").compactMap(\.number)
    focus = [
      "shortfall": Cell(shortfalls.filter { $0 > 0 }.min() ?? shortfalls.first ?? 0),
      "vacancy": Cell(vacancies.first ?? 0), "conversion": Cell(conversions.first ?? 1),
    ]
  }

  private func number(_ name: String) -> Double { focus[name]?.number ?? 0 }

  /// The splits in their order.
  private var splits: [String] { table.value.cells("split").compactMap(\.text).distinct }

  /// The scenario shown, in words.
  private var words: Prose {
    var parts: [Prose] = []
    func cell(_ name: String) -> ReleasedCell? { try? table.cell(name, where: focus) }
    if number("shortfall") > 0, let cell = cell("shortfall") {
      parts.append("\(cell, .percent(0)) fewer referrals")
    }
    if number("vacancy") > 0, let cell = cell("vacancy") {
      parts.append("\(cell, .percent(0)) of posts vacant")
    }
    if number("conversion") != 1, let cell = cell("conversion") {
      parts.append("conversion at \(cell, .percent(0)) of the plan")
    }
    guard let first = parts.first else { return "everything as planned" }
    return parts.dropFirst().reduce(first) { "\($0), \($1)" } + " and all else as planned"
  }

  func compose(_ report: inout Report) throws(SiblingError) {
    report.section("What the contract pays when things go otherwise")
    report.document.paragraph(
      "This is a simulation of \(service)'s contract under assumptions that are stated here, not a forecast and not what happened. It asks how much of the risk a way of paying leaves with whoever runs the service. Under every split of block to outcomes the plan is paid the same, so that splits differ in risk alone."
    )
    for note in context.cohortNotes["scenario"] ?? [] {
      report.document.paragraph(Prose(plain: sentence(note)))
    }
    let risks = try splits.map { split throws(SiblingError) in try risk(split) }
    report.document.paragraph("With \(words):")
    report.document.list(risks)
    try fan(&report)
    chances(&report)
    money(&report)
    try breakEven(&report)
  }

  /// `with all payment by outcomes, 30 of 100 simulated futures end in a loss`.
  private func risk(_ split: String) throws(SiblingError) -> Prose {
    func cell(_ measure: String, _ column: String) throws(SiblingError) -> ReleasedCell {
      var match = focus
      (match["split"], match["measure"]) = (.text(split), .text(measure))
      return try table.cell(column, where: match)
    }
    let low = try cell("loss", "conf.low")
    let high = try cell("loss", "conf.high")
    let need = try cell("cash.need", "q95")
    let (from, to) = (try cell("surplus", "q05"), try cell("surplus", "q95"))
    let share: NumberStyle = .perHundred(0)
    var short: Prose = "."
    if let least = try? cell("capital.short", "conf.low"),
      let most = try? cell("capital.short", "conf.high")
    {
      short =
        "; in between \(least, share) and \(most, share) of 100 futures the investors' capital is not enough for that."
    }
    let loss: Prose =
      "between \(low, share) and \(high, share) of 100 simulated futures end in a loss"
    return
      "**\(Self.name(split, try cell("loss", "split")))**: \(loss); nine in ten have a surplus between \(from, .pounds()) and \(to, .pounds()), and one in twenty needs \(need, .pounds()) or more of somebody else's cash on the way\(short)"
  }

  /// The chance of a loss under the first and the last split, in one line for the first page.
  ///
  /// - Throws: `internalError` when there is no such cell.
  func firstPage() throws(SiblingError) -> Prose {
    let ordered = splits.sorted { Self.block($0) < Self.block($1) }
    var parts: [Prose] = []
    for split in [ordered.first, ordered.count > 1 ? ordered.last : nil].compactMap({ $0 }) {
      var match = focus
      (match["split"], match["measure"]) = (.text(split), "loss")
      let (low, high) = (
        try table.cell("conf.low", where: match), try table.cell("conf.high", where: match)
      )
      let name = Self.name(split, try table.cell("split", where: match), inSentence: true)
      parts.append(
        "\(low, .perHundred()) to \(high, .perHundred()) end in a loss with \(name)")
    }
    let all = parts.dropFirst().reduce(parts.first ?? "") { "\($0), \($1)" }
    return "**If things go otherwise** (simulated; \(words)): of 100 futures, \(all)."
  }

  private static func name(
    _ split: String, _ cell: ReleasedCell, inSentence: Bool = false
  ) -> Prose {
    let parts = split.split(separator: ":")
    let all: Prose = inSentence ? "all payment" : "All payment"
    guard parts.count == 2, parts[0] != "0" else { return "\(all) by outcomes" }
    return parts[1] == "0"
      ? "\(all) as block"
      : "\(cell, part: String(parts[0]))% block and \(cell, part: String(parts[1]))% by outcomes"
  }

  private func fan(_ report: inout Report) throws(SiblingError) {
    guard let paths = context.rows("scenario_paths", where: focus), splits.count <= 12 else {
      return
    }
    let last = paths.value.cells("quarter").compactMap(\.number).max() ?? 0
    func spread(_ split: String?) -> Double {
      guard let split,
        let row = paths.value.firstRow(where: ["split": .text(split), "quarter": .number(last)])
      else { return 0 }
      return (paths.value[row, "q95"].number ?? 0) - (paths.value[row, "q05"].number ?? 0)
    }
    let ordered = splits.sorted { Self.block($0) < Self.block($1) }
    let widens = spread(ordered.first) > spread(ordered.last) && ordered.count > 1
    try report.figure(
      ScenarioFanChart(
        title: widens ? "Paying by outcomes widens the range of cash" : "Cash in simulated futures",
        subtitle: "Pounds of cash without investors' money, \(words), simulated"
      ).figure(paths, name: "scenario_fan"),
      caption:
        "Cash of simulated futures by quarter, by split of block to outcomes. The band is that of each quarter by itself; what a future needs is its own lowest point, whenever that comes, so that one in twenty needs more than the band's lower edge shows."
    )
  }

  private static func block(_ split: String) -> Double {
    split.split(separator: ":").first.flatMap { Double($0) } ?? 0
  }

  private static let names = Dictionary(
    uniqueKeysWithValues: [
      ("income", "Income"), ("surplus", "Surplus"), ("cash.need", "Cash needed"),
    ])

  private func chances(_ report: inout Report) {
    let shown = table.rows(where: ["measure": "loss", "vacancy": focus["vacancy"] ?? .missing])
    guard shown.value.rows.count <= 60 else { return }
    report.document.table(
      shown, caption: "The chance that the service ends with a loss, by scenario and split.",
      columns: [
        .init("shortfall", "Referrals missing", .percent()),
        .init("conversion", "Conversion", .percent()), .init("split", "Block : outcomes"),
        .init("mean", "Chance of loss", .percent()),
        .interval("Simulation error, 95%", .percent()),
      ])
  }

  /// Income, surplus and cash of the scenario shown, and who pays and who gets money back.
  private func money(_ report: inout Report) {
    let rows = table.rows(where: focus)
    func having(_ test: (String) -> Bool) -> Released<ResultTable> {
      rows.rows(
        at: rows.value.rows.indices.filter { test(rows.value[$0, "measure"].plainText) })
    }
    let pounds = having { ["surplus", "cash.need"].contains($0) || $0.hasPrefix("payer:") }
    var names = Self.names
    for name in pounds.value.cells("measure").compactMap(\.text) where name.hasPrefix("payer:") {
      names[name] = "Paid by " + PaymentWords.payer(String(name.dropFirst("payer:".count)))
    }
    report.document.table(
      pounds, caption: "Pounds over the whole contract, with \(words).",
      columns: [
        .init("split", "Block : outcomes"), .init("measure", "Measure", names: names),
        .init("q50", "Middle future", .pounds()),
        .interval("Nine in ten futures", low: "q05", high: "q95", .pounds()),
      ])
    let returns = having { $0.hasSuffix(".irr") }
    guard !returns.value.rows.isEmpty else { return }
    report.document.paragraph(
      "Investors put their capital in at the start and no more. Where that is not enough, somebody else is taken to lend the rest without interest: this bridge is repaid first, then the loan, and equity gets what is left. Below nothing investors lose money; what a bridge is not repaid is no loss of theirs."
    )
    report.document.table(
      returns, caption: "Investors' return a year, with \(words).",
      columns: [
        .init("split", "Block : outcomes"),
        .init(
          "measure", "Return on",
          names: ["investor.irr": "All capital", "equity.irr": "Equity", "loan.irr": "Loan"]),
        .init("q50", "Middle future", .percent(1)),
        .interval("Nine in ten futures", low: "q05", high: "q95", .percent(1)),
      ])
  }

  private func breakEven(_ report: inout Report) throws(SiblingError) {
    let match: [String: Cell] = [
      "line": "surplus=0", "vacancy": focus["vacancy"] ?? .missing,
    ]
    guard let rows = context.rows("scenario_breakeven", where: match) else { return }
    let crossing = rows.value.rows.indices.filter { rows.value[$0, "conversion"].number != nil }
    var splits = crossing.compactMap { rows.value[$0, "split"].text }.distinct
    guard !splits.isEmpty else {
      report.document.paragraph(
        "No conversion that was simulated makes the expected surplus just nothing: see `results/scenario_breakeven.csv`."
      )
      return
    }
    if splits.count > BreakEvenChart.most {
      // Evenly from the least block to the most.
      let step = Double(splits.count - 1) / Double(BreakEvenChart.most - 1)
      splits = (0..<BreakEvenChart.most).map { splits[Int((Double($0) * step).rounded())] }
    }
    let shown = rows.rows(
      at: crossing.filter { splits.contains(rows.value[$0, "split"].plainText) })
    let first = shown.value.cells("conversion").compactMap(\.number).first ?? 1
    let rises = shown.value.cells("conversion").compactMap(\.number).contains { $0 > first }
    // A line that starts later has scenarios in which every conversion tried is more than enough.
    let startsLater = rows.value.rows.indices.contains {
      splits.contains(rows.value[$0, "split"].plainText)
        && rows.value[$0, "place"].text == ScenarioBreakEven.Place.below.rawValue
    }
    let starts: Prose =
      startsLater
      ? " A line that starts later covers its costs before that at every conversion that was simulated."
      : ""
    try report.figure(
      BreakEvenChart(
        title: rises
          ? "With fewer referrals, more must find work to break even"
          : "Where the service breaks even",
        subtitle: "Expected surplus of nothing, by split of block to outcomes, simulated"
      ).figure(shown),
      caption:
        "Conversion at which the service is expected just to cover its costs.\(starts) Lines end where no conversion that was simulated is enough."
    )
  }
}
