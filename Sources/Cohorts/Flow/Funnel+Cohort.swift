public import Statistics
internal import Tables

extension Funnel {
  /// The people of a cohort, one row each, with the stages that they reached.
  public struct People: Sendable {
    /// For each person the row among the clients: the first accepted episode, or the first episode of
    /// who was never accepted.
    public var rows: [Int]
    /// Referred, accepted, engaged where that is recorded, and the outcomes.
    public var stages: [FunnelStage]
    /// The arm of each person's site, levels `non_sib` and `sib`; −1 where unknown.
    public var arms: Factor
    /// The site of each person.
    public var sites: Factor
    /// Rows left out before the funnel begins, by rule: further episodes, rows without a person.
    public var leftOut: [(rule: String, count: Int)]
    /// What the reader must know, in words.
    public var notes: [String]

    /// The stage of a name.
    public subscript(name: String) -> FunnelStage? { stages.first { $0.name == name } }
  }

  /// Chooses one row a person and says who reached which stage.
  ///
  /// Accepted is what `referral_decision` says, else a date of acceptance. Engagement, where any is
  /// recorded, and the outcomes are scored by their definitions, so that missing is never no.
  /// - Parameters:
  ///   - cohort: the records.
  ///   - outcomes: the stages after engagement, in order; none without jobs.
  ///   - weeks: the follow-up from acceptance for definitions without one of their own.
  /// - Returns: the people with all stages from `referred`.
  /// - Throws: `noRows` when no row has a person; what the scoring of outcomes throws.
  /// - Complexity: O(clients + jobs), times the number of outcomes.
  public static func people(
    _ cohort: Cohort, outcomes: [OutcomeDefinition] = [],
    weeks: Int = OutcomeDefinition.usualFollowUpWeeks
  ) throws(SiblingError) -> People {
    let clients = cohort.clients
    let (rows, leftOut) = oneRowEach(clients)
    guard !rows.isEmpty else {
      throw SiblingError(
        .noRows, "no row of the clients has an identifier", help: "fill the column client_id")
    }
    var notes: [String] = []
    var stages = [
      FunnelStage(name: "referred", rules: [], reason: rows.map { _ in -1 }),
      acceptance(clients, rows),
    ]
    let scorer = try OutcomeScorer(cohort)
    var definitions = outcomes
    if clients.engaged.contains(where: { $0 != missingDay }) {
      if let engagement = OutcomeDefinition.named("engagement") {
        definitions.insert(engagement, at: 0)
      }
    } else {
      notes.append("no engagement is recorded: the funnel goes from acceptance to the outcomes")
    }
    if !clients.decision.contains(where: { $0 > 0 }) {
      notes.append(
        "no referral that was declined or is pending is recorded: acceptance can't be judged")
    }
    for definition in definitions {
      let scored = try scorer.score(definition.within(weeks: weeks), rows: rows)
      stages.append(FunnelStage(scored))
      notes += scored.notes.filter { !notes.contains($0) }
    }
    return People(
      rows: rows, stages: stages,
      arms: Factor(
        codes: rows.map { Int32(clients.arm[$0]) }, levels: SiteArm.allCases.map(\.rawValue)),
      sites: Factor(codes: rows.map { clients.site[$0] }, levels: clients.siteNames),
      leftOut: leftOut, notes: notes)
  }

  /// The row of each person, in the order of the rows.
  private static func oneRowEach(
    _ clients: Clients
  ) -> (rows: [Int], leftOut: [(rule: String, count: Int)]) {
    var chosen = [Int32](repeating: -1, count: clients.ids.levels.count)
    var (nameless, further) = (0, 0)
    for row in 0..<clients.count {
      let person = clients.ids.codes[row]
      guard person >= 0 else {
        nameless += 1
        continue
      }
      let held = chosen[Int(person)]
      if held < 0 {
        chosen[Int(person)] = Int32(row)
        continue
      }
      further += 1
      let (own, other) = (clients.isAccepted(row), clients.isAccepted(Int(held)))
      let isEarlier = clients.episode[row] < clients.episode[Int(held)]
      if own == other ? isEarlier : own { chosen[Int(person)] = Int32(row) }
    }
    return (
      chosen.filter { $0 >= 0 }.sorted().map { Int($0) },
      [
        ("no identifier of a person", nameless),
        ("another episode of the same person (the first accepted one stays)", further),
      ]
    )
  }

  private static func acceptance(_ clients: Clients, _ rows: [Int]) -> FunnelStage {
    let rules: [FunnelStage.Rule] = [
      .init("declined by the service", status: 0), .init("declined by the client", status: 0),
      .init("decision pending", status: -2), .init("decision not recorded", status: -1),
    ]
    let reason = rows.map { row -> Int8 in
      guard clients.decision[row] >= 0 else { return clients.isAccepted(row) ? -1 : 3 }
      switch ReferralDecision.allCases[Int(clients.decision[row])] {
      case .accepted: return -1
      case .declinedByService: return 0
      case .declinedByClient: return 1
      case .pending: return 2
      }
    }
    return FunnelStage(name: "accepted", rules: rules, reason: reason)
  }
}
