internal import Contracts
internal import Reporting
internal import Statistics

extension ValueSection {
  /// What perspectives, categories and arms are called.
  static let names: [String: String] = [
    "outcome-payer": "The outcome payer", "public-sector": "The public sector",
    "all-in": "All resources", "delivery": "Delivery",
    "performance_mgmt": "Management of performance", "sib_setup": "Setting up the bond",
    "investor_return": "Investors' return", "evidence_reporting": "Evidence and reporting",
    "evaluation": "Evaluation", "block_payment": "Block payments",
    "outcome_payment": "Outcome payments", "accepted": "Accepted client", "engaged": "Engagement",
    "job_start": "Job start",
  ]

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let rows = report.context.table("value_for_money") else { return }
    let words = FlowWords(report.context.study)
    report.section("Value for money")
    if report.context.gate.verdict != .causal,
      rows.value.firstRow(where: ["term": "delta.cost"]) != nil
    {
      report.document.paragraph(
        "The difference in outcomes between the bond's sites and the others is an association of sites, not shown to be the bond's doing, and so is everything built on it here: cost for each outcome more, net benefit and its probabilities."
      )
    }
    report.document.paragraph(
      """
      Money is counted from three sides. The **outcome payer** counts what it pays and spends itself; the \
      **public sector** counts all public bodies; **all resources** (`all-in` in the files) counts what was used, whoever bore it. A payment and what a provider spends of it are the same money and are never added: the payers' \
      sides count payments, the last counts delivery, management, setting up, investors' return (the \
      price of their money) and reporting. Costs and clients are discounted alike, by the middle of \
      their period.
      """)
    let names = Self.names.merging(words.names) { own, _ in own }
    if let costs = report.context.table("value_costs") {
      report.document.table(
        costs, caption: "What counts, from which side, and why; amounts in the prices given.",
        columns: [
          .init("arm", "Arm", names: names), .init("category", "Category", names: names),
          .init("perspective", "Side", names: names), .init("amount", "Amount", .pounds()),
          .init("counted", "Counted", .pounds()), .init("reason", "Why"),
        ])
    }
    try averages(&report, rows, names)
    if rows.value.firstRow(where: ["term": "delta.cost"]) != nil {
      try additional(&report, rows, names)
    }
    report.document.list(FlowWords.items(report.context.cohortNotes[key], report.context))
  }

  private static func averages(
    _ report: inout Report, _ rows: Released<ResultTable>, _ names: [String: String]
  ) throws(SiblingError) {
    let averages = rows.rows(where: ["term": "average.cost"])
    guard !averages.value.rows.isEmpty else { return }
    report.document.heading(3, "What each outcome cost on average")
    report.document.paragraph(
      "These averages are descriptive: all that was spent over all that was reached, with or without the service's doing. They are not the cost of an additional outcome. Seen from the outcome payer, and from the public sector, a lower figure can mean that others bear costs, not that fewer resources were used: that shows in all resources alone."
    )
    report.document.table(
      averages, caption: "Pounds for each, by arm and side.",
      columns: [
        .init("arm", "Arm", names: names), .init("perspective", "Side", names: names),
        .init("outcome", "For each", names: names), .interval("Interval", .pounds()),
        .init("estimate", "Average", .pounds()),
        .interval(
          "Resampled sites", low: "resampled.low", high: "resampled.high", .pounds()),
        .init("n_sites", "Sites", .integer),
      ])
    if report.context.table("value_sites") != nil {
      report.document.paragraph(
        "Each site's own averages stand in [results/value\\_sites.csv](results/value_sites.csv).")
    }
  }

  private static func additional(
    _ report: inout Report, _ rows: Released<ResultTable>, _ names: [String: String]
  ) throws(SiblingError) {
    let isCausal = report.context.gate.verdict == .causal
    report.document.heading(
      3, isCausal ? "What an additional outcome cost" : "Differences in cost and outcomes together")
    let outcome = rows.value.cells("outcome").compactMap(\.text).last ?? ""
    let word = FlowWords(report.context.study).inside(outcome)
    if let low = try? rows.cell("conf.low", where: ["term": "delta.effect"]),
      let high = try? rows.cell("conf.high", where: ["term": "delta.effect"])
    {
      let elsewhere: Prose = isCausal ? "they would have elsewhere" : "at the other services"
      report.document.paragraph(
        "Of every 100 clients accepted, between \(low, .perHundred(1)) and \(high, .perHundred(1)) more reached “\(word)” at the bond's sites than \(elsewhere), by the study's leading analysis (a number below nought means fewer). The outcome was compared after adjustment; costs are compared as they are, for all accepted clients of each site."
      )
    }
    for name in rows.value.cells("perspective").compactMap(\.text).distinct {
      try sentences(&report, rows, name, names[name] ?? name)
    }
    try figures(&report, rows, names)
    let benefits = rows.rows(where: ["term": "net.benefit"])
    report.document.table(
      benefits,
      caption:
        "Net benefit for an accepted client: what the difference in outcomes is worth, less the difference in cost.",
      columns: [
        .init("perspective", "Side", names: names),
        .init("willingness", "An outcome is worth", .pounds()), .interval("Interval", .pounds()),
        .init("estimate", "Net benefit", .pounds()),
        .init("probability", "Probability above nought", .percent()),
      ])
    report.document.paragraph(
      "Where an outcome is worth £0 cost alone counts, so that a high probability there means only that the bond's sites were cheaper from that side. Net benefit at £0 is the difference in cost with its sign turned; its interval can still differ a little from that of the cost above, because net benefit takes the fewer degrees of freedom of cost and effect, the cost its own."
    )
    report.document.paragraph(
      "The probabilities take the analysis's errors as all there is to doubt: they say nothing about what was not recorded. With few bond sites resampled sites vary too little, so the intervals by Student's t lead."
    )
  }

  private static func sentences(
    _ report: inout Report, _ rows: Released<ResultTable>, _ perspective: String, _ side: String
  ) throws(SiblingError) {
    func cell(_ column: String, _ term: String) throws(SiblingError) -> ReleasedCell? {
      let match: [String: Cell] = ["term": .text(term), "perspective": .text(perspective)]
      guard let row = rows.value.firstRow(where: match) else { return nil }
      return try rows.cell(row: row, column)
    }
    guard let low = try cell("conf.low", "delta.cost"),
      let high = try cell("conf.high", "delta.cost"), let ratio = try cell("estimate", "icer")
    else { return }
    guard let least = low.number, let most = high.number else {
      report.document.paragraph("**\(side)**: withheld, because few people stand behind it.")
      return
    }
    let cost: Prose =
      least > 0
      ? "between \(low, .pounds()) and \(high, .pounds()) more"
      : most < 0
        ? "between \(high, .pounds().magnitude) and \(low, .pounds().magnitude) less"
        : "between \(low, .pounds().magnitude) less and \(high, .pounds()) more (inconclusive)"
    var text: Prose = "**\(side)**: an accepted client cost \(cost) at the bond's sites. "
    if let costs = report.context.table("value_costs")?.value,
      costs.rows.indices.contains(where: {
        costs[$0, "arm"] == "sib" && costs[$0, "perspective"] == .text(perspective)
          && costs[$0, "reason"].plainText.contains("by others")
      })
    {
      text = text + "There others bear costs that this side does not count. "
    }
    if ratio.number != nil {
      text =
        text + (try ratioSentence(ratio, isCausal: report.context.gate.verdict == .causal, cell))
    } else {
      let why = try cell("note", "icer")?.cell.text ?? "it is not determined"
      text =
        text
        + "**No cost of an additional outcome is given**: \(why). \(try unbounded(cell))"
    }
    report.document.paragraph(text)
  }

  private static func ratioSentence(
    _ ratio: ReleasedCell, isCausal: Bool,
    _ cell: (String, String) throws(SiblingError) -> ReleasedCell?
  ) throws(SiblingError) -> Prose {
    var text: Prose = ""
    let each: Prose =
      isCausal ? "Each additional outcome cost" : "For each outcome more the difference in cost is"
    if let low = try cell("conf.low", "icer.fieller"),
      let high = try cell("conf.high", "icer.fieller"), let least = low.number, high.number != nil
    {
      text =
        least < 0
        ? "\(each) at most \(high, .pounds()) (Fieller's interval goes below nought: cost may be lower; the estimate is \(ratio, .pounds()))"
        : "\(each) between \(low, .pounds()) and \(high, .pounds()) (Fieller's interval; the estimate is \(ratio, .pounds()))"
    }
    if let low = try cell("conf.low", "icer.percentile"),
      let high = try cell("conf.high", "icer.percentile"), low.number != nil
    {
      text = text + "; resampled sites give \(low, .pounds()) to \(high, .pounds())"
    }
    return text + "."
  }

  /// What Fieller's set says where there is no ratio.
  private static func unbounded(
    _ cell: (String, String) throws(SiblingError) -> ReleasedCell?
  ) throws(SiblingError) -> Prose {
    guard let note = try cell("note", "icer.fieller")?.cell.text, note.contains("unbounded") else {
      return ""
    }
    return "The data do not bound the ratio (Fieller's set has no end)."
  }

  private static func figures(
    _ report: inout Report, _ rows: Released<ResultTable>, _ names: [String: String]
  ) throws(SiblingError) {
    if let plane = report.context.table("value_plane") {
      let sides = plane.value.cells("perspective").compactMap(\.text).distinct
      let side = sides.contains("all-in") ? "all-in" : sides[0]
      try report.figure(
        CostEffectivenessPlane(
          title: planeTitle(names[side] ?? side),
          subtitle: Prose(
            plain: "\(names[side] ?? side), bond sites less others. "
              + report.context.placeAndPeriod)
        ).figure(plane.rows(where: ["perspective": .text(side)])),
        caption:
          "Differences in cost and effect that the data allow, from their joint distribution across sites; the file holds the other sides too."
      )
    }
    if let curve = report.context.table("value_acceptability") {
      try report.figure(
        AcceptabilityChart(
          title: curveTitle(curve),
          subtitle: Prose(
            plain: "Bond sites compared with others, by whose costs count. "
              + report.context.placeAndPeriod), names: names
        ).figure(curve),
        caption:
          "The probability that net benefit is above nought, by Student's t over sites; the dashed line is even odds."
      )
    }
  }

  /// Names the side and claims nothing: the text says whether differences are conclusive.
  private static func planeTitle(_ side: String) -> Prose {
    "Cost and outcomes together: \(Prose(plain: side.prefix(1).lowercased() + side.dropFirst()))"
  }

  /// That it depends on the price, only where a line crosses even odds.
  private static func curveTitle(_ curve: Released<ResultTable>) -> Prose {
    let sides = curve.value.cells("perspective").compactMap(\.text).distinct
    let crosses = sides.contains { side in
      let shares = curve.rows(where: ["perspective": .text(side)]).value.cells("probability")
        .compactMap(\.number)
      return shares.contains { $0 < 0.5 } && shares.contains { $0 > 0.5 }
    }
    return crosses
      ? "Whether it looks worth its cost depends on the price"
      : "How often it would be worth its cost, by price"
  }
}
