internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// From referral to a sustained job, by arm and site.
///
/// A study with the tables of a cohort has it whether it asks or not.
enum FunnelSection: CohortSection {
  static let showsEffects = false

  private static func analysis(_ study: StudyFile) throws(SiblingError) -> FunnelAnalysis {
    var options = try FlowWords.options(study, "funnel", [.studyOutcomes, .funnelBy])
    if !options.isGiven(.studyOutcomes), let standard = OptionKey.flowOutcomes.defaultText {
      options.set(.studyOutcomes, to: standard)
    }
    return try FunnelAnalysis(
      options, outcomes: .studyOutcomes, own: FlowWords.definitions(study))
  }

  static func check(_ study: StudyFile) throws(SiblingError) {
    try FlowWords.check(study, "funnel", "a funnel needs the tables of a cohort") {
      () throws(SiblingError) in _ = try analysis(study)
    }
  }

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let cohort = run.cohort else { return }
    var (arms, sites, rules) = (
      ResultTable.funnel, ResultTable.funnelSites, ResultTable.funnelExclusions
    )
    var analysis = try analysis(run.study)
    // Of outcomes by arm an effect could be had by subtraction.
    if run.isWithheld { analysis.settings.definitions = [] }
    let column = analysis.by
    if let periods = cohort.others["site_periods"], hasNoDates(cohort.clients) {
      guard !run.isWithheld else { return }
      let funnel = Funnel(level: run.study.level)
      let (total, notes) = try funnel.count(periods: periods, sites: cohort.sites)
      try append(total, by: "arm", to: &arms)
      let own = try funnel.count(periods: periods, sites: cohort.sites, bySite: true).result
      try append(own, arms: cohort.sites, to: &sites)
      tables.cohortNotes["funnel"] =
        ["the funnel is of counts by site and period: the clients have no dates"] + notes
    } else {
      analysis.by = "arm"
      let fit = try analysis.fit(cohort)
      try append(fit.result, by: "arm", to: &arms)
      try append(fit.result.exclusions, by: "arm", to: &rules)
      tables.cohortNotes["funnel"] =
        fit.notes + fit.leftOut.map { "\($0.rule): counted out before the funnel begins" }
      analysis.by = "site"
      let own = try analysis.fit(cohort)
      for row in own.result.rows {
        var cells = cells(row)
        cells["site"] = .text(row.group)
        cells["arm"] = Cell(own.arms[row.group])
        try sites.append(cells)
      }
      if !["arm", "site"].contains(column) {
        analysis.by = column
        let other = try analysis.fit(cohort)
        try append(other.result, by: column, to: &arms)
        try append(other.result.exclusions, by: column, to: &rules)
      }
    }
    // Each rule's count is also the difference of those before and after it, and of the funnel's.
    let isPublic = run.study.disclosure == "none"
    if !isPublic {
      tables.cohortNotes["funnel", default: []].append(
        "the rules by which people stopped are left out: few people could be had by subtracting one"
          + " count from another")
    }
    try FlowWords.add(
      isPublic ? [arms, sites, rules] : [arms, sites], run.study, note: "funnel",
      blocks: ["funnel_sites": ["arm"], "funnel": ["by"]], to: &tables)
  }

  private static func hasNoDates(_ clients: Clients) -> Bool {
    let isMissing = { (day: Int32) in day == missingDay }
    return clients.referral.allSatisfy(isMissing) && clients.accepted.allSatisfy(isMissing)
      && clients.decision.allSatisfy { $0 < 0 }
  }

  private static func cells(_ row: FunnelRow) -> [String: Cell] {
    [
      "stage": .text(row.stage), "n_at_risk": Cell(row.atRisk), "n_reached": Cell(row.reached),
      "n_not_reached": Cell(FunnelAnalysis.counted(row, row.notReached)),
      "n_unknown": Cell(FunnelAnalysis.counted(row, row.unknown)),
      "n_immature": Cell(FunnelAnalysis.counted(row, row.immature)),
      "n_skipped": Cell(FunnelAnalysis.counted(row, row.skipped)),
      "estimate": Cell(row.ofPrevious.estimate),
      "conf.low": Cell(row.ofPrevious.interval?.low),
      "conf.high": Cell(row.ofPrevious.interval?.high),
      "of_accepted": Cell(row.ofAccepted?.estimate),
      "of_accepted.low": Cell(row.ofAccepted?.interval?.low),
      "of_accepted.high": Cell(row.ofAccepted?.interval?.high),
      "n_accepted_yes": Cell(row.ofAccepted?.yes),
      "n_accepted_no": Cell(row.ofAccepted.map { $0.known - $0.yes }),
    ]
  }

  private static func append(
    _ result: FunnelResult, by: String, to table: inout ResultTable
  ) throws(SiblingError) {
    for row in result.rows {
      var cells = cells(row)
      cells["by"] = .text(by)
      cells["group"] = .text(row.group)
      cells["n_sites"] = Cell(row.sites?.sites)
      cells["statistic"] = Cell(row.sites?.statistic)
      cells["df"] = Cell(row.sites?.degreesOfFreedom)
      cells["p.value"] = Cell(row.sites?.pValue)
      cells["between_sd"] = Cell(row.sites?.betweenSD)
      try table.append(cells)
    }
  }

  private static func append(
    _ result: FunnelResult, arms: Sites?, to table: inout ResultTable
  ) throws(SiblingError) {
    for row in result.rows {
      var cells = cells(row)
      cells["site"] = .text(row.group)
      if let place = arms?.ids.firstIndex(of: row.group), let arm = arms?.arm[place], arm >= 0 {
        cells["arm"] = .text(SiteArm.allCases[Int(arm)].rawValue)
      }
      try table.append(cells)
    }
  }

  private static func append(
    _ exclusions: [FunnelExclusion], by: String, to table: inout ResultTable
  ) throws(SiblingError) {
    for row in exclusions {
      try table.append([
        "by": .text(by), "group": .text(row.group), "stage": .text(row.stage),
        "rule": .text(row.rule), "n_before": Cell(row.before), "n_excluded": Cell(row.excluded),
        "n_after": Cell(row.after),
      ])
    }
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let arms = report.context.rows("funnel", where: ["by": "arm"]) else { return }
    let words = FlowWords(report.context.study)
    report.section("From referral to a sustained job")
    report.document.paragraph(
      """
      Everybody is followed from referral. At each stage people either reached it, did not, can't be \
      known for want of evidence, or came too recently to tell; the four add up. Unknown is never \
      counted as no: shares are of those of whom it is known, with Wilson's 95% intervals.
      """)
    for arm in arms.value.cells("group").compactMap(\.text).distinct {
      try armSentence(&report, arms, arm, words)
    }
    try chart(&report, arms, words)
    report.document.table(
      arms, caption: "People at each stage, by arm.",
      columns: columns("group", "Group", words))
    try siteDifferences(&report, arms, words)
    if let sites = report.context.table("funnel_sites") {
      // One line a site: the stages that a reader compares sites by.
      let last = words.names.keys.contains("sustained_13") ? "sustained_13" : "job_start"
      let shown = sites.value.rows.indices.filter {
        ["accepted", "job_start", last].contains(sites.value[$0, "stage"].plainText)
      }
      report.document.table(
        sites.rows(at: shown), caption: "Sites, at three stages; the file holds all.",
        columns: columns("site", "Site", words))
    }
    if let rules = report.context.rows("funnel_exclusions", where: ["by": "arm"]) {
      let table = rules.value
      let stopping = table.rows.indices.filter { table[$0, "n_excluded"] != .number(0) }
      report.document.table(
        rules.rows(at: stopping),
        caption:
          "Why people did not reach a stage, rule by rule. Rules that stopped nobody are in the file.",
        columns: [
          .init("group", "Group", names: words.names), .init("stage", "Stage", names: words.names),
          .init("rule", "Rule"), .init("n_before", "Before", .integer),
          .init("n_excluded", "Stopped", .integer), .init("n_after", "After", .integer),
        ])
    }
    if let table = report.context.table("funnel") {
      let others = table.value.rows.indices.filter { table.value[$0, "by"] != "arm" }
      if let first = others.first {
        let column = table.value[first, "by"].plainText
        report.document.table(
          table.rows(at: others),
          caption: "People at each stage, by \(words.inside(column)).",
          columns: columns("group", capitalised(words[column]), words))
      }
    }
    report.document.list(FlowWords.items(report.context.cohortNotes["funnel"], report.context))
  }

  private static func columns(
    _ column: String, _ heading: String, _ words: FlowWords
  ) -> [Document.TableColumn] {
    [
      .init(column, heading, names: words.names), .init("stage", "Stage", names: words.names),
      .init("n_at_risk", "At risk", .integer), .init("n_reached", "Reached", .integer),
      .init("n_not_reached", "Not", .integer), .init("n_unknown", "Unknown", .integer),
      .init("n_immature", "Too recent", .integer),
      .interval("Share of those at risk", .percent()),
      .interval(
        "Share of the accepted", low: "of_accepted.low", high: "of_accepted.high", .percent()),
    ]
  }

  /// Interval first, in words.
  private static func armSentence(
    _ report: inout Report, _ table: Released<ResultTable>, _ arm: String, _ words: FlowWords
  ) throws(SiblingError) {
    func cell(_ column: String, _ stage: String) -> ReleasedCell? {
      let match: [String: Cell] = ["group": .text(arm), "stage": .text(stage)]
      guard table.value.firstRow(where: match) != nil else { return nil }
      return try? table.cell(column, where: match)
    }
    guard let referred = cell("n_reached", "referred"), let accepted = cell("n_reached", "accepted")
    else { return }
    var text: Prose =
      "**\(words[arm])**: \(referred, .integer) people were referred and \(accepted, .integer) accepted."
    let stages = table.value.cells("stage").compactMap(\.text).distinct
    var parts: [Prose] = []
    for stage in stages where !["referred", "accepted", "engaged"].contains(stage) {
      guard let low = cell("of_accepted.low", stage), let high = cell("of_accepted.high", stage),
        low.number != nil, high.number != nil
      else { continue }
      parts.append(
        "\(low, .percent().bare) to \(high, .percent()) \(words.verb(stage, "were"))")
    }
    if !parts.isEmpty {
      var list = parts[0]
      for (place, part) in parts.enumerated().dropFirst() {
        list = list + (place == parts.count - 1 ? " and " : ", ") + part
      }
      text = text + " Of those accepted, as far as it is known, \(list)."
    }
    report.document.paragraph(text)
  }

  private static func chart(
    _ report: inout Report, _ arms: Released<ResultTable>, _ words: FlowWords
  ) throws(SiblingError) {
    guard arms.value.cells("stage").compactMap(\.text).distinct.count > 1,
      arms.value.cells("group").distinct.count <= 4
    else { return }
    var title: Prose = "How far people came, from referral to work"
    let stage = arms.value.firstRow(where: ["stage": "job_start"]) != nil ? "job_start" : "accepted"
    let column = stage == "job_start" ? "of_accepted" : "estimate"
    let verb = stage == "job_start" ? "Started a job" : "Accepted"
    if let sib = try? arms.cell(column, where: ["group": "sib", "stage": .text(stage)]),
      let other = try? arms.cell(column, where: ["group": "non_sib", "stage": .text(stage)]),
      sib.number != nil, other.number != nil
    {
      title = "\(verb): \(sib, .percent()) with a SIB, \(other, .percent()) without"
    }
    let place = report.context.placeAndPeriod
    try report.figure(
      FunnelChart(
        title: title,
        subtitle: Prose(plain: "Shares of people from referral to a sustained job. " + place),
        names: words.names
      ).figure(arms),
      caption:
        "The first bars are of those referred, all others of those accepted. The arms are shown as they are, without adjustment for who their clients are."
    )
  }

  private static func siteDifferences(
    _ report: inout Report, _ arms: Released<ResultTable>, _ words: FlowWords
  ) throws(SiblingError) {
    var items: [Prose] = []
    for stage in ["accepted", "engaged", "job_start"] {
      for row in arms.value.rows.indices where arms.value[row, "stage"] == .text(stage) {
        guard let p = arms.value[row, "p.value"].number else { continue }
        let group = words[arms.value[row, "group"].plainText]
        let spread = try arms.cell(row: row, "between_sd")
        let value = try arms.cell(row: row, "p.value")
        items.append(
          "\(words[stage]), \(group): the sites' shares differ with a standard deviation of \(spread, .percentagePoints(1)) beyond chance; their differences are \(FlowWords.chance(p)) (p \(p < 0.001 ? "" : "= ")\(value, .pValue))."
        )
      }
    }
    guard !items.isEmpty else { return }
    report.document.paragraph("**Do the sites of an arm differ?** Of those at risk of each stage:")
    report.document.list(items)
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of its first appearance.
  var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
