internal import Reporting
internal import Statistics

// Sections that describe the study: question, setting, who was excluded, balance.

extension Report {
  /// What you can and cannot say.
  mutating func whatCanBeSaid() {
    section("What you can and cannot say")
    let reason = context.gate.reason
    switch context.gate.verdict {
    case .causal:
      document.paragraph(
        "The design supports a **causal** reading: \(reason). The interval says how far chance alone could have moved the estimate."
      )
    case .associational:
      document.paragraph(
        "The design supports an **associational** reading only: \(reason). Say \"was associated with\", not \"caused\"."
      )
    case .descriptive:
      document.paragraph(
        "The figures are **descriptive**: \(reason). They can't be read as an effect.")
    }
    var cannot: [Prose] = []
    if isAnythingInconclusive {
      cannot.append(
        "That an inconclusive result shows that nothing changed: it should not be taken to mean that the programme has no effect."
      )
    }
    if context.designWords == nil, context.gate.verdict == .associational {
      cannot.append(whatCannotBeSaid)
    }
    if context.designWords != nil, context.gate.verdict != .causal {
      cannot.append(
        "That the groups were alike in what was not recorded: matching removes differences in the recorded covariates only."
      )
    }
    if let population = context.population, population.contains(" of "), !context.isRandomised {
      cannot.append(
        "Anything about those who found no match: the effect is that \(context.populationWords ?? population)."
      )
    }
    if context.table("performance") != nil {
      let isCompared = context.designWords != nil || context.table("estimates") != nil
      cannot.append(
        isCompared
          ? "That a service caused what it achieved of its target: a target is what was agreed, not what would have happened."
          : "That a service caused what it achieved: there is no comparison group, and a target is what was agreed, not what would have happened."
      )
    }
    guard !cannot.isEmpty else { return }
    document.paragraph("What can't be said:")
    document.list(cannot)
  }

  /// Whether the interval of any shown effect includes no difference.
  private var isAnythingInconclusive: Bool {
    guard let table = context.table("estimates")?.value else { return false }
    return table.rows.indices.contains { row in
      guard table[row, "scale"] == "difference", let low = table[row, "conf.low"].number,
        let high = table[row, "conf.high"].number
      else { return false }
      return low <= 0 && high >= 0
    }
  }

  /// Question, estimand and the trial that the study imitates.
  mutating func question() {
    section("Question, estimand and target trial")
    document.paragraph("\(context.study.question)")
    guard context.study.node["data"] != nil else {
      document.paragraph(
        context.study.node["performance"] == nil
          ? "No effect is estimated: payments are compared with the terms of the contracts."
          : "No effect is estimated: published totals are compared with the targets that the contracts set."
      )
      return
    }
    var rows: [[Prose]] = []
    func add(_ name: Prose, _ text: String?) {
      if let text { rows.append([name, "\(capitalised(text))"]) }
    }
    add("Eligibility", context.setting("population"))
    add("Treatment", context.setting("programme"))
    add("Comparison", context.setting("comparison"))
    add("Assignment", assignmentWords)
    if !context.isRandomised {
      add("In the trial that this imitates", "chance would assign, and everybody would know")
    }
    add("Time zero", context.setting("time-zero"))
    add("Follow-up", context.setting("follow-up"))
    add("Outcome", context.outcomes.first?.label)
    if context.isRandomised {
      add("Estimand", "average effect of assignment among everybody who was randomised")
      add(
        "Analysis",
        "difference between the groups as randomised; \(context.designWords ?? "") as a check")
    } else {
      add("Estimand", estimandWords)
      add("Analysis", context.designWords)
    }
    document.table(headings: ["Element", "In this study"], rows: rows)
  }

  private var assignmentWords: String {
    let node = context.study.node["assignment"]
    let level = node?["level"]?.text == "site" ? "whole sites" : "individual units"
    switch node?["mechanism"]?.text {
    case "randomised": return "\(level), by chance"
    case "self-selected": return "\(level), by their own choice or that of staff"
    case "policy": return "\(level), by a policy that others decided"
    case "contract": return "\(level), by a contract"
    default: return "not stated"
    }
  }

  private var estimandWords: String? {
    guard let population = context.population else {
      return context.study.node["difference-in-differences"] == nil
        ? nil : "average effect on the treated (ATT)"
    }
    let name = population.hasPrefix("ATC") ? "comparisons (ATC)" : "treated (ATT)"
    guard population.hasPrefix("ATT") || population.hasPrefix("ATC") else {
      return "average effect, \(population)"
    }
    guard let words = context.populationWords else { return "average effect on the \(name)" }
    return "average effect on the \(name), \(words)"
  }

  /// Setting and definitions.
  mutating func settingAndDefinitions() {
    section("Setting and definitions")
    var items: [Prose] = []
    for (key, name) in [
      ("place", "Place"), ("period", "Period"), ("population", "Population"),
      ("programme", "Programme"), ("comparison", "Comparison"),
    ] {
      if let text = context.setting(key) { items.append("**\(name)**: \(text).") }
    }
    document.list(items)
    let isSilent = items.isEmpty && context.outcomes.isEmpty && context.findings.isEmpty
    if isSilent { document.paragraph("The study file declares none.") }
    let outcomes = context.outcomes.map { outcome -> Prose in
      "`\(markdown: outcome.name)`: \(outcome.label)."
    }
    if !outcomes.isEmpty {
      document.paragraph("Outcomes, the primary one first:")
      document.list(outcomes)
    }
    if let weekly = context.study.node["data"]?["weekly"] {
      document.paragraph(
        "A job is a run of consecutive weeks in work. \(weeklyDefinitions(weekly))")
    }
    if !context.findings.isEmpty {
      document.paragraph("Found in the data:")
      document.list(context.findings.map { Prose(plain: shown($0)) })
    }
  }

  /// A finding, without how often it was made where that may be of few people.
  private func shown(_ finding: String) -> String {
    guard context.profile != "none", finding.hasSuffix(" times)"),
      let start = finding.lastIndex(of: "(")
    else { return finding }
    return String(finding[..<start].dropLast())
  }

  private func hasBounds(_ outcome: String?) -> Bool {
    context.study.node["outcomes"]?.elements.contains {
      $0["name"]?.text == outcome && $0["lower-bound"] != nil
    } ?? false
  }

  private func weeklyDefinitions(_ node: StudyNode) -> Prose {
    let label = node["exit-label"]?.text ?? "an exit"
    var prose: Prose =
      "Everybody counts in every outcome: somebody who never started, lost the first job early, or left by \(label) before it had lasted has not sustained a job."
    for definition in node["sustained"]?.elements ?? [] {
      prose =
        prose
        + " `\(markdown: definition["name"]?.text ?? "")` asks for a first job started by week \(definition["start-by"]?.text ?? "") that lasts at least \(definition["weeks"]?.text ?? "") weeks; those who start later count as not sustained\(hasBounds(definition["name"]?.text) ? ", and the bounds count them both ways" : "")."
    }
    return prose
  }

  /// Whether rows are units in periods rather than people.
  private var isPanel: Bool {
    let study = context.study.node
    return study["event-study"] != nil
      || study["difference-in-differences"]?.elements.contains { $0["unit"] != nil } == true
  }

  /// The flow of people through the inclusion rules.
  mutating func flow() throws(SiblingError) {
    guard let attrition = context.table("attrition") else { return }
    section("Who was included")
    let diagram = FlowDiagram(
      title: "Who was kept at each step",
      subtitle: Prose(
        plain: context.placeAndPeriod + (isPanel ? ". A row is one unit in one period" : "")),
      first: isPanel ? "Rows in the data" : "In the data",
      last: isPanel ? "Rows analysed" : "Analysed", remaining: isPanel ? "Rows left" : "Remaining",
      names: context.armNames)
    try figure(
      diagram.figure(attrition),
      caption: "Rows kept and excluded at each step; rules that excluded nobody are shown too.")
    var items: [Prose] = []
    for row in attrition.value.rows.indices where attrition.value[row, "arm"] == "all" {
      let before = try attrition.cell(row: row, "n_before")
      let excluded = try attrition.cell(row: row, "n_excluded")
      let after = try attrition.cell(row: row, "n_after")
      let rule = attrition.value[row, "rule"].text ?? ""
      items.append(
        "\(rule): \(excluded, .integer) of \(before, .integer) excluded, \(after, .integer) left.")
    }
    document.list(items, ordered: true)
  }
}
