internal import Reporting
internal import Statistics

/// Where a study departs from its locked plan, and why.
struct PlanDeviations: Sendable, Equatable {
  /// One departure.
  struct Change: Sendable, Equatable {
    /// The key of the plan.
    var key: String
    /// What it was; nil where it was not there.
    var planned: String?
    /// What it is; nil where it is gone.
    var now: String?
    /// Why, in the author's words; nil where none is given.
    var reason: String?
    /// Whether outcomes had been compared, as the author states; nil where nothing is stated.
    var outcomesSeen: Bool?

    /// `changed`, `added` or `removed`.
    var kind: String { planned == nil ? "added" : now == nil ? "removed" : "changed" }
  }

  /// The plan that was fixed.
  let lock: PlanLock
  /// The departures, in the order of their keys, the design last.
  let changes: [Change]
  /// Keys for which a reason is given although nothing has changed there.
  let idle: [String]

  /// What the row of who is compared is called.
  static let designKey = "design"

  /// Whether something departs without a reason.
  var hasUnexplained: Bool { changes.contains { $0.reason == nil } }

  /// Sets a study's plan beside the locked one.
  init(
    lock: PlanLock, plan: AnalysisPlan, design: String?, reasons: [StudyNode]
  ) {
    self.lock = lock
    let was = Dictionary(lock.plan.items.map { ($0.key, $0.value) }) { first, _ in first }
    let now = Dictionary(plan.items.map { ($0.key, $0.value) }) { first, _ in first }
    var changes: [Change] = []
    for key in AnalysisPlan(
      items: Set(was.keys).union(now.keys).map { AnalysisPlan.Item(key: $0, value: "") }
    ).items.map(\.key) where was[key] != now[key] {
      changes.append(Change(key: key, planned: was[key], now: now[key]))
    }
    if lock.design != design {
      changes.append(
        Change(key: Self.designKey, planned: lock.design, now: design))
    }
    var idle: [String] = []
    for node in reasons {
      guard let key = node["key"]?.text else { continue }
      let covered = changes.indices.filter { Self.covers(key, changes[$0].key) }
      if covered.isEmpty { idle.append(key) }
      for index in covered where changes[index].reason == nil {
        changes[index].reason = node["reason"]?.text
        changes[index].outcomesSeen = node["outcomes-seen"].map { $0.text == "true" }
      }
    }
    self.changes = changes
    self.idle = idle
  }

  /// Whether a key is another or one above it.
  private static func covers(_ key: String, _ other: String) -> Bool {
    guard other.hasPrefix(key) else { return false }
    let rest = other.dropFirst(key.count)
    return rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("[") || rest.hasPrefix(" (order)")
  }

  /// The rows of `deviations`.
  ///
  /// - Throws: `internalError` at most.
  func table() throws(SiblingError) -> ResultTable {
    var table = ResultTable.deviations
    for change in changes {
      try table.append([
        "key": .text(change.key), "change": .text(change.kind), "planned": Cell(change.planned),
        "now": Cell(change.now), "reason": Cell(change.reason),
        "outcomes_seen": Cell(change.outcomesSeen.map { $0 ? "yes" : "no" }),
      ])
    }
    return table
  }
}
