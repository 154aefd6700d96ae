internal import LinearAlgebra
internal import Statistics

extension MatchCertificate {
  /// Checks every pair against every rule again, from the columns and not from the search.
  ///
  /// - Throws: `internalError` naming the rule that a pair breaks.
  init(
    pairs: [Match.Pair], constraints: Constraints, reuseLimit: Int?
  ) throws(SiblingError) {
    let blocks = Parallel.ranges(of: pairs.count, size: 1 << 14)
    var found = Findings(covariates: constraints.covariates.count)
    for part in Parallel.mapBlocks(
      blocks.count,
      { block in
        var part = Findings(covariates: constraints.covariates.count)
        for index in blocks[block] { part.look(at: pairs[index], constraints) }
        return part
      })
    {
      found.add(part)
    }
    var checks = [Check(rule: "common support", bound: nil, worst: Double(found.outside))]
    var broken: [String] = []
    if found.wrongGroups > 0 { broken.append("treatment") }
    if found.outside > 0 { broken.append("common support") }
    if constraints.caliper != .infinity {
      let worst = found.distance.worst(constraints.caliper)
      checks.append(Check(rule: "caliper", bound: constraints.caliper, worst: worst))
      if !Constraints.keeps(worst, constraints.caliper) { broken.append("caliper") }
    }
    for (one, range) in zip(constraints.covariates, found.covariates) {
      let worst = range.worst(one.width)
      checks.append(Check(rule: one.name, bound: one.width, worst: worst))
      if !Constraints.keeps(worst, one.width) { broken.append("caliper on \(one.name)") }
    }
    if constraints.exact != nil {
      checks.append(Check(rule: "exact", bound: nil, worst: Double(found.inexact)))
      if found.inexact > 0 { broken.append("exact") }
    }
    if !constraints.antiExact.isEmpty {
      checks.append(Check(rule: "anti-exact", bound: nil, worst: Double(found.same)))
      if found.same > 0 { broken.append("anti-exact") }
    }
    let most = Double(Self.mostUses(pairs, constraints))
    checks.append(Check(rule: "reuse", bound: reuseLimit.map(Double.init), worst: most))
    if let reuseLimit, most > Double(reuseLimit) { broken.append("reuse") }
    if reuseLimit != 1, Self.repeats(pairs, rows: constraints.treatment.count) {
      broken.append("one pair made twice")
    }
    guard broken.isEmpty else {
      throw SiblingError(
        .internalError, "a finished match breaks its own rules: " + broken.joined(separator: ", "),
        help: "This is a fault of Sibling, not of the data: please report it.")
    }
    self.pairs = pairs.count
    self.checks = checks
    preferred = constraints.prefer == nil ? nil : found.preferred
  }

  /// The smallest and greatest of the gaps met.
  private struct Gaps {
    var least = Double.infinity
    var greatest = 0.0

    mutating func add(_ gap: Double) {
      least = min(least, gap)
      greatest = max(greatest, gap)
    }

    mutating func add(_ other: Gaps) {
      least = min(least, other.least)
      greatest = max(greatest, other.greatest)
    }

    func worst(_ width: Double) -> Double { width.sign == .minus ? least : greatest }
  }

  /// What a look at some pairs has found.
  private struct Findings {
    var (wrongGroups, outside, inexact, same, preferred) = (0, 0, 0, 0, 0)
    var distance = Gaps()
    var covariates: [Gaps]

    init(covariates count: Int) { covariates = [Gaps](repeating: Gaps(), count: count) }

    mutating func look(at pair: Match.Pair, _ constraints: Constraints) {
      let (treated, comparison) = (pair.treatedRow, pair.comparisonRow)
      if !constraints.treatment[treated] || constraints.treatment[comparison] { wrongGroups += 1 }
      if constraints.discarded[treated] || constraints.discarded[comparison] { outside += 1 }
      distance.add(constraints.distance(treated, comparison))
      for index in covariates.indices {
        let values = constraints.covariates[index].values
        covariates[index].add((values[treated] - values[comparison]).magnitude)
      }
      if let exact = constraints.exact, exact.codes[treated] != exact.codes[comparison] {
        inexact += 1
      }
      if let prefer = constraints.prefer, prefer.codes[treated] == prefer.codes[comparison] {
        preferred += 1
      }
      for factor in constraints.antiExact where factor.codes[treated] == factor.codes[comparison] {
        same += 1
      }
    }

    mutating func add(_ other: Findings) {
      wrongGroups += other.wrongGroups
      outside += other.outside
      inexact += other.inexact
      same += other.same
      preferred += other.preferred
      distance.add(other.distance)
      for index in covariates.indices { covariates[index].add(other.covariates[index]) }
    }
  }

  /// How often the candidate that serves most often does.
  private static func mostUses(_ pairs: [Match.Pair], _ constraints: Constraints) -> Int32 {
    var uses = [Int32](repeating: 0, count: constraints.treatment.count)
    var most: Int32 = 0
    for pair in pairs {
      let row = constraints.focalIsTreated ? pair.comparisonRow : pair.treatedRow
      uses[row] += 1
      most = max(most, uses[row])
    }
    return most
  }

  /// Whether two pairs are the same.
  private static func repeats(_ pairs: [Match.Pair], rows: Int) -> Bool {
    let byComparison = Sorting.order(
      codes: pairs.map { Int32(truncatingIfNeeded: $0.comparisonRow) }, levels: rows)
    let treated = byComparison.map { Int32(truncatingIfNeeded: pairs[Int($0)].treatedRow) }
    let order = Sorting.order(codes: treated, levels: rows)
    // Sorted by both rows: equal pairs stand side by side.
    for place in order.indices.dropFirst() {
      let one = pairs[Int(byComparison[Int(order[place - 1])])]
      let other = pairs[Int(byComparison[Int(order[place])])]
      if one.treatedRow == other.treatedRow, one.comparisonRow == other.comparisonRow {
        return true
      }
    }
    return false
  }
}
