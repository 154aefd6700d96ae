/// The checks of the gate, made from the facts about a design.
struct GateChecks {
  let facts: DesignFacts
  let limits: GateLimits

  /// Every check, in the order of the report.
  var all: [Gate.Check] {
    var checks = [clusters]
    if let treatedSites { checks.append(treatedSites) }
    checks += [attainable, overlap, matched, balance, missingCovariates]
    if facts.isStaggeredTwoWay {
      checks.append(
        Gate.Check(
          name: "one coefficient for staggered starts", value: nil, threshold: nil, comparator: "",
          status: .warn,
          detail:
            "concerns the two-way estimates only: cohorts start at different times, and one coefficient mixes comparisons of "
            + "early with late starters, which is wrong where effects differ or grow"))
    }
    if let rule = chosenByOutcome { checks.append(rule) }
    return checks + [detectable, maturity] + missingEvidence + [preTrends]
  }

  /// A check of a value that the limits judge.
  func judged(
    _ name: String, _ key: GateLimits.Key, _ value: Double, passes: String, else detail: String,
    people: [Int] = []
  ) -> Gate.Check {
    let limit = limits[key]
    let status = limit.status(value)
    return Gate.Check(
      name: name, value: value, threshold: limit.warn, comparator: limit.comparator, status: status,
      detail: status == .pass ? passes : detail, people: people)
  }

  func unavailable(_ name: String, _ reason: String) -> Gate.Check {
    Gate.unavailable([name], reason)[0]
  }

  private var clusters: Gate.Check {
    let smaller = min(facts.treatedClusters, facts.clusters - facts.treatedClusters)
    let sets = facts.isSiteLevel ? nil : facts.matchedSets
    let count = sets ?? facts.clusters
    let noun = facts.isSiteLevel ? "sites" : sets != nil ? "matched sets" : "people or units"
    let limit = limits[.clusters]
    if let groups = facts.unnamedGroups {
      return Gate.Check(
        name: "clusters", value: nil, threshold: limit.warn, comparator: ">=", status: .warn,
        detail: "whole \(groups) were treated, and the data do not name them: there are"
          + " far fewer clusters than rows, and intervals are too short")
    }
    let status: Gate.Status = smaller < 2 ? .fail : limit.status(Double(count))
    return Gate.Check(
      name: "clusters", value: Double(count), threshold: limit.warn, comparator: ">=",
      status: status,
      detail: status == .pass
        ? "enough \(noun) for the usual standard errors"
        : status == .warn
          ? "so few \(noun) that the usual standard errors may be too small"
          : "a group has fewer than two \(noun), so no uncertainty can be estimated",
      people: facts.isSiteLevel || facts.isPanel ? [] : [count])
  }

  /// Whether enough whole sites stand on either side for a claim; nil where people were assigned.
  ///
  /// With one treated group an estimate of its effect can't be consistent however many groups it is
  /// compared with, and tests that learn its noise from the others rest on their being alike (Conley and
  /// Taber 2011, doi:10.1162/REST_a_00049; Ferman and Pinto 2019, doi:10.1162/rest_a_00759); with two or
  /// three the wild bootstrap and cluster-robust errors still fail badly (MacKinnon and Webb 2018,
  /// doi:10.1111/ectj.12107), and a p-value by exchange is small merely because the comparisons are many.
  var treatedSites: Gate.Check? {
    guard facts.isSiteLevel, facts.unnamedGroups == nil, facts.clusters > 0 else { return nil }
    let smaller = min(facts.treatedClusters, facts.clusters - facts.treatedClusters)
    return judged(
      "treated sites", .treatedSites, Double(smaller),
      passes: "enough whole sites on either side that no single one decides",
      else:
        "so few whole sites on the smaller side that the reading is descriptive, however small a"
        + " p-value: many comparison sites make exchanges many, and do not make these few more")
  }

  private var attainable: Gate.Check {
    guard let p = facts.attainablePValue, facts.unnamedGroups == nil else {
      return unavailable("attainable p", "not defined for this design")
    }
    let limit = limits[.attainableP]
    let status = limit.status(p)
    return Gate.Check(
      name: "attainable p", value: p, threshold: limit.fail ?? limit.warn, comparator: "<=",
      status: status,
      detail: status == .fail
        ? "however large the effect, no randomisation test could reach the p-value that is asked for"
        : "the smallest p-value that reassigning treatment could give")
  }

  private var overlap: Gate.Check {
    guard let share = facts.overlapShare else {
      return unavailable("overlap", facts.overlapWhy ?? "the design has no score")
    }
    let detail =
      "share of the treated whose score lies within the range of the comparison group"
    return judged(
      "overlap", .overlap, share, passes: detail, else: detail, people: facts.overlapPeople)
  }

  private var matched: Gate.Check {
    guard let share = facts.matchedShare else {
      return unavailable("matched share", "nobody was matched in this design")
    }
    return judged(
      "matched share", .matchedShare, share, passes: "nearly all of the treated found a match",
      else: "only this share of the treated found a match; the effect is theirs only",
      people: facts.matchedPeople)
  }

  private var balance: Gate.Check {
    guard let worst = facts.worstImbalance else {
      return unavailable("balance", "the design has no covariates")
    }
    // What balancing weights leave is rounding, whose digits are another on each processor.
    return judged(
      "balance", .balance, worst.magnitude < 1e-12 ? 0 : worst,
      passes: "every covariate is balanced after adjustment",
      else: "the least balanced covariate still differs by this many standard deviations")
  }

  private var missingCovariates: Gate.Check {
    let name = "missing covariates"
    guard !facts.covariates.isEmpty else {
      return unavailable(name, "the design has no covariates")
    }
    return share(
      name, .missingCovariates, facts.covariates,
      passes: "nobody, or few, of either arm are left out because a covariate is unknown",
      else: "of one arm this share is left out because a covariate is unknown; who is compared may"
        + " differ from who was treated")
  }

  /// The worst share of the unknown among arms, with counts that may not be told taken at their greatest.
  ///
  /// A profile that hides small counts must not have them told by a check: one that it hides is read as
  /// the greatest that it could be, and never fails a design.
  func share(
    _ name: String, _ key: GateLimits.Key, _ arms: [KnownShare], passes: String,
    else detail: String
  ) -> Gate.Check {
    var worst: Gate.Check?
    for arm in arms where arm.all > 0 {
      let isHidden = facts.minimumCount.map { arm.unknown < $0 } ?? false
      let count = isHidden ? min(arm.all, (facts.minimumCount ?? 1) - 1) : arm.unknown
      var check = judged(
        name, key, Double(count) / Double(arm.all), passes: passes, else: detail,
        people: [arm.unknown, arm.known])
      if isHidden, check.status == .fail { check.status = .warn }
      if isHidden { check.value = nil }
      let isWorse = worst.map { old in
        old.status < check.status
          || !(check.status < old.status) && (old.value ?? -1) < (check.value ?? -1)
      }
      if isWorse ?? true { worst = check }
    }
    return worst ?? unavailable(name, "there is nobody to ask")
  }
}
