// The checks that must know something of outcomes, though never what treatment did to them.

extension GateChecks {
  /// What is said where outcomes are left unread.
  private static let left = "left to the run, which reads what it must know of outcomes"

  /// Whether an inclusion rule chooses people by what happened to them; nil where none does.
  var chosenByOutcome: Gate.Check? {
    guard !facts.chosenBy.isEmpty else { return nil }
    let names = facts.chosenBy.map { "'\($0)'" }.joined(separator: ", ")
    return Gate.Check(
      name: "rules that read outcomes", value: nil, threshold: nil, comparator: "", status: .warn,
      detail:
        "an inclusion rule chooses people by what happened after treatment (\(names)), which can"
        + " make groups differ that were alike; whether an outcome is known, and dates, may be asked for"
    )
  }

  /// Whether the design can find the smallest effect that matters.
  var detectable: Gate.Check {
    let name = "minimum detectable effect"
    guard !facts.detectable.isEmpty else {
      return unavailable(
        name, "no smallest effect that matters is declared ('smallest-effect' under 'gate')")
    }
    var told: [(ratio: Double, check: Gate.Check)] = []
    for effect in facts.detectable where effect.why == nil {
      let isFound = effect.found.map { $0 <= effect.declared } ?? false
      let check = Gate.Check(
        name: name, value: effect.found, threshold: effect.declared, comparator: "<=",
        status: isFound ? .pass : .warn,
        detail: isFound
          ? "the design finds the smallest effect on '\(effect.outcome)' that matters, with the power"
            + " asked for"
          : effect.found == nil
            ? "no effect on '\(effect.outcome)' is large enough for the design to find"
            : "the design finds only effects on '\(effect.outcome)' that are larger than the smallest that"
              + " matters: an inconclusive result would say little",
        people: effect.people)
      told.append(((effect.found ?? .infinity) / effect.declared, check))
    }
    if let worst = told.max(by: { $0.ratio < $1.ratio }) { return worst.check }
    return unavailable(name, facts.detectable[0].why ?? "the design does not say")
  }

  /// Whether people could be followed to the horizons of the outcomes.
  var maturity: Gate.Check {
    let name = "maturity"
    guard let followed = facts.followed, !followed.isEmpty else {
      return unavailable(name, "the data don't say how long each person was followed")
    }
    // The share that was followed is bad when small, so it is asked of the worst arm by itself.
    var worst: Gate.Check?
    for arm in followed where arm.all > 0 {
      let isHidden = facts.minimumCount.map { arm.unknown < $0 || arm.known < $0 } ?? false
      let known =
        isHidden && arm.unknown < (facts.minimumCount ?? 0)
        ? arm.all - min(arm.all, (facts.minimumCount ?? 1) - 1) : arm.known
      var check = judged(
        name, .maturity, Double(known) / Double(arm.all),
        passes: "nearly everybody could be followed to every outcome's horizon",
        else:
          "only this share of an arm could be followed to every outcome's horizon; the effect is"
          + " that on those who came early enough",
        people: [arm.unknown, arm.known])
      if isHidden, check.status == .fail { check.status = .warn }
      if isHidden { check.value = nil }
      let isWorse = worst.map { old in
        old.status < check.status
          || !(check.status < old.status) && (check.value ?? 2) < (old.value ?? 2)
      }
      if isWorse ?? true { worst = check }
    }
    return worst ?? unavailable(name, "there is nobody to ask")
  }

  /// Of how many people outcomes are unknown, and how unevenly between the arms.
  var missingEvidence: [Gate.Check] {
    let names = ["missing evidence", "missing evidence by arm"]
    guard !facts.leavesOutcomes else { return Gate.unavailable(names, Self.left) }
    guard !facts.outcomes.isEmpty else {
      return Gate.unavailable(names, "the study file declares no outcome of these rows")
    }
    var shares: [Gate.Check] = []
    for (outcome, arms) in facts.outcomes {
      shares.append(
        share(
          names[0], .unknown, arms, passes: "few outcomes are unknown in either arm",
          else: "'\(outcome)' is unknown for this share of an arm; who they are may not be chance"))
    }
    let worst = shares.max { left, right in
      left.status < right.status
        || !(right.status < left.status) && (left.value ?? -1) < (right.value ?? -1)
    }
    return [worst ?? unavailable(names[0], "there is nobody to ask"), difference(names[1])]
  }

  /// The largest difference between the arms in the share of unknown outcomes.
  private func difference(_ name: String) -> Gate.Check {
    var worst: Gate.Check?
    var isHidden = false
    for (outcome, arms) in facts.outcomes where arms.count == 2 {
      let people = arms.flatMap { [$0.unknown, $0.known] }
      if let least = facts.minimumCount, people.contains(where: { $0 < least }) {
        isHidden = true
        continue
      }
      let shares = arms.map { Double($0.unknown) / Double($0.all) }
      let check = judged(
        name, .unknownDifference, (shares[0] - shares[1]).magnitude,
        passes: "outcomes are unknown about as often in both arms",
        else:
          "'\(outcome)' is unknown more often in one arm than in the other by this share, which by"
          + " itself can look like an effect",
        people: people)
      if (worst?.value ?? -1) < (check.value ?? -1) { worst = check }
    }
    return worst
      ?? unavailable(
        name,
        isHidden
          ? "so few outcomes are unknown that the disclosure profile does not let them be compared"
          : "there are no two arms to compare")
  }

  /// Whether outcomes moved alike before anybody was treated.
  var preTrends: Gate.Check {
    let name = "pre-trends"
    guard !facts.leavesOutcomes else { return unavailable(name, Self.left) }
    guard let finding = facts.preTrends, let p = finding.pValue else {
      return unavailable(
        name, facts.preTrends?.why ?? "outcomes are not seen in several periods before treatment")
    }
    return judged(
      name, .preTrends, p,
      passes:
        "before treatment the groups' outcomes moved alike as far as the joint test can see; it may"
        + " lack the power to see a trend that matters (Roth 2022, doi:10.1257/aeri.20210236)",
      else:
        "before treatment the groups' outcomes did not move alike, so that what followed may have come"
        + " without the programme")
  }
}
