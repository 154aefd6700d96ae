internal import Reporting
internal import Statistics

// What can be said when few sites stand behind an effect.

extension Report {
  /// Every method for few clusters side by side.
  mutating func fewClusters() throws(SiblingError) {
    guard !context.gate.failed else { return }
    let all = analyses("few_clusters")
    guard !all.isEmpty else { return }
    section("Few sites: what each method says")
    document.paragraph(
      "Fewer than 40 sites stand behind the effect, and the usual standard errors count on many. The methods below make up for that in different ways; none needs to be believed alone. Where they disagree, that is the finding."
    )
    for (name, rows) in all {
      for outcome in Set(rows.value.cells("outcome").compactMap(\.text)).sorted() {
        guard
          let own = context.rows(
            "few_clusters", where: ["analysis": .text(name), "outcome": .text(outcome)])
        else { continue }
        try fewClusters(own, name, outcome)
      }
    }
    document.paragraph(
      "CR0 to CR3 are cluster-robust standard errors with more and more allowance for few clusters; WCR and WCU are wild cluster bootstraps with the null imposed or not; RI exchanges the launches between sites and is exact, however few they are, if each exchange was as likely; Conley–Taber and Ferman–Pinto judge the treated by the errors of the untreated; Ibragimov–Müller and cluster-t use one number a site."
    )
  }

  private mutating func fewClusters(
    _ rows: Released<ResultTable>, _ name: String, _ outcome: String
  ) throws(SiblingError) {
    let words = context.outcome(outcome)
    let label = words?.label ?? outcome
    let style = (words?.difference ?? .decimals(3)).signed
    document.heading(
      3,
      "\(capitalised(label)): \(markdown: name == "matched" ? "adjusted difference" : "two-way fixed effects")"
    )
    if rows.value[0, "method"] == "attainable-p" {
      let floor = try rows.cell(row: 0, "p.value")
      let isTelling = (floor.number ?? 1) > 0.01
      let reason: Prose =
        isTelling
        ? ": so few are the ways in which chance could have given treatment to the sites. No data could make that evidence stronger."
        : "; sign flips of the treated sites alone can do less, see the second row."
      document.paragraph(
        "**The smallest p-value that exchanging launches between sites can give is \(floor, .significant(2))**\(reason)"
      )
    }
    let table = rows.value
    // Of a method's conventions the first is drawn; the table below has them all.
    var seen: Set<String> = []
    let drawn = table.rows.indices.filter {
      table[$0, "conf.low"].number != nil && table[$0, "conf.high"].number != nil
        && seen.insert(table[$0, "method"].plainText).inserted
    }
    if !drawn.isEmpty {
      let chart = ForestPlot(
        title: "The same estimate, judged by each method",
        subtitle: Prose(
          plain: "\(capitalised(label)): intervals by method for few clusters. "
            + context.placeAndPeriod),
        style: style.withoutWords, axisTitle: words.map { axisTitle($0) } ?? "Difference",
        labels: ["method"])
      try figure(
        chart.figure(rows.rows(at: drawn), name: "few_clusters_\(outcome)"),
        caption:
          "Intervals by method; those without a bounded interval are left out, and of CR3 the first convention is drawn."
      )
    }
    let judged = table.rows.indices.filter { table[$0, "p.value"] != .missing }
    document.table(
      rows.rows(at: judged), caption: "Methods for few clusters.",
      columns: [
        .init("method", "Method"), .init("convention", "Convention"),
        .init(
          "std.error", "Standard error\(words.map { unit($0) } ?? "")",
          words?.error ?? .significant(4)),
        .init("df", "Degrees of freedom", .significant(3)), .init("p.value", "p", .pValue),
        .interval("Interval", style.withoutWords),
      ]
        + (table.cells("size").contains { $0 != .missing }
          ? [.init("size", "Rejects a true null at 5%", .percent(1))] : []))
    let refused = table.rows.indices.filter {
      table[$0, "p.value"] == .missing && table[$0, "note"].text != nil
    }
    var list = (context.fewClusterNotes["\(name) \(outcome)"] ?? []).map {
      Prose(plain: sentence($0))
    }
    for row in refused {
      list.append(
        Prose(
          plain: "\(table[row, "method"].plainText) is not available: "
            + table[row, "note"].plainText))
    }
    document.list(list)
  }
}
