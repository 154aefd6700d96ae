public import Statistics

/// From referral to a sustained job: at each stage who could be followed, who reached it and who
/// did not.
///
/// At risk of a stage are those who reached every stage before it (and are eligible under its
/// definition). They add up: reached + not reached + unknown + too recent = at risk. Rates are
/// shares of those of whom it is known, with Wilson's interval; nobody unknown counts as a no.
public struct Funnel: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// The name of the stage that the second rate is a share of: those taken on to the caseload.
  public var base: String

  /// A funnel.
  public init(level: Double = 0.95, base: String = "accepted") {
    self.level = level
    self.base = base
  }

  /// Counts stages by group, and tests whether sites of a group differ.
  ///
  /// - Parameters:
  ///   - stages: the stages in order; everybody stands before the first.
  ///   - groups: the group of each person; −1 is left out.
  ///   - sites: the site of each person, for the differences between sites.
  /// - Returns: a row a group and stage, and a row a rule.
  /// - Throws: `sizeMismatch` when a stage has another number of people; `noRows` without people.
  /// - Complexity: O(people × stages).
  public func count(
    _ stages: [FunnelStage], groups: Factor, sites: Factor? = nil
  ) throws(SiblingError) -> FunnelResult {
    for count in stages.map(\.reached.count) + [sites?.count ?? groups.count]
    where count != groups.count {
      throw SiblingError(
        .sizeMismatch, "a stage of the funnel has \(count) people, the groups \(groups.count)")
    }
    guard groups.codes.contains(where: { $0 >= 0 }) else {
      throw SiblingError(
        .noRows, "nobody is left to follow through the funnel",
        help: "check the clients' sites and arms")
    }
    let tally = Tally(stages, groups, base: stages.firstIndex { $0.name == base })
    let parts = sites.map { sites -> SiteParts in
      let crossed = groups.crossed(with: sites)
      var group = [Int](repeating: 0, count: crossed.levels.count)
      for (row, code) in crossed.codes.enumerated() where code >= 0 {
        group[Int(code)] = Int(groups.codes[row])
      }
      return SiteParts(tally: Tally(stages, crossed, base: nil), group: group)
    }
    var rows: [FunnelRow] = []
    var exclusions: [FunnelExclusion] = []
    for group in groups.levels.indices where tally.people[group] > 0 {
      for (place, stage) in stages.enumerated() {
        let cell = tally.cells[group * stages.count + place]
        var row = FunnelRow(group: groups.levels[group], stage: stage.name, cell, level: level)
        // Everybody stands at a first stage that nothing keeps from: that is no share.
        if stage.rules.isEmpty { row.ofPrevious = ShareEstimate(yes: 0, known: 0) }
        if let parts {
          row.sites = SiteDifferences(
            parts.group.indices.filter { parts.group[$0] == group }.map {
              let part = parts.tally.cells[$0 * stages.count + place]
              return (part.reached, part.reached + part.notReached)
            })
        }
        rows.append(row)
        var before = cell.atRisk + cell.notEligible
        for (rule, count) in zip(stage.rules, cell.byRule) {
          exclusions.append(
            FunnelExclusion(
              group: groups.levels[group], stage: stage.name, rule: rule.text, before: before,
              excluded: count, after: before - count))
          before -= count
        }
      }
    }
    return FunnelResult(rows: rows, exclusions: exclusions)
  }

  private struct SiteParts {
    var tally: Tally
    var group: [Int]
  }
}

/// What a funnel counted.
public struct FunnelResult: Sendable, Equatable {
  /// A row a group and stage, groups in their order, stages in theirs.
  public var rows: [FunnelRow]
  /// A row a group, stage and rule.
  public var exclusions: [FunnelExclusion]
}

/// One stage of one group.
public struct FunnelRow: Sendable, Equatable {
  /// The group, and the stage.
  public var group, stage: String
  /// Those who reached every earlier stage and are eligible.
  public var atRisk: Int
  /// Of them who reached the stage, did not, can't be known for want of evidence, or came too
  /// recently to tell.
  public var reached, notReached, unknown, immature: Int
  /// People who reached the stage though an earlier one is not recorded: a fault of the records.
  public var skipped: Int
  /// The share of those at risk of whom it is known.
  public var ofPrevious: ShareEstimate
  /// The share of everybody accepted of whom it is known; nil up to that stage.
  public var ofAccepted: ShareEstimate?
  /// How sites differ in the first share; nil when sites were not given.
  public var sites: SiteDifferences?

  init(group: String, stage: String, _ cell: Tally.Cell, level: Double) {
    (self.group, self.stage) = (group, stage)
    (atRisk, reached, notReached) = (cell.atRisk, cell.reached, cell.notReached)
    (unknown, immature, skipped) = (cell.unknown, cell.immature, cell.skipped)
    ofPrevious = ShareEstimate(
      yes: cell.reached, known: cell.reached + cell.notReached, level: level)
    ofAccepted = cell.ofBase.map { ShareEstimate(yes: $0.yes, known: $0.known, level: level) }
  }
}

/// How many people one rule stopped.
public struct FunnelExclusion: Sendable, Equatable {
  /// The group, the stage, and the rule in words.
  public var group, stage, rule: String
  /// People before the rule, stopped by it, and left.
  public var before, excluded, after: Int

  /// A rule's numbers.
  public init(
    group: String, stage: String, rule: String, before: Int, excluded: Int, after: Int
  ) {
    (self.group, self.stage, self.rule) = (group, stage, rule)
    (self.before, self.excluded, self.after) = (before, excluded, after)
  }
}

/// How much a share differs between sites.
///
/// Pearson's chi-squared over sites, and the variance of the sites' true shares by its moments: with
/// the variance p(1 − p)/n within sites, p pooled, chi-squared is Cochran's Q (DerSimonian & Laird 1986,
/// doi:10.1016/0197-2456(86)90046-2).
public struct SiteDifferences: Sendable, Equatable {
  /// Sites with anybody of whom it is known.
  public let sites: Int
  /// Pearson's chi-squared; nil with one site, or where everybody is alike.
  public let statistic: Double?
  /// Sites less one.
  public let degreesOfFreedom: Double?
  /// The p-value of no difference.
  public let pValue: Double?
  /// The standard deviation of the sites' true shares.
  public let betweenSD: Double?

  /// The differences of sites, each with its number of yeses among those known.
  public init(_ parts: [(yes: Int, known: Int)]) {
    let used = parts.filter { $0.known > 0 }
    sites = used.count
    let total = Double(used.reduce(0) { $0 + $1.known })
    let pooled = Double(used.reduce(0) { $0 + $1.yes }) / max(total, 1)
    guard used.count > 1, pooled > 0, pooled < 1 else {
      (statistic, degreesOfFreedom, pValue, betweenSD) = (nil, nil, nil, nil)
      return
    }
    let variance = pooled * (1 - pooled)
    var (value, squares) = (0.0, 0.0)
    for part in used {
      let n = Double(part.known)
      let distance = Double(part.yes) / n - pooled
      value += n * distance * distance / variance
      squares += n * n
    }
    let degrees = Double(used.count - 1)
    statistic = value
    degreesOfFreedom = degrees
    pValue = ChiSquared(degreesOfFreedom: degrees).upperTail(value)
    let scale = (total - squares / total) / variance
    betweenSD = max(0, (value - degrees) / scale).squareRoot()
  }
}
