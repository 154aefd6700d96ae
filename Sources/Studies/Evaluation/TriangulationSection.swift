internal import Matching
internal import Reporting
internal import Statistics

/// The primary effect by every method that the study runs, and how far they agree.
enum TriangulationSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
  private static let name = "triangulation"

  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["decisions"]?["same-by-survival"] else { return }
    let survival = study.node["survival"]?.elements ?? []
    let names = survival.compactMap { $0["name"]?.text }
    let asked = node["analysis"]?.text ?? ""
    guard let analysis = survival.first(where: { $0["name"]?.text == asked }) else {
      throw SiblingError(
        .badValue, "there is no survival analysis '\(asked)'",
        suggestion: nearestName(to: asked, among: names), location: node["analysis"]?.location)
    }
    let times = analysis.texts("times").compactMap { Double($0) }
    let time = node["time"]?.text.flatMap { Double($0) }
    guard let time, times.contains(time) else {
      throw SiblingError(
        .badValue, "'\(asked)' is not compared at that time",
        help: "name one of its 'times', or add the time to them", location: node["time"]?.location)
    }
    let primary = study.node["outcomes"]?.elements.first
    guard ["binary", "share"].contains(primary?["kind"]?.text) else {
      throw SiblingError(
        .badValue, "an event by some time can't be the primary outcome, which is no yes or no",
        help: "leave 'same-by-survival' out", location: node.location)
    }
  }

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard run.study.node["decisions"]?["triangulation"]?.text != "off",
      let rows = try MethodRows(run, tables)
    else { return }
    var table = ResultTable.triangulation
    let lead = rows.items[0]
    // Everything that is compared stands on the scale of the leading estimate.
    let compared = rows.items.dropFirst().filter {
      $0.role == .compared && $0.scale == lead.scale && $0.estimate != nil
    }
    let isRatio = lead.scale != "difference"
    let agreement = Agreement(
      leading: item(lead, isRatio), standardError: error(lead, isRatio),
      others: compared.map { item($0, isRatio) })
    let leading = Self.leading(lead)
    // Of rounded counts estimates are made again, and an exact distance would give the exact one away.
    let hasDistances = run.study.disclosureProfile.rounding == .exact
    var place = 0
    for row in rows.items {
      var cells = row.cells
      cells.merge(leading) { own, _ in own }
      cells["outcome"] = .text(rows.outcome)
      cells["scale"] = .text(row.scale)
      cells["family"] = .text(row.family.rawValue)
      cells["method"] = .text(row.method)
      cells["source"] = .text(row.source)
      let isCompared = row.role == .compared && row.scale == lead.scale && row.estimate != nil
      cells["role"] = .text(
        row.role == .leads ? "leads" : isCompared ? "compared" : "beside")
      cells["estimand"] = .text(row.estimand)
      cells["assumes"] = .text(row.family.assumes)
      if isCompared {
        cells["distance"] = Cell(hasDistances ? agreement.distances[place] : nil)
        cells["agreement"] = .text(agreement.standings[place].rawValue)
        place += 1
      }
      try table.append(cells)
    }
    var summary = ResultTable.agreement
    let all = [lead] + compared
    var cells: [String: ResultTable.Cell] = [
      "outcome": .text(rows.outcome), "scale": .text(lead.scale), "methods": Cell(all.count),
      "families": Cell(Set(all.map(\.family)).count),
      "same_direction": Cell(1 + agreement.standings.count { $0 != .opposite }),
      "overlapping": Cell(1 + zip(agreement.standings, compared).count { meets($1, lead) }),
      "clear": Cell(all.count { isClear($0, beside: lead, null: isRatio ? 1 : 0) }),
      // It is the distance of a row that may be withheld.
      "furthest": Cell(
        run.study.disclosureProfile.minimumCount == nil ? agreement.furthest : nil),
      "verdict": .text(agreement.verdict.rawValue),
      "hidden_n_fewest": Cell(ResultTable.fewest(all.map(\.cells))),
    ]
    cells.merge(leading) { own, _ in own }
    try summary.append(cells)
    tables.cohort += [table, summary]
    let notes = rows.notes.map {
      run.study.disclosure == "none" ? $0 : AnalysisOutput.masked($0)
    }
    if !notes.isEmpty { tables.cohortNotes[name] = notes }
  }

  /// The people behind the leading estimate, on whom every comparison with it rests.
  private static func leading(_ lead: MethodRows.Item) -> [String: ResultTable.Cell] {
    var cells: [String: ResultTable.Cell] = [:]
    for (name, cell) in lead.cells where name.hasPrefix("hidden_") {
      cells["hidden_leading_\(name.dropFirst("hidden_".count))"] = cell
    }
    return cells
  }

  /// Whether the interval of a method meets that of the leading one; one without counts as meeting it.
  private static func meets(_ row: MethodRows.Item, _ lead: MethodRows.Item) -> Bool {
    guard let low = row.cells["conf.low"]?.number, let high = row.cells["conf.high"]?.number,
      let from = lead.cells["conf.low"]?.number, let to = lead.cells["conf.high"]?.number
    else { return true }
    return low <= to && from <= high
  }

  /// Whether the interval of a method lies wholly on the leading estimate's side of no effect.
  private static func isClear(
    _ row: MethodRows.Item, beside lead: MethodRows.Item, null: Double
  ) -> Bool {
    guard let low = row.cells["conf.low"]?.number, let high = row.cells["conf.high"]?.number,
      let estimate = lead.estimate
    else { return false }
    return estimate > null ? low > null : estimate < null && high < null
  }

  /// An estimate on the scale of its error: the logarithm of a ratio.
  private static func item(_ row: MethodRows.Item, _ isRatio: Bool) -> Agreement.Item {
    func scaled(_ name: String) -> Double? {
      row.cells[name]?.number.map { isRatio ? _logarithm($0) : $0 }
    }
    return Agreement.Item(
      estimate: scaled("estimate") ?? .nan, low: scaled("conf.low"), high: scaled("conf.high"))
  }

  /// The leading standard error, or the one that its interval would have were it normal.
  private static func error(_ row: MethodRows.Item, _ isRatio: Bool) -> Double? {
    if let error = row.cells["std.error"]?.number { return error }
    let item = item(row, isRatio)
    guard let low = item.low, let high = item.high, let level = row.cells["conf.level"]?.number
    else { return nil }
    return (high - low) / (2 * Normal.standard.upperQuantile((1 - level) / 2))
  }

  static func methods(_ report: Report) -> [Prose] {
    guard report.context.table(name) != nil else { return [] }
    return [
      "**Agreement of methods.** Direction, whether intervals meet, and the distance from the leading estimate in its standard errors (of an interval without one, its width divided by that of a normal interval of standard error one). No test of heterogeneity: the methods share people and outcomes."
    ]
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.table(name) == nil, !report.context.gate.failed else { return nil }
    return ("Whether methods agree", "an effect on the first outcome, by `effects` or a panel")
  }
}
