internal import Contracts
internal import Reporting
internal import Statistics

/// The result tables of value for money.
struct ValueTables {
  private(set) var all: [ResultTable] = []
  private let fit: ValueFit
  private let settings: ValueSettings
  private let stages: [String]
  /// Draws of each perspective that are kept for the chart.
  private static let shown = 500

  /// - Throws: `internalError` when a row does not fit its table.
  init(
    _ fit: ValueFit, _ settings: ValueSettings, stages: [String]
  ) throws(SiblingError) {
    (self.fit, self.settings, self.stages) = (fit, settings, stages)
    all = [try costs(), try money(), try sites()]
    if !fit.effects.isEmpty { all += [try plane(), try curve()] }
  }

  private func clients(_ isTreated: Bool, _ stage: Int = 0) -> Int {
    fit.accounts.sites.filter { $0.site.isTreated == isTreated && $0.hasCosts }.reduce(0) {
      $0 + ($1.counts.indices.contains(stage) ? $1.counts[stage] : 0)
    }
  }

  /// The people behind a difference.
  private var counts: [String: Cell] {
    [
      "n_treated": Cell(clients(true)), "n_comparison": Cell(clients(false)),
      "reached_treated": Cell(clients(true, stages.count - 1)),
      "reached_comparison": Cell(clients(false, stages.count - 1)),
    ]
  }

  private var prices: String {
    settings.prices.baseYear.map { "\($0)" } ?? (fit.accounts.isNominal ? "nominal" : "as given")
  }

  private func costs() throws(SiblingError) -> ResultTable {
    var table = ResultTable.valueCosts
    for line in fit.accounts.lines
    where line.sites > 0 && settings.perspectives.contains(line.perspective) {
      try table.append([
        "arm": .text(ValueRows.arm(line.isTreated)), "category": .text(line.category.rawValue),
        "perspective": .text(line.perspective.rawValue), "amount": .number(line.amount.pounds),
        "counted": .number(line.counted.pounds), "present_value": Cell(line.presentValue),
        "counts": .text(ValueRows.counts(line)),
        "reason": .text(line.reasons.joined(separator: "; ")), "n_sites": Cell(line.sites),
        "n": Cell(clients(line.isTreated)), "first_site": Cell(line.greatest.first?.pounds),
        "second_site": Cell(line.greatest.dropFirst().first?.pounds),
      ])
    }
    return table
  }

  private func money() throws(SiblingError) -> ResultTable {
    var table = ResultTable.valueForMoney
    for average in fit.averages where average.site == nil {
      let arm = average.isTreated ? "treated" : "comparison"
      try table.append([
        "term": "average.cost", "arm": .text(ValueRows.arm(average.isTreated)),
        "perspective": .text(average.perspective.rawValue),
        "outcome": .text(stages[average.stage]), "estimate": Cell(average.estimate),
        "std.error": Cell(average.standardError), "df": Cell(average.degreesOfFreedom),
        "conf.low": Cell(average.interval?.low), "conf.high": Cell(average.interval?.high),
        "resampled.low": Cell(average.resampled?.low),
        "resampled.high": Cell(average.resampled?.high),
        "note": "ratio of sums over sites, CR2, t", "prices": .text(prices),
        "n_sites": Cell(average.sites), "n_\(arm)": Cell(clients(average.isTreated)),
        "reached_\(arm)": Cell(average.reached),
      ])
    }
    for (perspective, result) in fit.effects {
      var rows = ValueRows(level: settings.analysis.level)
      var shown = result
      shown.netBenefits = result.netBenefits.filter {
        settings.analysis.willingness.contains($0.willingness)
      }
      rows.add(
        shown, perspective: perspective, outcome: stages.last ?? "",
        effectConvention: "the study's leading estimate",
        sites: fit.treatedSites + fit.comparisonSites)
      for row in rows.rows where !row.term.hasPrefix("acceptability") {
        try table.append(cells(row, shown))
      }
    }
    return table
  }

  private func cells(_ row: ValueRows.Row, _ result: CostEffectResult) -> [String: Cell] {
    var cells = counts
    let parts = row.term.split(separator: "@").map(String.init)
    cells["term"] = .text(parts[0])
    cells["arm"] = .text(row.arm)
    cells["perspective"] = Cell(row.perspective?.rawValue)
    cells["outcome"] = Cell(stages.last)
    cells["estimate"] = Cell(row.estimate)
    cells["std.error"] = Cell(row.standardError)
    cells["df"] = Cell(row.degrees)
    cells["conf.low"] = Cell(row.interval?.low ?? row.low)
    cells["conf.high"] = Cell(row.interval?.high ?? row.high)
    cells["note"] = .text(row.convention)
    cells["prices"] = .text(prices)
    cells["n_sites"] = Cell(row.sites)
    if parts.count > 1, let value = Double(parts[1]) {
      cells["willingness"] = .number(value)
      cells["probability"] = Cell(
        result.netBenefits.first { $0.willingness == value }?.probability)
    }
    return cells
  }

  private func sites() throws(SiblingError) -> ResultTable {
    var table = ResultTable.valueSites
    for average in fit.averages {
      guard let site = average.site else { continue }
      try table.append([
        "outcome": .text(stages[average.stage]),
        "perspective": .text(average.perspective.rawValue),
        "arm": .text(ValueRows.arm(average.isTreated)), "site": .text(site),
        "estimate": Cell(average.estimate), "n": Cell(average.reached),
      ])
    }
    return table
  }

  private func plane() throws(SiblingError) -> ResultTable {
    var table = ResultTable.valuePlane
    for (perspective, result) in fit.effects {
      var cells = counts
      cells["perspective"] = .text(perspective.rawValue)
      cells["kind"] = "estimate"
      cells["draw"] = .number(0)
      cells["effect"] = Cell(result.contrast.effect)
      cells["cost"] = Cell(result.contrast.cost)
      cells["share"] = Cell(result.quadrants.betterDearer + result.quadrants.betterCheaper)
      try table.append(cells)
      cells["share"] = .missing
      cells["kind"] = "draw"
      // Draws are independent, so the first ones are a sample of all.
      for (index, draw) in result.draws.prefix(Self.shown).enumerated() {
        cells["draw"] = Cell(index + 1)
        cells["effect"] = Cell(draw.effect)
        cells["cost"] = Cell(draw.cost)
        try table.append(cells)
      }
    }
    return table
  }

  private func curve() throws(SiblingError) -> ResultTable {
    var table = ResultTable.valueAcceptability
    for (perspective, result) in fit.effects {
      for benefit in result.netBenefits {
        var cells = counts
        cells["perspective"] = .text(perspective.rawValue)
        cells["willingness"] = Cell(benefit.willingness)
        cells["probability"] = Cell(benefit.probability)
        cells["probability_drawn"] = Cell(benefit.drawnProbability)
        cells["probability_resampled"] = Cell(benefit.siteProbability)
        try table.append(cells)
      }
    }
    return table
  }
}
