internal import Reporting
internal import Statistics

// The section on how alike the groups are.

extension Report {
  /// Balance: Table 1, love plot, overlap, densities and quantiles, sites, effective sample size.
  mutating func balance() throws(SiblingError) {
    guard let balance = context.rows("balance", where: ["analysis": "matched"]) else { return }
    section("How alike the groups are")
    document.paragraph(
      "The design is \(context.designWords ?? "a comparison"). A standardised mean difference beyond \(thresholdText) in either direction counts as imbalance."
    )
    let names = covariateNames(balance.value)
    try balanceOfCovariates(balance, names)
    try scores()
    try densities(names)
    try quantiles(names)
    try sites()
    try effectiveSize(balance)
  }

  private mutating func balanceOfCovariates(
    _ balance: Released<ResultTable>, _ names: [String: String]
  ) throws(SiblingError) {
    let love = LovePlot(
      title: "Covariates before and after adjustment",
      subtitle: Prose(
        plain: "Standardised mean difference, \(context.treatedLabel) less "
          + "\(context.comparisonLabel)"), threshold: threshold, names: names)
    let covariates = withoutSizes(balance)
    try figure(
      love.figure(covariates),
      caption: "Standardised mean differences; the band marks \(thresholdText).")
    document.table(
      covariates,
      caption: "Covariates before (unadjusted) and after (adjusted) the design was applied.",
      columns: balanceColumns(names))
  }

  private func balanceColumns(_ names: [String: String]) -> [Document.TableColumn] {
    [
      .init("covariate", "Covariate", names: names), .init("level", "Level"),
      .init("stage", "Stage"), .init("mean_treated", "Treated", .significant(4)),
      .init("mean_comparison", "Comparison", .significant(4)),
      .init("smd", "SMD", .decimals(3)), .init("var_ratio", "Variance ratio", .decimals(2)),
      .init("ks", "KS", .decimals(3)),
    ]
  }

  private func withoutSizes(_ balance: Released<ResultTable>) -> Released<ResultTable> {
    balance.rows(
      at: balance.value.rows.indices.filter { balance.value[$0, "covariate"] != "ess" })
  }

  private mutating func scores() throws(SiblingError) {
    guard let overlap = context.table("overlap") else { return }
    let chart = OverlapChart(
      title: "Propensity scores of both groups",
      subtitle: Prose(plain: "Share of each group by probability of treatment"),
      armNames: armNames)
    try figure(
      chart.figure(overlap),
      caption: "Where the bars face each other, like is compared with like.")
  }

  private var armNames: (treated: String, comparison: String) {
    (capitalised(context.treatedLabel), capitalised(context.comparisonLabel))
  }

  private mutating func densities(_ names: [String: String]) throws(SiblingError) {
    guard let table = context.table("densities") else { return }
    for (number, covariate) in covariates(of: table.value).enumerated() {
      let rows = table.rows(where: ["covariate": .text(covariate)])
      guard rows.value.cells("density").contains(where: { ($0.number ?? 0) > 0 }) else {
        document.paragraph(
          "The densities of \(lowercased(names[covariate] ?? covariate)) were withheld ([results/densities.csv](results/densities.csv)): too few people are near any value."
        )
        continue
      }
      let label = names[covariate] ?? covariate
      let chart = DensityChart(
        title: Prose(plain: "Density of \(lowercased(label))"),
        subtitle: Prose(plain: "Kernel density of each group, \(context.placeAndPeriod)"),
        axisTitle: label, style: style(of: rows.value.cells("value")), armNames: armNames)
      try figure(
        chart.figure(rows, name: "density_\(number + 1)"),
        caption:
          "How both groups are spread over \(lowercased(label)), before and after adjustment.")
    }
  }

  private mutating func quantiles(_ names: [String: String]) throws(SiblingError) {
    guard let table = context.table("quantiles") else { return }
    for (number, covariate) in covariates(of: table.value).enumerated() {
      let rows = table.rows(where: ["covariate": .text(covariate)])
      guard rows.value.cells("quantile_treated").contains(where: { $0.number != nil }) else {
        document.paragraph(
          "The quantiles of \(lowercased(names[covariate] ?? covariate)) were withheld ([results/quantiles.csv](results/quantiles.csv)): too few people stand beyond each."
        )
        continue
      }
      let label = names[covariate] ?? covariate
      let values = rows.value.cells("quantile_treated") + rows.value.cells("quantile_comparison")
      let chart = QQChart(
        title: Prose(plain: "Quantiles of \(lowercased(label))"),
        subtitle: Prose(plain: "Each point is one quantile in both groups"),
        style: style(of: values), armNames: armNames)
      try figure(
        chart.figure(rows, name: "qq_\(number + 1)"),
        caption:
          "Quantiles of \(lowercased(label)) in both groups; on the dashed line they are equal.")
    }
  }

  /// Site means, where whole sites were assigned.
  private mutating func sites() throws(SiblingError) {
    guard let balance = context.rows("balance", where: ["analysis": "sites"]) else { return }
    let names = covariateNames(balance.value)
    document.paragraph(
      "Whole sites were assigned, so the sites' means are compared as well, every site counting once whatever its size."
    )
    document.table(
      withoutSizes(balance), caption: "Means of site means before and after adjustment.",
      columns: balanceColumns(names))
    let before: [String: ResultTable.Cell] = ["covariate": "ess", "stage": "unadjusted"]
    guard balance.value.firstRow(where: before) != nil else { return }
    let treated = try balance.cell("mean_treated", where: before)
    let comparison = try balance.cell("mean_comparison", where: before)
    document.paragraph(
      "Site means rest on \(treated, .integer) treated and \(comparison, .integer) comparison sites."
    )
  }

  private mutating func effectiveSize(_ balance: Released<ResultTable>) throws(SiblingError) {
    let match: [String: ResultTable.Cell] = ["covariate": "ess", "stage": "adjusted"]
    guard balance.value.firstRow(where: match) != nil else { return }
    let treated = try balance.cell("mean_treated", where: match)
    let comparison = try balance.cell("mean_comparison", where: match)
    document.paragraph(
      "After adjustment the effective sample sizes are \(treated, .decimals(1)) treated and \(comparison, .decimals(1)) comparison units."
    )
  }

  // MARK: Words

  /// The standardised difference up to which a covariate counts as balanced, as the study says.
  private var threshold: Double {
    context.study.node["matching"]?["threshold"]?.text.flatMap { Double($0) } ?? 0.1
  }

  private var thresholdText: Prose {
    context.study.node["matching"]?["threshold"]?.text.map { Prose(plain: $0) } ?? "0.1"
  }

  private func covariates(of table: ResultTable) -> [String] {
    var seen: Set<String> = []
    return table.cells("covariate").compactMap(\.text).filter { seen.insert($0).inserted }
  }

  /// As many decimals as the values need to be told apart on an axis.
  private func style(of cells: [ResultTable.Cell]) -> NumberStyle {
    let values = cells.compactMap(\.number)
    let span = (values.max() ?? 0) - (values.min() ?? 0)
    return .decimals(span >= 10 ? 0 : span >= 1 ? 1 : 2)
  }

  /// The label in the middle of a sentence: its first letter small unless the word is an acronym.
  private func lowercased(_ label: String) -> String {
    let second = label.dropFirst().first
    guard let second, second.isLowercase else { return label }
    return label.prefix(1).lowercased() + label.dropFirst()
  }

  /// What the covariates of a balance table are called: the study's labels, and those of the
  /// factors for powers and products.
  private func covariateNames(_ table: ResultTable) -> [String: String] {
    var names = context.labels
    names["distance"] = names["distance"] ?? "Propensity score"
    let known = Set(covariates(of: table))
    for covariate in covariates(of: table) where names[covariate] == nil {
      if let caret = covariate.lastIndex(of: "^"), known.contains(String(covariate[..<caret])) {
        let base = String(covariate[..<caret])
        let power = String(covariate[covariate.index(after: caret)...])
        let sign = ["2": "²", "3": "³"][power] ?? "^\(power)"
        names[covariate] = (names[base] ?? base) + sign
        continue
      }
      for colon in covariate.indices where covariate[colon] == ":" {
        let parts = [
          String(covariate[..<colon]), String(covariate[covariate.index(after: colon)...]),
        ]
        guard parts.allSatisfy({ known.contains($0) }) else { continue }
        names[covariate] = parts.map { names[$0] ?? $0 }.joined(separator: " × ")
        break
      }
    }
    return names
  }
}
