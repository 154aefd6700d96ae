internal import Reporting
internal import Statistics

extension DoseResponseSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("dose_response") else {
      let notes = report.context.cohortNotes[key] ?? []
      guard !notes.isEmpty else { return }
      report.section(title)
      report.document.list(FlowWords.items(notes, report.context))
      return
    }
    report.section(title)
    report.document.paragraph(
      """
      **Exploratory.** Services chose their contracts and differ in much else. What follows says \
      whether effects were larger at sites with more of something; it can't say what another contract \
      would have done, and it is about whole sites, not about single clients.
      """)
    report.document.paragraph(
      """
      A site's effect is the mean of its clients less that of the comparison clients, \
      \(report.context.designWords == nil
        ? "without adjustment" : "weighted as in the main analysis: they resemble the treated clients as a whole, not those of each site"). \
      Each interval holds the error of the comparison mean, with its sites as clusters. That error is \
      common to all sites: it moves all points together and can't tilt a line, so the slope rests on the \
      sites' own errors and on what varies between them.
      """)
    for outcome in table.value.cells("outcome").compactMap(\.text).distinct {
      let rows = table.rows(where: ["outcome": .text(outcome)])
      for dose in rows.value.cells("dose").compactMap(\.text).distinct {
        try part(&report, rows.rows(where: ["dose": .text(dose)]), outcome, dose)
      }
    }
    report.document.list(FlowWords.items(report.context.cohortNotes[key], report.context))
  }

  private static let title: Prose = "Effects and contracts across sites (exploratory)"

  private static func part(
    _ report: inout Report, _ points: Released<ResultTable>, _ outcome: String, _ dose: String
  ) throws(SiblingError) {
    let names = FlowWords(report.context.study).names
    let words = DoseWords(dose, names)
    guard let about = report.context.outcome(outcome) else { return }
    let match: [String: ResultTable.Cell] = ["outcome": .text(outcome), "dose": .text(dose)]
    let slope = report.context.rows("dose_response_slope", where: match)
    let line = report.context.rows("dose_response_line", where: match)
    let style = about.difference
    report.document.heading(3, "\(Prose(plain: words.label)): \(Prose(plain: about.label))")
    if points.value.cells("dose_value").contains(where: { $0 != .missing }) {
      try report.figure(
        DoseResponseChart(
          title: Prose(plain: chartTitle(slope, words)),
          subtitle: Prose(
            plain:
              "Effect on \(about.label), by site, with \(percent(report)) intervals. Exploratory. "
              + report.context.placeAndPeriod),
          style: style, doseStyle: words.style,
          measure: capitalised("effect, " + unit(about)), axisTitle: words.label, names: names
        ).figure(points, line: line, name: "dose_response_\(outcome)_\(dose)"),
        caption:
          "Each point is a site; the line, where there is one, is the meta-regression's with its interval."
      )
    }
    if let slope { try sentences(&report, slope, words, about) }
    report.document.table(
      points, caption: "Effects by site, \(Prose(plain: unit(about))); exploratory.",
      columns: [
        .init("site", "Site", names: names), .init("n", "Clients", .integer),
        .init("dose_value", words.label, words.style),
        .init("estimate", "Effect", style.bare.signed), .interval("Interval", style.bare.signed),
      ])
  }

  private static func percent(_ report: Report) -> String {
    NumberStyle.percent().text(report.context.study.level)
  }

  /// What effects are counted in.
  private static func unit(_ outcome: OutcomeWords) -> String {
    switch outcome.kind {
    case "binary", "share": "percentage points"
    case "amount": outcome.unit.isEmpty ? "amount" : outcome.unit
    case "weeks": "weeks"
    default: outcome.unit.isEmpty ? "difference of means" : outcome.unit
    }
  }

  private static func chartTitle(_ slope: Released<ResultTable>?, _ words: DoseWords) -> String {
    guard let slope, let low = slope.value[0, "conf.low"].number,
      let high = slope.value[0, "conf.high"].number
    else { return "Effects by \(words.short): no line is drawn" }
    if low > 0 { return "Effects were larger at sites with more: \(words.short)" }
    if high < 0 { return "Effects were smaller at sites with more: \(words.short)" }
    return "No clear pattern of effects by \(words.short)"
  }

  private static func sentences(
    _ report: inout Report, _ slope: Released<ResultTable>, _ words: DoseWords,
    _ outcome: OutcomeWords
  ) throws(SiblingError) {
    func cell(_ name: String) throws(SiblingError) -> ReleasedCell {
      try slope.cell(row: 0, name)
    }
    let style = outcome.difference
    let (low, high) = (try cell("conf.low"), try cell("conf.high"))
    let sites = try cell("n_sites")
    guard let from = low.number, let to = high.number else {
      report.document.paragraph("The slope is withheld or has no interval.")
      return
    }
    let reading: Prose =
      from > 0 || to < 0
      ? "In these sites larger doses went with \(from > 0 ? "larger" : "smaller") effects, by more than chance alone would make likely under the model; why is another question"
      : "That is inconclusive: a line that rises and one that falls are both compatible with it"
    report.document.paragraph(
      "With \(words.step(try cell("unit"))), the effect differed by between \(low, style.bare.signed) and \(high, style.signed) (\(Prose(plain: percent(report))) interval across \(sites, .integer) sites). \(reading). It is exploratory either way."
    )
    var items: [Prose] = []
    if try cell("p.permutation").number != nil {
      items.append(
        "Exchanging the doses between the sites gives p \(try equals("p.permutation", slope)); the smallest that so few sites could give is \(try cell("attainable"), .pValue)."
      )
    }
    if try cell("without.low").number != nil {
      items.append(
        "Without any one of the sites the slope lies between \(try cell("without.low"), style.bare.signed) and \(try cell("without.high"), style.signed)."
      )
    }
    items.append(
      "A slope of \(try cell("detectable"), style) or more would have been found four times out of five."
    )
    if try cell("tau").number != nil {
      items.append(
        "About the line, true effects of sites are estimated to spread with a standard deviation of \(try cell("tau"), style); its interval runs from \(try cell("tau.low"), style.bare) to \(try cell("tau.high"), style)."
      )
    }
    let slopes = report.context.table("dose_response_slope")?.value.rows.count ?? 0
    if slopes > 1, try cell("p.holm").number != nil {
      let isExchanged = try cell("p.permutation").number != nil
      let of: Prose = isExchanged ? "that of exchanging" : "that of the model's t-test"
      items.append(
        "The p-value, \(of), adjusted for looking at several slopes (Holm): p \(try equals("p.holm", slope))."
      )
    }
    report.document.list(items)
  }

  private static func equals(
    _ name: String, _ slope: Released<ResultTable>
  ) throws(SiblingError) -> Prose {
    let cell = try slope.cell(row: 0, name)
    return (cell.number ?? 1) < 0.001 ? "\(cell, .pValue)" : "= \(cell, .pValue)"
  }

  static func methods(_ report: Report) -> [Prose] {
    guard report.context.table("dose_response") != nil else { return [] }
    var items: [Prose] = [
      """
      **Effects by site.** Weighted mean of a site's clients less that of the comparison clients. A \
      site's own error is the spread between clients within treated sites, pooled over them; that of the \
      comparison mean is clustered by its sites; their sum has Satterthwaite's degrees of freedom.
      """
    ]
    if let slope = report.context.table("dose_response_slope") {
      let convention = slope.value[0, "convention"].plainText
      items.append(
        """
        **Dose and response.** Random-effects meta-regression of the sites' effects (\(convention)): REML \
        or Paule and Mandel (1982, doi:10.6028/jres.087.022), Knapp and Hartung (2003, \
        doi:10.1002/sim.1482); interval of the variance between sites by Viechtbauer (2007, \
        doi:10.1002/sim.2514); doses exchanged between sites as in Higgins and Thompson (2004, \
        doi:10.1002/sim.1752). Sites are few and chose their contracts, so this is exploratory.
        """)
    }
    if report.context.rows(
      "dose_response", where: ["dose": .text(SiteDose.outcomeShare)]) != nil
    {
      items.append(
        """
        **Outcome share.** Expected outcomes of the contract's first plan at the tariff in force, over \
        these and the block payment of the same periods. The plan is used, not what was paid: a site \
        with a greater effect is paid more for outcomes, so what was paid goes with the effect by \
        construction.
        """)
    }
    return items
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.table("dose_response") == nil else { return nil }
    if report.context.study.node[key] != nil, report.context.gate.failed {
      return nil
    }
    return (
      "Effects and contracts across sites",
      "tables of contracts, tariffs and targets or of sites by period, and a `dose-response` section"
    )
  }
}
