internal import DifferenceInDifferences
internal import Engines
internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

// Everything before the gate, from sums.

extension SumsRun {
  /// Fills the balance table and what the gate may know.
  ///
  /// - Throws: what is wrong with the design, located; the engine's failures.
  mutating func design(
    _ facts: inout DesignFacts, _ tables: inout StudyTables, leavingOutcomes: Bool,
    _ settings: GateSettings
  ) throws(SiblingError) {
    let compared = ["treatment", "matching", "difference-in-differences", "event-study"]
    facts.hasComparison = compared.contains { study.node[$0] != nil }
    facts.isSiteLevel = study.node["assignment"]?["level"]?.text == "site"
    facts.unnamedGroups = study.node["assignment"]?["unnamed-groups"]?.text
    facts.mechanism = study.node["assignment"]?["mechanism"]?.text ?? "unknown"
    facts.minimumCount = study.disclosureProfile.minimumCount
    facts.leavesOutcomes = leavingOutcomes
    facts.chosenBy = chosenBy
    let counts = try data.aggregate(keys: armKeys)
    try requireBlindness()
    if let node = study.node["matching"] {
      try weighted(node, counts, &facts, &tables)
    } else if try !panel(&facts), treated != nil {
      let arms = arms(counts)
      facts.treatedClusters = people(arms, counts, "treated")
      facts.clusters = facts.treatedClusters + people(arms, counts, "comparison")
    }
    try sites(&facts)
    if facts.attainablePValue == nil, facts.treatedClusters > 0,
      facts.treatedClusters < facts.clusters
    {
      facts.attainablePValue = try AttainablePValue.completeRandomisation(
        treated: facts.treatedClusters, clusters: facts.clusters
      ).value
    }
    guard facts.hasComparison else { return }
    if !leavingOutcomes { try outcomes(&facts) }
    facts.detectable = settings.smallest.map { name, effect in
      DetectableEffect(
        outcome: name, declared: effect, why: "it is found from rows, and the study is by sums")
    }
    if study.node["difference-in-differences"] != nil || study.node["event-study"] != nil {
      facts.preTrends = PreTrendFinding(
        why: "they are tested before the gate from rows, and the study is by sums")
    }
  }

  /// Refuses a design that names what happened after treatment.
  private func requireBlindness() throws(SiblingError) {
    let columns = data.names.map { Column(name: $0, values: .doubles([])) }
    let blind = BlindTable(try Table(columns), hiding: hidden)
    if let node = study.node["matching"] { try blind.check(node) }
    for key in ["difference-in-differences", "event-study"] {
      for node in study.node[key]?.elements ?? [] { try blind.checkCovariates(node) }
    }
  }

  private func people(
    _ arms: [(name: String, cells: [Int])], _ cells: Cells, _ name: String
  ) -> Int {
    arms.first { $0.name == name }?.cells.reduce(0) { $0 + cells.counts[$1] } ?? 0
  }

  /// Balance before and after weighting, and who has every covariate.
  private mutating func weighted(
    _ node: StudyNode, _ counts: Cells, _ facts: inout DesignFacts, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let options = study.options(
      node,
      [OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting
        + OptionKey.balanceDetail)
    let analysis = try BalanceAnalysis(formula: node["formula"]?.text, options: options)
    // An effect without its design would be another one's: what leads would not be what was asked for.
    if let why = EngineWeighting.needsRows(analysis.design) {
      throw SiblingError(
        .badValue, "a study by sums can't make its design, because \(why)",
        help: "say 'method: ipw' under 'matching', or 'by: rows' under 'data'",
        location: node["method"]?.location ?? node.location)
    }
    (designWords, estimand) = (analysis.design.words, analysis.design.estimand.rawValue)
    do throws(SiblingError) {
      let known = try complete(analysis.design)
      facts.treatedClusters = known.treated
      facts.clusters = known.treated + known.comparison
      let arms = arms(counts)
      facts.covariates = [("treated", known.treated), ("comparison", known.comparison)]
        .compactMap { name, known in
          let all = people(arms, counts, name)
          return all > 0 ? KnownShare(arm: name, known: known, all: all) : nil
        }
    } catch {
      guard error.code == .unsupportedFormat else {
        throw error.located(error.location ?? node["formula"]?.location)
      }
      leftOut.append(LeftOut(section: "The people of the design", reason: error.message))
    }
    let kept = data
    let found = try attempt("Balance", node, needsRows: analysis.needsRows) {
      () throws(SiblingError) in
      try analysis.measured(on: kept, wantsOverlap: true)
    }
    guard let (output, overlap) = found else {
      facts.overlapWhy = leftOut.last.map { "balance is left out, because \($0.reason)" }
      return
    }
    notes += output.notes
    if let overlap, overlap.treated.all > 0 {
      let (all, outside) = (overlap.treated.all, overlap.treated.outside)
      facts.overlapPeople = [outside, all - outside]
      facts.overlapShare = 1 - Double(outside) / Double(all)
    } else {
      facts.overlapWhy = "too few people share a score for counts of it to leave the engine"
    }
    let rows = SumsRows(output)
    for row in 0..<rows.count {
      var cells = rows.cells(row, of: tables.balance)
      cells["analysis"] = "matched"
      if let inside = output.people["in_treated"], let other = output.people["in_comparison"],
        let restTreated = output.people["rest_treated"],
        let restComparison = output.people["rest_comparison"]
      {
        let isLevel = rows.text("level", row) != nil
        cells["n_treated"] = Cell(inside[row] + (isLevel ? restTreated[row] : 0))
        cells["n_comparison"] = Cell(other[row] + (isLevel ? restComparison[row] : 0))
        if isLevel {
          cells["level_treated"] = Cell(inside[row])
          cells["level_comparison"] = Cell(other[row])
          cells["rest_treated"] = Cell(restTreated[row])
          cells["rest_comparison"] = Cell(restComparison[row])
        }
      } else {
        cells["n_treated"] = Cell(facts.treatedClusters)
        cells["n_comparison"] = Cell(facts.clusters - facts.treatedClusters)
      }
      try tables.balance.append(cells)
    }
    facts.worstImbalance = rows.indices.filter { row in
      rows.text("stage", row) == Balance.Stage.adjusted.rawValue
        && rows.text("covariate", row) != Balance.distanceName
    }.compactMap { rows.number("smd", $0)?.magnitude }.max()
  }

  /// How many of either arm miss nothing that the design reads.
  private func complete(
    _ design: MatchDesign
  ) throws(SiblingError) -> (treated: Int, comparison: Int) {
    var options = EngineFrame.Options()
    options.alsoComplete = design.columns
    options.treated = study.node["treatment"]?["treated"]?.text
    let frame = try EngineFrame(design.formula, to: data, options)
    guard let response = frame.response else { return (0, 0) }
    let cells = try frame.data.aggregate(keys: [GroupKey("treated", .number(response))])
    func count(_ value: Double) -> Int {
      cells.numbers(0).indices.filter { cells.numbers(0)[$0] == value }
        .reduce(0) { $0 + cells.counts[$1] }
    }
    return (count(1), count(0))
  }

  /// What the gate needs to know of a panel; false where the study has none.
  private func panel(_ facts: inout DesignFacts) throws(SiblingError) -> Bool {
    var columns: [PanelColumns] = []
    var isTwoWay = study.node["event-study"] != nil
    for node in study.node["difference-in-differences"]?.elements ?? [] {
      let analysis = try DifferenceAnalysis(
        formula: nil, options: study.options(node, OptionKey.did + [.cluster]))
      columns += [analysis.panelColumns].compactMap { $0 }
      if case .fixedEffects = analysis.shape { isTwoWay = true }
    }
    for node in study.node["event-study"]?.elements ?? [] {
      columns.append(
        try EventStudyAnalysis(
          formula: nil, options: study.options(node, OptionKey.eventStudy + [.cluster])
        ).columns)
    }
    guard let first = columns.first(where: { !$0.unit.isEmpty && !$0.group.isEmpty }),
      let found = try units(first)
    else { return false }
    facts.isPanel = true
    facts.clusters = found.all
    facts.treatedClusters = found.starts.count
    facts.isStaggeredTwoWay = Set(found.starts).count > 1 && isTwoWay
    return true
  }

  /// How many units a panel has, and when treatment starts in those where it does; nil without units.
  func units(
    _ columns: PanelColumns
  ) throws(SiblingError) -> (all: Int, starts: [Double])? {
    guard !columns.unit.isEmpty, !columns.group.isEmpty else { return nil }
    let cells = try data.aggregate(keys: [
      try data.factor(columns.unit).key("unit"),
      GroupKey("start", .number(try data.number(columns.group))),
    ])
    let times = try data.levels(of: .number(try data.number(columns.time))).numbers
    let starts = cells.numbers(1).filter { start in
      !start.isNaN && start > 0 && start <= times.last ?? 0
    }
    return (cells.count, starts)
  }

  /// Counts sites where whole sites were assigned.
  private mutating func sites(_ facts: inout DesignFacts) throws(SiblingError) {
    guard facts.isSiteLevel else { return }
    guard let column = study.node["assignment"]?["site"]?.text else {
      throw SiblingError(
        .missingKey, "sites were assigned, but no column of sites is named",
        help: "add 'site: column' under 'assignment'",
        location: study.node["assignment"]?.location)
    }
    guard let treated else { return }
    // Some sites may have fewer people than a cell that may leave the engine: there they stay.
    var known = data
    known.restrict(to: .comparison(.equal, .isMissing(treated), .constant(0)))
    try data.engine.createTemporary(
      "sites",
      .cells(
        AggregateQuery(
          data.source, keep: known.keep, keys: [try data.factor(column).key("site")],
          sums: [NamedExpression("treated", treated)])))
    defer { data.engine.dropTemporary("sites") }
    let (some, all) = (RowExpression.column("treated"), RowExpression.column("n"))
    let isTreated = RowExpression.comparison(.greater, some, .constant(0))
    let cells = try data.engine.aggregate(
      AggregateQuery(
        .temporary("sites"), keep: .comparison(.equal, .isAbsent("site"), .constant(0)),
        sums: [
          NamedExpression("treated", isTreated),
          NamedExpression("mixed", .both(isTreated, .comparison(.less, some, all))),
        ]))
    guard cells.sums[1][0] == 0 else {
      throw SiblingError(
        .badDesign, "a site has both treated and comparison rows, but sites were assigned",
        help: "check the site and treatment columns", column: column)
    }
    facts.treatedClusters = Int(cells.sums[0][0].rounded())
    facts.clusters = cells.rowCount
    siteCount = facts.clusters
  }

  /// By outcome and arm, of how many people it is known.
  private func outcomes(_ facts: inout DesignFacts) throws(SiblingError) {
    facts.outcomes += try known(eligible)
  }

  /// By outcome and arm, of how many of some rows it is known.
  func known(
    _ rows: EngineData
  ) throws(SiblingError) -> [(name: String, arms: [KnownShare])] {
    var names: [String] = []
    var sums: [NamedExpression] = []
    for name in study.outcomeColumns where data.names.contains(name) {
      sums.append(
        NamedExpression("known\(names.count)", try data.factor(name).isMissing.negated))
      names.append(name)
    }
    guard !names.isEmpty else { return [] }
    let cells = try rows.aggregate(keys: armKeys, sums: sums)
    return names.indices.map { index in
      let shares = arms(cells).filter { $0.name != "(missing)" && !$0.cells.isEmpty }.map { arm in
        KnownShare(
          arm: arm.name,
          known: arm.cells.reduce(0) { $0 + Int(cells.sums[index][$1].rounded()) },
          all: arm.cells.reduce(0) { $0 + cells.counts[$1] })
      }
      return (names[index], shares)
    }
  }
}
