internal import Reporting
internal import Statistics

// What the design could find, whatever was found.

extension Report {
  /// Sentence, table and chart of the study's plan.
  mutating func planned(_ table: Released<ResultTable>) throws(SiblingError) {
    let name = table.value[0, "outcome"].plainText
    let outcome = context.outcome(name)
    let label = outcome?.label ?? name
    let style = outcome?.difference ?? .decimals(3)
    let isShare = outcome?.kind == "binary"
    let unit = outcome?.differenceUnit ?? ""
    try plannedSentence(table, label, style)
    // The spread is always there: where it is withheld, all that rests on it is.
    let isWithheld = table.value[0, "sd"] == .suppressed
    if !isWithheld { try plannedAssumptions(table, isShare: isShare) }
    let shown: NumberStyle = isShare ? .percent(1) : .significant(3)
    let hasSites = table.value[0, "assigned"] == "sites"
    var columns: [Document.TableColumn] = [
      .init("n_treated", "Treated clients", .integer),
      .init("n_comparison", "Comparison clients", .integer), .init("baseline", "Baseline", shown),
    ]
    if hasSites {
      columns += [
        .init("icc", "ICC", .decimals(3)), .init("design_effect", "Design effect", .decimals(2)),
        .init("effective_treated", "Treated, worth", .integer),
        .init("effective_comparison", "Comparisons, worth", .integer),
      ]
    }
    columns.append(
      .init("detectable", unit.isEmpty ? "Detectable" : "Detectable: \(unit)", style.withoutWords))
    if hasSites {
      columns.append(.init("detectable_limit", "with ever more clients", style.withoutWords))
    }
    document.table(
      table,
      caption: hasSites
        ? "What the design could find in \(label). Worth: as many clients assigned one by one."
        : "What the design could find in \(label).", columns: columns)
    guard !isWithheld, let curve = context.table("planning_curve") else { return }
    let here = hasSites ? table.value[0, "clients_per_site"].number : nil
    let place = context.placeAndPeriod
    try attempt(
      caption: hasSites
        ? "The smallest improvement found as often as asked, by clients of a site, sites staying as many as the line says."
        : "The smallest improvement found as often as asked, by clients of both arms."
    ) { () throws(SiblingError) in
      try DetectableEffectChart(
        title: hasSites
          ? "What more clients at these sites would buy" : "What more clients would buy",
        subtitle: Prose(plain: "\(capitalised(label))\(place.isEmpty ? "" : ", \(place)")"),
        style: style, measure: "Smallest detectable difference\(unit.isEmpty ? "" : ", \(unit)")",
        axisTitle: hasSites ? "Clients of a site" : "Clients of both arms", here: here
      ).figure(curve)
    }
  }

  private mutating func plannedSentence(
    _ table: Released<ResultTable>, _ label: String, _ style: NumberStyle
  ) throws(SiblingError) {
    let power = try table.cell(row: 0, "power")
    let level = try table.cell(row: 0, "test_level")
    let detectable = try table.cell(row: 0, "detectable")
    var often: Prose = "with a probability of \(power, .percent(0))"
    if power.number == 0.8 { often = "four times out of five" }
    if power.number == 0.9 { often = "nine times out of ten" }
    var design: Prose = "With these clients"
    if table.value[0, "assigned"] == "sites" {
      let treated = try table.cell(row: 0, "sites_treated")
      let others = try table.cell(row: 0, "sites_comparison")
      let clients = try table.cell(row: 0, "clients_per_site")
      design =
        "With \(treated, .integer) and \(others, .integer) sites of about \(clients, .integer) clients"
    }
    guard table.value[0, "sd"] != .suppressed else {
      document.paragraph(
        "What this design could find is withheld by disclosure control: it rests on few people.")
      return
    }
    guard detectable.cell != .missing else {
      document.paragraph(
        "\(design), this design would not have found any improvement in \(label) \(often), however large: a result that is inconclusive says nothing of whether the programme works."
      )
      return
    }
    document.paragraph(
      "\(design), this design would have found a difference of \(detectable, style) in \(label) \(often), by a two-sided t test of the sites' means at the \(level, .percent(0)) level. A smaller difference may well be missed: an inconclusive result should not be taken to mean that there is none."
    )
    guard table.value[0, "assigned"] == "sites" else { return }
    let limit = try table.cell(row: 0, "detectable_limit")
    let smallest = try table.cell(row: 0, "smallest_p")
    if limit.cell == .missing {
      document.paragraph(
        "No number of clients at these sites would find any improvement as often: the sites are too few."
      )
    } else {
      document.paragraph(
        "However many clients the same sites had, a difference below \(limit, style) would be found less often. Exchanging whole sites between the groups can give a p-value of \(smallest, .significant(2)) at the least."
      )
    }
  }

  private mutating func plannedAssumptions(
    _ table: Released<ResultTable>, isShare: Bool
  ) throws(SiblingError) {
    let baseline = try table.cell(row: 0, "baseline")
    let deviation = try table.cell(row: 0, "sd")
    let isObserved = table.value[0, "baseline_source"] == "observed"
    let place: Prose = isObserved ? "as among the comparisons" : "as the study declares"
    var text: Prose =
      isShare
      ? "This takes a share of \(baseline, .percent(1)) without the programme, \(place)"
      : "This takes a standard deviation of \(deviation, .significant(3)) between clients, \(place)"
    if table.value[0, "assigned"] == "sites" {
      let icc = try table.cell(row: 0, "icc")
      let effect = try table.cell(row: 0, "design_effect")
      let source: Prose =
        table.value[0, "icc_source"] == "observed"
        ? "observed among the comparison sites alone" : "as the study declares"
      text =
        "\(text), and an intracluster correlation of \(icc, .decimals(3)), \(source), which multiplies the variance by \(effect, .decimals(2)) (Eldridge, Ashby and Kerry 2006, doi:10.1093/ije/dyl129)"
    }
    var caution: Prose = ""
    if table.value[0, "icc_source"] == "observed" {
      caution =
        " A correlation seen in few sites is itself uncertain, and what can be found rests on it."
      if table.value[0, "icc"].number == 0 {
        caution =
          " The comparison sites differ no more than chance would have it; with few sites that is hardly known, and a declared correlation would be safer."
      }
    }
    document.paragraph("\(text).\(caution) Outcomes of the two groups are not compared.")
  }
}

extension OutcomeWords {
  /// The unit of its differences; empty for plain numbers.
  fileprivate var differenceUnit: String {
    switch kind {
    case "binary", "share": "percentage points"
    case "weeks": "weeks"
    case "amount": unit
    default: ""
    }
  }
}
