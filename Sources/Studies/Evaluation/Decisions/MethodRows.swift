internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The primary effect by every method, collected from what a run estimated.
struct MethodRows {
  /// One estimate among others.
  struct Item {
    var scale: String
    var family: MethodFamily
    var method: String
    var source: String
    /// Whether it leads, is compared with the leading one, or only stands beside.
    var role: Role
    var estimand: String
    var cells: [String: Cell]

    var estimate: Double? { cells["estimate"]?.number }
  }

  enum Role: String {
    case leads
    case compared
    case beside
  }

  let run: EvaluationRun
  let leading: LeadingEffects
  let outcome: String
  var items: [Item] = []
  var notes: [String] = []

  /// Collects the estimates of the primary outcome; nil where none leads.
  ///
  /// - Throws: what is wrong with the data, located.
  init?(_ run: EvaluationRun, _ tables: StudyTables) throws(SiblingError) {
    self.run = run
    leading = LeadingEffects(run.study, tables)
    guard let name = run.study.outcomeColumns.first, let lead = leading.row(name) else {
      return nil
    }
    outcome = name
    // A study by sums has a design without rows.
    let declared = run.study.node["matching"]?[OptionKey.balanceMethod.name]?.text
    let method =
      run.design?.design.method ?? declared.flatMap { MatchDesign.method(named: $0) } ?? .nearest
    let estimates = tables.estimates
    var rows = [lead]
    rows += estimates.rows.indices.filter { row in
      row != lead && estimates[row, "outcome"] == .text(name)
        && estimates[row, "subgroup"] == .missing && estimates[row, "term"] != "interaction"
        && ["unadjusted", "matched", "few-sites", "difference-in-differences"].contains(
          estimates[row, "analysis"].text)
    }
    for row in rows { add(estimates, row, isLeading: row == lead, method) }
    addAlternatives(tables.sensitivity, method)
    addSites(tables.fewClusters)
    try addSurvival(estimates)
    addUnknowns(tables)
    if run.study.node["decisions"]?["triangulation"]?.text ?? "all" == "all" {
      try addFurther(method)
    }
    // One row a method: what was estimated twice stands once.
    var seen: Set<String> = []
    items = items.filter { seen.insert("\($0.scale) \($0.family.rawValue) \($0.method)").inserted }
    // Kinds stay together, that of the leading estimate first.
    let order = [items[0].family] + MethodFamily.allCases.filter { $0 != items[0].family }
    items = order.flatMap { family in items.filter { $0.family == family } }
  }

  /// A row of the estimates.
  private mutating func add(
    _ estimates: ResultTable, _ row: Int, isLeading: Bool, _ design: MatchDesign.Method
  ) {
    let analysis = estimates[row, "analysis"].plainText
    let estimator = estimates[row, "estimator"].plainText
    let family: MethodFamily
    var method: String
    switch analysis {
    case "unadjusted":
      family = leading.isRandomised ? .assigned : .unadjusted
      method = "difference of means"
    case "difference-in-differences":
      family = .differences
      method = Report.estimateNames[estimator] ?? estimator
    default:
      family = MethodFamily(estimator, design)
      let name = Report.estimateNames[estimator] ?? estimator
      method =
        EffectMethod(rawValue: estimator)?.ownDesign == nil
        ? "\(design.methodName), \(name)" : name
      if analysis == "few-sites" { method = "\(design.methodName), judged by site" }
    }
    // The four means without covariates stand beside the estimate that adjusts for them.
    let isPlain = family == .differences && estimator == "means"
    var cells = estimates.estimateCells(row)
    cells.merge(estimates.hiddenCounts(row)) { first, _ in first }
    items.append(
      Item(
        scale: estimates[row, "scale"].plainText, family: family, method: method,
        source: estimates.path,
        role: isLeading ? .leads : family == .unadjusted || isPlain ? .beside : .compared,
        estimand: estimates[row, "estimand"].plainText, cells: cells))
  }

  /// One alternative design of each other method, as the table of the sensitivity to the design has it.
  private mutating func addAlternatives(_ sensitivity: ResultTable, _ main: MatchDesign.Method) {
    var methods: Set<String> = [main.rawValue]
    for node in run.study.node["matching"]?["alternatives"]?.elements ?? [] {
      let name = node[OptionKey.balanceMethod.name]?.text ?? MatchDesign.Method.nearest.rawValue
      guard let method = MatchDesign.method(named: name),
        let row = sensitivity.firstRow(where: ["changed": Cell(node["name"]?.text)]),
        methods.insert(method.rawValue).inserted
      else { continue }
      var cells: [String: Cell] = ["conf.level": .number(run.study.level)]
      for column in ["estimate", "conf.low", "conf.high"] {
        cells[column] = sensitivity[row, column]
      }
      cells["hidden_n_treated"] = sensitivity[row, "n_treated"]
      cells["hidden_n_comparison"] = sensitivity[row, "n_comparison"]
      items.append(
        Item(
          scale: items[0].scale, family: MethodFamily(method),
          method: Self.name(of: method, called: node["name"]?.text), source: sensitivity.path,
          role: .compared,
          estimand: node[OptionKey.estimand.name]?.text ?? OptionKey.estimand.defaultText ?? "",
          cells: cells))
    }
  }

  /// The method with what the study calls it, unless that says it already.
  private static func name(of method: MatchDesign.Method, called name: String?) -> String {
    guard let name else { return method.methodName }
    return name.contains(method.methodName) ? name : "\(method.methodName) (\(name))"
  }

  /// The tests that take sites for the observations.
  private mutating func addSites(_ few: ResultTable) {
    for method in ["cluster-t", "ibragimov-muller"] {
      guard
        let row = few.rows.indices.first(where: {
          few[$0, "outcome"] == .text(outcome) && few[$0, "method"] == .text(method)
            && few[$0, "estimate"].number != nil
        })
      else { continue }
      var cells: [String: Cell] = ["conf.level": .number(run.study.level)]
      for column in [
        "estimate", "std.error", "df", "p.value", "conf.low", "conf.high", "n_clusters",
      ] {
        cells[column] = few[row, column]
      }
      // They rest on everybody behind the effect that leads.
      for (name, cell) in items[0].cells where name.hasPrefix("hidden_") { cells[name] = cell }
      items.append(
        Item(
          scale: "difference", family: .sites,
          method: method == "cluster-t" ? "means of sites, t" : "means of sites, own variances",
          source: few.path, role: .compared, estimand: items[0].estimand, cells: cells))
      return
    }
  }

  /// The survival analysis whose event by a time is the primary outcome: the difference turned round.
  ///
  /// - Throws: `badValue` where it has no difference at that time, located.
  private mutating func addSurvival(_ estimates: ResultTable) throws(SiblingError) {
    guard let node = run.study.node["decisions"]?["same-by-survival"],
      let name = node["analysis"]?.text, let time = node["time"]?.text.flatMap({ Double($0) })
    else { return }
    let term = "difference@" + (Int(exactly: time).map(String.init) ?? "\(time)")
    guard
      let row = estimates.firstRow(where: ["analysis": .text(name), "term": .text(term)])
    else {
      notes.append("the survival analysis '\(name)' has no difference at that time to compare")
      return
    }
    var cells = estimates.estimateCells(row)
    cells["estimate"] = Cell(estimates[row, "estimate"].number.map { -$0 })
    cells["conf.low"] = Cell(estimates[row, "conf.high"].number.map { -$0 })
    cells["conf.high"] = Cell(estimates[row, "conf.low"].number.map { -$0 })
    cells.merge(estimates.hiddenCounts(row)) { first, _ in first }
    items.append(
      Item(
        scale: "difference", family: .survival, method: "survival curves at the horizon",
        source: estimates.path, role: .compared, estimand: "risk difference", cells: cells))
    guard
      let mean = estimates.firstRow(
        where: ["analysis": .text(name), "estimand": "restricted mean difference"])
    else { return }
    var restricted = estimates.estimateCells(mean)
    restricted.merge(estimates.hiddenCounts(mean)) { first, _ in first }
    items.append(
      Item(
        scale: "time", family: .survival, method: "restricted mean time without the event",
        source: estimates.path, role: .beside, estimand: "restricted mean difference",
        cells: restricted))
  }

  /// Unknown outcomes imputed, and the bounds whatever they are.
  private mutating func addUnknowns(_ tables: StudyTables) {
    let imputed = tables.cohort.first { $0.name == "imputed_effects" }
    let asLeading =
      leading.analysis == "few-sites" ? "difference, by site" : nil
    if let imputed {
      let rows = imputed.rows.indices.filter { imputed[$0, "outcome"] == .text(outcome) }
      if let row = rows.first(where: { imputed[$0, "estimator"].text == asLeading }) ?? rows.first {
        var cells: [String: Cell] = [:]
        for column in [
          "estimate", "std.error", "df", "p.value", "conf.low", "conf.high", "conf.level",
        ] {
          cells[column] = imputed[row, column]
        }
        cells["hidden_n_treated"] = imputed[row, "n_treated"]
        cells["hidden_n_comparison"] = imputed[row, "n_comparison"]
        items.append(
          Item(
            scale: imputed[row, "scale"].plainText, family: .imputation,
            method: "unknown outcomes imputed", source: imputed.path, role: .compared,
            estimand: imputed[row, "estimand"].plainText, cells: cells))
      }
    }
    let evidence = tables.cohort.first { $0.name == "missing_evidence" }
    if let evidence,
      let row = evidence.firstRow(where: ["outcome": .text(outcome), "reading": "bounds"])
    {
      var cells: [String: Cell] = ["conf.level": .number(run.study.level)]
      for column in ["conf.low", "conf.high"] { cells[column] = evidence[row, column] }
      for column in ["n_treated", "n_comparison"] {
        cells["hidden_\(column)"] = evidence[row, column]
      }
      addBounds(cells, evidence.path)
    } else {
      let match: [String: Cell] = ["analysis": "bounds", "outcome": .text(outcome)]
      let estimates = tables.estimates
      var low = match
      low["term"] = "lower"
      var high = match
      high["term"] = "upper"
      guard let from = estimates.firstRow(where: low), let to = estimates.firstRow(where: high)
      else { return }
      var cells = estimates.hiddenCounts(from)
      cells["conf.level"] = .number(run.study.level)
      cells["conf.low"] = estimates[from, "conf.low"]
      cells["conf.high"] = estimates[to, "conf.high"]
      addBounds(cells, estimates.path)
    }
  }

  private mutating func addBounds(_ cells: [String: Cell], _ source: String) {
    items.append(
      Item(
        scale: "difference", family: .bounds, method: "whatever the unknown outcomes are",
        source: source, role: .beside, estimand: items[0].estimand, cells: cells))
  }
}
