internal import Reporting
internal import Statistics
internal import Tables

/// The outcomes and horizons whose p-values allow for each other.
struct OutcomeFamily {
  /// A member: a leading effect, or the difference of survival at a time.
  struct Member {
    /// The name that the study gives it.
    let name: String
    /// Its row among the estimates.
    let row: Int
    /// Whether it is a difference of survival.
    let isSurvival: Bool
  }

  let members: [Member]
  let draws: Int

  /// Finds the members; empty without two of them.
  ///
  /// - Throws: as `check`.
  init(_ leading: LeadingEffects) throws(SiblingError) {
    draws = try Self.draws(leading.study)
    let asked = leading.study.node["decisions"]?.texts("family") ?? []
    let names = (asked.isEmpty ? leading.study.outcomeColumns : asked).distinct
    let estimates = leading.estimates
    var found: [Member] = []
    for name in names {
      if leading.study.outcomeColumns.contains(name) {
        guard let row = leading.row(name) else { continue }
        found.append(Member(name: name, row: row, isSurvival: false))
      } else {
        for row in estimates.rows.indices
        where estimates[row, "analysis"] == .text(name)
          && estimates[row, "estimand"] == "survival difference"
        {
          found.append(Member(name: name, row: row, isSurvival: true))
        }
      }
    }
    found = found.filter { estimates[$0.row, "p.value"].number != nil }
    members = found.count > 1 ? found : []
  }

  /// Checks the part of the study file without data.
  ///
  /// - Throws: a name that is neither an outcome nor a survival analysis with times, a wrong number of
  ///   draws; located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    _ = try draws(study)
    let survival = study.node["survival"]?.elements ?? []
    let names = survival.compactMap { $0["name"]?.text }
    for element in study.node["decisions"]?["family"]?.elements ?? [] {
      guard let name = element.text else { continue }
      let known = study.outcomeColumns + names
      guard known.contains(name) else {
        throw SiblingError(
          .badValue,
          "'\(name)' is neither an outcome of the study nor one of its survival analyses",
          suggestion: nearestName(to: name, among: known), location: element.location)
      }
      guard
        study.outcomeColumns.contains(name)
          || survival.contains(where: { $0["name"]?.text == name && $0["times"] != nil })
      else {
        throw SiblingError(
          .missingKey, "the survival analysis '\(name)' has no 'times' at which it is compared",
          help: "add 'times: [13, 26]' to it", location: element.location)
      }
    }
  }

  private static func draws(_ study: StudyFile) throws(SiblingError) -> Int {
    guard let node = study.node["decisions"]?["draws"] else { return 1999 }
    guard let count = node.text.flatMap({ Int($0) }), (99...1_000_000).contains(count) else {
      throw SiblingError(
        .badValue, "'draws' takes a whole number from 99 to 1,000,000", location: node.location)
    }
    return count
  }

  /// What joint resampling gave.
  struct Joint {
    var adjusted: [Double]
    var resampling: String
    var draws: Int
  }

  /// P-values stepping down over joint resamples, by the convention of the effects that lead; or a
  /// sentence on why there are none.
  ///
  /// - Throws: what is wrong with the data, located.
  func joint(
    _ leading: LeadingEffects, _ run: EvaluationRun
  ) throws(SiblingError) -> (joint: Joint?, refusal: String?) {
    let holm = "so that only Holm's p-values are given, which hold whatever the dependence"
    guard !members.contains(where: \.isSurvival) else {
      return (nil, "Differences of survival are not resampled with the other effects, \(holm).")
    }
    guard
      !members.contains(where: {
        leading.estimates[$0.row, "analysis"] == "difference-in-differences"
      })
    else {
      return (nil, "Effects of panels are not resampled together, \(holm).")
    }
    if leading.analysis == "few-sites" { return try exchanged(leading, run, holm) }
    var parts: [LeadingEffects.Influence] = []
    for member in members {
      guard let part = try leading.influence(member.name, run) else {
        return (
          nil, "The estimator that leads has no influence of single people to resample, \(holm)."
        )
      }
      parts.append(part)
    }
    let units = Self.units(parts)
    guard units.count >= Self.fewestUnits else {
      return (nil, "Too few independent units stand behind the effects to resample them, \(holm).")
    }
    let columns = parts.map { part in
      units.map { rows in rows.reduce(0.0) { $0 + part.rows[$1] } }
    }
    let flips = try SignFlips(draws: draws, seed: run.study.seed).statistics(columns)
    let statistics = members.map { leading.estimates[$0.row, "statistic"].number ?? .nan }
    guard statistics.allSatisfy(\.isFinite) else {
      return (nil, "An effect that leads has no t statistic, \(holm).")
    }
    let adjustment = try StepDownAdjustment(observed: statistics, draws: flips)
    return (
      Joint(
        adjusted: adjustment.adjusted,
        resampling: "signs of the influence of \(parts[0].name) changed, the same for all outcomes",
        draws: draws), nil
    )
  }

  /// So few units tell nothing of the dependence of the effects.
  private static let fewestUnits = 20

  /// The exchanges of treatment between sites that lead each effect, for all of them together.
  private func exchanged(
    _ leading: LeadingEffects, _ run: EvaluationRun, _ holm: String
  ) throws(SiblingError) -> (joint: Joint?, refusal: String?) {
    var samples: [FewClusterSample] = []
    for member in members {
      guard let few = try leading.fewSites(member.name, run),
        leading.estimates[member.row, "se_type"].text?.hasPrefix("exchange") == true
      else { return (nil, "An effect that leads does not rest on exchanges of sites, \(holm).") }
      samples.append(few.sample)
    }
    // Each effect by itself is judged by the exchanges of its own sites.
    guard samples.allSatisfy({ $0.clusters.levels == samples[0].clusters.levels }) else {
      return (
        nil,
        "Not all outcomes are known at the same sites, so that treatment can't be exchanged alike, \(holm)."
      )
    }
    do throws(SiblingError) {
      let result = try JointExchange(seed: run.study.seed).test(samples)
      let adjustment = try StepDownAdjustment(
        observed: result.statistics, draws: result.exchangedStatistics, isExact: result.isExact)
      return (
        Joint(
          adjusted: adjustment.adjusted,
          resampling: result.isExact
            ? "all exchanges of treatment between sites, the same for all outcomes"
            : "exchanges of treatment between sites, the same for all outcomes",
          draws: result.exchangedStatistics.count), nil
      )
    } catch {
      guard [.badDesign, .constantTreatment].contains(error.code) else { throw error }
      return (nil, "\(capitalised(error.message)), \(holm).")
    }
  }

  /// The table's rows by independent unit: rows that share a unit of any effect belong together.
  static func units(_ parts: [LeadingEffects.Influence]) -> [[Int]] {
    let count = parts.first?.rows.count ?? 0
    var parent = Array(0..<count)
    func root(_ row: Int) -> Int {
      var row = row
      while parent[row] != row {
        parent[row] = parent[parent[row]]
        row = parent[row]
      }
      return row
    }
    for part in parts {
      var first: [Int32: Int] = [:]
      for (row, unit) in part.units.enumerated() where unit >= 0 {
        guard let other = first[unit] else {
          first[unit] = row
          continue
        }
        let (a, b) = (root(row), root(other))
        // The lower row is the root, so that the order never depends on the effects' order.
        if a != b { parent[max(a, b)] = min(a, b) }
      }
    }
    var place: [Int: Int] = [:]
    var units: [[Int]] = []
    for row in 0..<count where parts.contains(where: { $0.rows[row] != 0 }) {
      let root = root(row)
      if let found = place[root] {
        units[found].append(row)
      } else {
        place[root] = units.count
        units.append([row])
      }
    }
    return units
  }
}
