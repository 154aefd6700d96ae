/// One stage of a funnel: who reached it, and of those who did not, why.
public struct FunnelStage: Sendable, Equatable {
  /// The stage's name, such as `engaged`.
  public var name: String
  /// For each person 1 (reached), 0 (not), −1 (unknown), −2 (too recent to tell) or −3 (not
  /// eligible under the stage's definition).
  public var reached: [Int8]
  /// The rules by which people do not reach it, in words; those that stop nobody stay.
  public var rules: [Rule]
  /// For each person the place of the rule; −1 for those who reached the stage.
  public var reason: [Int8]

  /// A rule, and what it says of those whom it stops.
  public struct Rule: Sendable, Equatable {
    /// The rule in words.
    public var text: String
    /// 0, −1, −2 or −3, as in `reached`.
    public var status: Int8

    /// A rule from its words and what it means.
    public init(_ text: String, status: Int8) {
      self.text = text
      self.status = status
    }
  }

  /// A stage with rules of its own; `reason` is the place of the rule, −1 for who reached it.
  public init(name: String, rules: [Rule], reason: [Int8]) {
    self.name = name
    self.rules = rules
    self.reason = reason
    reached = reason.map { $0 < 0 ? 1 : rules[Int($0)].status }
  }

  /// A stage whose rules are those of the statuses.
  ///
  /// - Parameters:
  ///   - name: the stage's name.
  ///   - reached: 1, 0, −1, −2 or −3 for each person.
  ///   - not: what is said of those who did not reach it, such as `no job started`.
  public init(name: String, reached: [Int8], not: String = "not reached") {
    self.name = name
    self.reached = reached
    rules = [
      Rule(not, status: 0), Rule("evidence missing", status: -1),
      Rule("too recent to tell", status: -2), Rule("not eligible under the definition", status: -3),
    ]
    reason = reached.map { $0 > 0 ? -1 : -$0 }
  }
}
