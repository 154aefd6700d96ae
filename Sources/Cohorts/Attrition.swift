public import Statistics

/// Who was left out of an analysis, by which rule, in which arm.
///
/// Rules apply in order: each counts only those whom the rules before it had kept. A rule that
/// leaves out nobody stays in the table, because a reader must see that it was applied.
public struct Attrition: Sendable, Equatable {
  /// A row for each rule and arm, then for the rule over all arms (`all`), in the rules' order.
  public let steps: [Step]
  /// For each row of the data whether it is kept by every rule.
  public let kept: [Bool]

  /// The number of rows kept.
  public var keptCount: Int { kept.count { $0 } }

  /// One rule in one arm.
  public struct Step: Sendable, Equatable {
    /// The place of the rule, from one.
    public let step: Int
    /// The rule in words.
    public let rule: String
    /// The arm, `(missing)` for rows without one, or `all`.
    public let arm: String
    /// Rows before the rule.
    public let before: Int
    /// Rows that the rule leaves out.
    public let excluded: Int
    /// Rows after the rule.
    public let after: Int
  }

  /// A rule for inclusion: what it asks, and which rows meet it.
  public struct Rule: Sendable, Equatable {
    /// The rule in words, such as `aged 16 or over`.
    public var text: String
    /// For each row whether it meets the rule.
    public var included: [Bool]

    /// A rule from its words and the rows that meet it.
    public init(_ text: String, included: [Bool]) {
      self.text = text
      self.included = included
    }
  }

  /// Applies rules in order to rows of the given arms.
  ///
  /// - Throws: `sizeMismatch` when a rule has another number of rows than the arms.
  public init(arms: Factor, rules: [Rule]) throws(SiblingError) {
    var names = arms.levels
    let missing = arms.codes.contains { $0 < 0 }
    if missing { names.append("(missing)") }
    let arm = arms.codes.map { $0 < 0 ? arms.levels.count : Int($0) }
    var kept = [Bool](repeating: true, count: arms.count)
    var before = [Int](repeating: 0, count: names.count)
    for code in arm { before[code] += 1 }
    var steps: [Step] = []
    for (index, rule) in rules.enumerated() {
      guard rule.included.count == arms.count else {
        throw SiblingError(
          .sizeMismatch, "an inclusion rule has \(rule.included.count) rows, not \(arms.count)",
          column: rule.text)
      }
      var excluded = [Int](repeating: 0, count: names.count)
      for row in kept.indices where kept[row] && !rule.included[row] {
        kept[row] = false
        excluded[arm[row]] += 1
      }
      func step(_ name: String, _ before: Int, _ excluded: Int) -> Step {
        Step(
          step: index + 1, rule: rule.text, arm: name, before: before, excluded: excluded,
          after: before - excluded)
      }
      for (code, name) in names.enumerated() {
        steps.append(step(name, before[code], excluded[code]))
      }
      steps.append(step("all", before.reduce(0, +), excluded.reduce(0, +)))
      for code in names.indices { before[code] -= excluded[code] }
    }
    self.steps = steps
    self.kept = kept
  }
}
