internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The design of a study, before any outcome is read: who is compared with whom, and how alike.
///
/// It is made from a `BlindTable`; only what `reaching` returns can read an outcome.
struct DesignPhase {
  /// The declared design.
  let design: MatchDesign
  /// The design applied to the data.
  let sample: MatchedSample
  /// Balance before and after.
  let balance: Balance
  /// The settings that the sections of the study share.
  let settings: CommonSettings
  /// The columns that the design may not see.
  let hidden: Set<String>

  /// Matches or weights, and fills the balance and overlap tables.
  ///
  /// A section that names a column which the design may not see is refused at its place.
  /// - Throws: what is wrong with the design or the data, located.
  static func run(
    _ study: StudyFile, _ blind: BlindTable, _ tables: inout StudyTables
  ) throws(SiblingError) -> DesignPhase? {
    guard let node = study.node["matching"] else { return nil }
    try blind.check(node)
    let keys =
      [OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting
      + OptionKey.balanceDetail
    let options = study.options(node, keys)
    let design = try MatchDesign(
      formula: node["formula"]?.text, options: options,
      method: MatchDesign.method(named: try options.choice(.balanceMethod)) ?? .nearest)
    let settings = try CommonSettings(options)
    let detail = try BalanceSettings(options)
    let sample = try design.apply(
      to: blind.table, settings: settings)
    let balance = try sample.balance(design, detail)
    let phase = DesignPhase(
      design: design, sample: sample, balance: balance, settings: settings,
      hidden: Set(blind.hidden.kinds.keys))
    try phase.fillBalance(balance, "matched", &tables)
    if let sites = study.siteColumn {
      try phase.fillBalance(
        try sample.siteBalance(design, detail, site: sites), "sites", &tables)
    }
    try phase.fillOverlap(&tables)
    let least = study.disclosureProfile.minimumCount ?? 1
    try phase.fillQuantiles(detail.quantiles, apart: least, &tables)
    try phase.fillDensities(detail.densities, &tables)
    return phase
  }

  /// The same design, with the outcomes of the whole table within reach.
  ///
  /// - Throws: `sizeMismatch` when that table has other rows.
  func reaching(_ table: Table) throws(SiblingError) -> DesignPhase {
    var sample = sample
    sample.bound = try sample.bound.reaching(table)
    return DesignPhase(
      design: design, sample: sample, balance: balance, settings: settings, hidden: hidden)
  }

  /// The design on the people whose outcome is known.
  ///
  /// The design itself reads no outcome. Where one is unknown for some people, it is made again in the
  /// same way of those for whom it is known, so that the groups that are compared are alike.
  /// - Throws: what is wrong with the design on those rows, located.
  func sample(for outcome: String, in table: Table) throws(SiblingError) -> MatchedSample {
    let known = try table.isComplete([outcome])
    guard sample.rows.contains(where: { !known[$0] }) else { return sample }
    var sample = try applied(design, to: table, knowing: outcome)
    sample.bound = try sample.bound.reaching(table)
    return sample
  }

  /// A design on the rows whose outcome is known, which sees no other outcome.
  ///
  /// - Throws: what is wrong with the design on those rows, located.
  func applied(
    _ design: MatchDesign, to table: Table, knowing outcome: String
  ) throws(SiblingError) -> MatchedSample {
    try design.apply(
      to: table.dropping(columns: hidden.subtracting([outcome])), settings: settings,
      alsoComplete: [outcome])
  }

  /// Twenty bins of the probability of treatment over the range of both groups.
  private func fillOverlap(_ tables: inout StudyTables) throws(SiblingError) {
    guard let probability = sample.probability, let least = probability.min(),
      let greatest = probability.max(), greatest > least
    else { return }
    // Edges are rounded outward: an exact one would be the score of one person.
    let low = (least * 20).rounded(.down) / 20
    let high = (greatest * 20).rounded(.up) / 20
    let bins = 20
    for stage in Balance.Stage.allCases {
      for isTreated in [true, false] {
        var counts = [Int](repeating: 0, count: bins)
        var weights = [Double](repeating: 0, count: bins)
        for (row, value) in probability.enumerated() where sample.treated[row] == isTreated {
          let weight = stage == .unadjusted ? 1 : sample.weights[row]
          guard weight > 0 else { continue }
          let bin = min(bins - 1, Int((value - low) / (high - low) * Double(bins)))
          counts[bin] += 1
          weights[bin] += weight
        }
        let total = weights.reduce(0, +)
        for bin in 0..<bins {
          let width = (high - low) / Double(bins)
          try tables.overlap.append([
            "analysis": "matched", "stage": .text(stage.rawValue),
            "arm": .text(isTreated ? "treated" : "comparison"),
            "low": .number(low + Double(bin) * width),
            "high": .number(low + Double(bin + 1) * width), "n": Cell(counts[bin]),
            "share": .number(total > 0 ? weights[bin] / total : 0),
          ])
        }
      }
    }
  }

  /// What the gate needs to know of a matched or weighted design.
  func addFacts(_ facts: inout DesignFacts) {
    let before = sample.people(.unadjusted)
    let after = sample.people(.adjusted)
    facts.treatedClusters = after.treated
    facts.clusters = after.treated + after.comparison
    facts.matchedSets = sample.match?.pairedSets?.levels.count
    if let overlap = sample.overlap, before.treated > 0 {
      facts.overlapPeople = [overlap.treatedOutside, before.treated - overlap.treatedOutside]
      facts.overlapShare = 1 - Double(overlap.treatedOutside) / Double(before.treated)
    }
    if let match = sample.match, match.treated.all > 0 {
      facts.matchedPeople = [match.treated.matched, match.treated.all - match.treated.matched]
      facts.matchedShare = Double(match.treated.matched) / Double(match.treated.all)
    }
    facts.worstImbalance = balance.worst(.adjusted)
  }
}

extension StudyFile {
  /// The options of a section, with what the whole study declares.
  func options(_ node: StudyNode, _ keys: [OptionKey]) -> OptionValues {
    var values = node.options(keys)
    if let level = self.node["treatment"]?["treated"]?.text { values.set(.treated, to: level) }
    values.set(.level, to: "\(level)")
    values.set(.seed, to: "\(seed)")
    return values
  }

  /// The columns of all declared outcomes.
  var outcomeColumns: [String] {
    node["outcomes"]?.elements.compactMap { $0["name"]?.text } ?? []
  }
}
