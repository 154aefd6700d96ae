internal import LinearAlgebra
public import Statistics

/// Counts the same clients under several definitions of an outcome, and shows how far the headline
/// moves.
///
/// The headline is the difference of the shares among those whose outcome is known, SIB less other
/// sites. Its interval clusters on sites: CR2 with Satterthwaite's degrees of freedom, of the linear
/// regression of the outcome on the arm (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018,
/// doi:10.1080/07350015.2016.1247004). With one site in an arm there is no honest interval and none is
/// given. Bounds read everything unknown against one arm and in favour of the other.
public struct DefinitionHarmoniser: Sendable {
  /// The definitions, the reference first.
  public var definitions: [OutcomeDefinition]
  /// Weeks of follow-up of those that have no horizon or last start of their own.
  public var followUpWeeks: Int
  /// The level of the intervals.
  public var level: Double

  /// A harmoniser of definitions.
  public init(
    _ definitions: [OutcomeDefinition] = OutcomeDefinition.harmonised,
    followUpWeeks: Int = OutcomeDefinition.usualFollowUpWeeks, level: Double = 0.95
  ) {
    self.definitions = definitions
    self.followUpWeeks = followUpWeeks
    self.level = level
  }

  /// Counts clients' rows under every definition.
  ///
  /// - Throws: `badValue` for no definition, two of one name, a follow-up below one week or what a
  ///   definition can't be; `missingValue` without jobs.
  /// - Complexity: O(definitions × (clients + jobs) + definitions² × clients).
  public func fit(_ cohort: Cohort, rows: [Int]) throws(SiblingError) -> HarmonisedDefinitions {
    guard !definitions.isEmpty else {
      throw SiblingError(.badValue, "there is no definition to count by")
    }
    guard (1...5000).contains(followUpWeeks) else {
      throw SiblingError(.badValue, "the follow-up must be at least one week")
    }
    var names: Set<String> = []
    for definition in definitions where !names.insert(definition.column).inserted {
      throw SiblingError(
        .badValue, "two definitions are called '\(definition.name)'",
        help: "give them different names", column: definition.name)
    }
    let scorer = try OutcomeScorer(cohort)
    let codes = rows.map { row -> Int8 in
      (0..<cohort.clients.count).contains(row) ? cohort.clients.arm[row] : -1
    }
    var result = HarmonisedDefinitions(level: level)
    for definition in definitions {
      let scored = try scorer.score(definition.within(weeks: followUpWeeks), rows: rows)
      for (arm, code) in Self.arms {
        result.counts.append(Self.count(scored, codes, arm, code))
      }
      result.differences.append(try difference(scored, codes, rows, cohort.clients))
      for note in scored.notes where !result.notes.contains(note) { result.notes.append(note) }
      result.outcomes.append(scored)
    }
    let first = result.differences[0].estimate
    for place in result.differences.indices {
      result.differences[place].change = result.differences[place].estimate.flatMap { own in
        first.map { own - $0 }
      }
    }
    result.agreement = agreement(result.outcomes)
    return result
  }

  /// The arms of the rows, everybody last.
  private static let arms: [(String, Int8?)] =
    SiteArm.allCases.reversed().map { arm in
      (arm.rawValue, Int8(SiteArm.allCases.firstIndex(of: arm) ?? 0))
    } + [("all", nil)]

  private static func count(
    _ scored: ScoredOutcome, _ codes: [Int8], _ arm: String, _ code: Int8?
  ) -> HarmonisedDefinitions.Counts {
    var counts = HarmonisedDefinitions.Counts(definition: scored.definition.name, arm: arm)
    var (low, high) = (0, 0)
    for (place, value) in scored.value.enumerated() where code == nil || codes[place] == code {
      guard scored.reasons[place] != .notAccepted else { continue }
      counts.accepted += 1
      switch value {
      case -3: counts.notEligible += 1
      case -2: counts.immature += 1
      case 1: counts.yes += 1
      case 0: counts.no += 1
      default: counts.unknown += 1
      }
      if value >= -1 {
        low += Int(scored.low[place])
        high += Int(scored.high[place])
      }
    }
    let mature = Double(counts.mature)
    if counts.yes + counts.no > 0 {
      counts.rate = Double(counts.yes) / Double(counts.yes + counts.no)
    }
    if counts.mature > 0 {
      counts.rateLow = Double(low) / mature
      counts.rateHigh = Double(high) / mature
    }
    return counts
  }

  private func difference(
    _ scored: ScoredOutcome, _ codes: [Int8], _ rows: [Int], _ clients: Clients
  ) throws(SiblingError) -> HarmonisedDefinitions.Difference {
    var result = HarmonisedDefinitions.Difference(definition: scored.definition.name)
    let known = rows.indices.filter { scored.value[$0] >= 0 && codes[$0] >= 0 }
    let sib = Int8(SiteArm.allCases.firstIndex(of: .sib) ?? 1)
    let shares = [sib, 1 - sib].map { arm -> (Double, Double, Double)? in
      var (yes, count, low, high, all) = (0, 0, 0, 0, 0)
      for place in rows.indices where codes[place] == arm && scored.value[place] >= -1 {
        all += 1
        low += Int(scored.low[place])
        high += Int(scored.high[place])
        if scored.value[place] >= 0 {
          count += 1
          yes += Int(scored.value[place])
        }
      }
      guard count > 0 else { return nil }
      return (
        Double(yes) / Double(count), Double(low) / Double(all), Double(high) / Double(all)
      )
    }
    guard let ones = shares[0], let zeros = shares[1] else {
      result.note = "no known outcomes in one of the arms"
      return result
    }
    result.estimate = ones.0 - zeros.0
    result.low = ones.1 - zeros.2
    result.high = ones.2 - zeros.1
    let placed = known.filter { clients.site[rows[$0]] >= 0 }
    let sites = Factor(
      codes: placed.map { clients.site[rows[$0]] }, levels: clients.siteNames)
    var seen: [Set<Int32>] = [[], []]
    for (place, site) in zip(placed, sites.codes) { seen[Int(codes[place])].insert(site) }
    result.sites = (seen[Int(sib)].count, seen[Int(1 - sib)].count)
    guard placed.count == known.count else {
      result.note = "clients without a site: no interval"
      return result
    }
    guard seen[0].count > 1, seen[1].count > 1 else {
      result.note = "one site in an arm: its clients alone can't say how sites vary"
      return result
    }
    let design = Matrix(
      rows: placed.count, columns: 2,
      storage: [Double](repeating: 1, count: placed.count)
        + placed.map { codes[$0] == sib ? 1 : 0 })
    let sample = try FewClusterSample(
      outcome: placed.map { Double(scored.value[$0]) },
      design: DesignMatrix(matrix: design, names: ["(Intercept)", "sib"]), term: 1, clusters: sites)
    guard
      let row = try ClusterRobustTable(level: level).rows(sample).first(where: {
        $0.method == "CR2"
      })
    else { return result }
    guard let error = row.standardError, error > 0 else {
      result.note = row.note ?? "the outcome does not vary within sites: no interval"
      return result
    }
    result.standardError = error
    result.degreesOfFreedom = row.degreesOfFreedom
    result.statistic = row.statistic
    result.pValue = row.pValue
    result.interval = row.interval
    result.note = row.note
    return result
  }

  private func agreement(_ outcomes: [ScoredOutcome]) -> [HarmonisedDefinitions.Agreement] {
    var pairs: [HarmonisedDefinitions.Agreement] = []
    for one in outcomes.indices {
      for other in outcomes.indices where other > one {
        var pair = HarmonisedDefinitions.Agreement(
          first: outcomes[one].definition.name, second: outcomes[other].definition.name)
        for (a, b) in zip(outcomes[one].value, outcomes[other].value) {
          switch (a, b) {
          case (1, 1): pair.bothYes += 1
          case (1, 0): pair.onlyFirst += 1
          case (0, 1): pair.onlySecond += 1
          case (0, 0): pair.bothNo += 1
          default: pair.notComparable += 1
          }
        }
        pairs.append(pair)
      }
    }
    return pairs
  }
}
