internal import Statistics

extension NearestNeighborMatching {
  /// The settings, checked and with their defaults filled in.
  struct Plan {
    let estimand: Estimand
    let ratio: Double
    let variable: (minimum: Int, maximum: Int)?
    let reuseLimit: Int?
    let order: MatchingOrder
    let normalizesWeights: Bool
    let discard: Discard
    let hasCaliper: Bool

    init(_ matching: NearestNeighborMatching, hasScore: Bool = true) throws(SiblingError) {
      guard matching.estimand == .att || matching.estimand == .atc else {
        throw SiblingError(
          .invalidOption, "nearest-neighbour matching estimates ATT or ATC",
          help: "For ATE use weighting, subclassification or full matching.")
      }
      guard matching.ratio.isFinite, matching.ratio >= 1, matching.ratio <= 1e9 else {
        throw SiblingError(
          .invalidOption, "the ratio must be at least 1",
          help: "A ratio of k gives each focal unit k matches.")
      }
      variable = try Self.variableRatio(matching)
      reuseLimit = try Self.reuseLimit(matching)
      if variable != nil, reuseLimit != 1 {
        throw SiblingError(
          .invalidOption, "a variable ratio and replacement can't be combined",
          help: "Drop the replacement, or the maximum ratio.")
      }
      estimand = matching.estimand
      ratio = matching.ratio
      let byDefault: MatchingOrder =
        reuseLimit != 1 || !hasScore ? .data : matching.estimand == .att ? .largest : .smallest
      order = matching.order ?? byDefault
      normalizesWeights = matching.normalizesWeights
      discard = matching.discard
      hasCaliper = matching.caliper != nil
    }

    private static func variableRatio(
      _ matching: NearestNeighborMatching
    ) throws(SiblingError) -> (minimum: Int, maximum: Int)? {
      guard let maximum = matching.maximumRatio else {
        guard matching.minimumRatio == nil else {
          throw SiblingError(
            .invalidOption, "a minimum ratio needs a maximum ratio",
            help: "Give the most matches that a focal unit may have.")
        }
        guard matching.ratio == matching.ratio.rounded() else {
          throw SiblingError(
            .invalidOption, "the ratio must be a whole number",
            help: "A fractional ratio is an average and needs a maximum ratio.")
        }
        return nil
      }
      let minimum = matching.minimumRatio ?? 1
      guard minimum >= 1, Double(minimum) <= matching.ratio, matching.ratio < Double(maximum)
      else {
        throw SiblingError(
          .invalidOption, "a variable ratio needs 1 ≤ minimum ≤ ratio < maximum")
      }
      return (minimum, maximum)
    }

    private static func reuseLimit(
      _ matching: NearestNeighborMatching
    ) throws(SiblingError) -> Int? {
      guard let limit = matching.reuseLimit else { return matching.replacement ? nil : 1 }
      guard limit >= 1 else {
        throw SiblingError(.invalidOption, "the reuse limit must be at least 1")
      }
      guard matching.replacement || limit == 1 else {
        throw SiblingError(
          .invalidOption, "a reuse limit above 1 needs replacement",
          help: "Ask for replacement as well.")
      }
      return limit
    }

    /// How many matches each focal unit asks for, in the order of the search's focal units.
    ///
    /// The variable ratio's total counts every focal unit, the discarded too, as the peers do: of
    /// m = round(ratio · n) matches the units farthest from the pool get the minimum, one the
    /// remainder, and the rest the maximum.
    func wanted(search: NearestSearch, treatment: [Bool]) -> [Int32] {
      let focal = search.focalRows
      guard let variable else {
        return [Int32](repeating: Int32(clamping: Int(ratio)), count: focal.count)
      }
      let isFocal = treatment.map { $0 == (estimand == .att) }
      let everyFocal = treatment.indices.filter { isFocal[$0] }
      let share = Self.shares(of: everyFocal.count, ratio: ratio, variable: variable)
      var sums = (focal: 0.0, pool: 0.0)
      for (row, score) in search.score.enumerated() {
        if isFocal[row] { sums.focal += score } else { sums.pool += score }
      }
      let focalMean = sums.focal / Double(everyFocal.count)
      let poolMean = sums.pool / Double(treatment.count - everyFocal.count)
      let scores = everyFocal.map { search.score[$0] }
      let ranked =
        focalMean > poolMean ? Sorting.descendingOrder(scores) : Sorting.order(scores)
      var byRow = [Int32](repeating: 0, count: treatment.count)
      for (place, unit) in ranked.enumerated() { byRow[everyFocal[Int(unit)]] = share[place] }
      return focal.map { byRow[Int($0)] }
    }

    private static func shares(
      of units: Int, ratio: Double, variable: (minimum: Int, maximum: Int)
    ) -> [Int32] {
      let (low, high) = variable
      let total = Int((ratio * Double(units)).rounded(.toNearestOrEven))
      let most = max(0, min(units - 1, (total - low * (units - 1)) / (high - low)))
      let fewest = units - most - 1
      var share = [Int](repeating: low, count: fewest)
      share.append(total - high * most - low * fewest)
      share += [Int](repeating: high, count: most)
      // Nobody goes without: an empty remainder takes one match from its neighbour.
      if share[fewest] == 0 {
        share[fewest] = 1
        if fewest + 1 < units { share[fewest + 1] -= 1 }
      }
      return share.map { Int32(clamping: max(1, $0)) }
    }
  }
}
