/// How far several estimates of one effect agree, by rules.
///
/// The estimates share people and outcomes, so that no test of heterogeneity applies: it would take them for
/// independent. The rules look at direction, at whether intervals meet and at the distance from the estimate
/// that leads, in its standard errors.
struct Agreement: Equatable {
  /// One estimate with its interval on the scale on which distances are measured.
  struct Item: Equatable {
    var estimate: Double
    var low: Double?
    var high: Double?
  }

  /// How one estimate stands to the leading one.
  enum Standing: String, CaseIterable {
    /// It points the same way and its interval meets the leading one's.
    case same = "same direction"
    /// It points the same way, but the intervals do not meet.
    case apart
    /// It points the other way.
    case opposite
  }

  /// How all of them stand together.
  enum Verdict: String, CaseIterable {
    /// There is one only.
    case single
    /// All point one way, all intervals meet, and none lies further than one standard error away.
    case close
    /// All point one way and all intervals meet.
    case alike
    /// All point one way, but some intervals do not meet the leading one's.
    case apart
    /// Some point the other way.
    case opposed
  }

  let standings: [Standing]
  /// Signed distances from the leading estimate in its standard errors; nil without one.
  let distances: [Double?]
  let verdict: Verdict
  /// The greatest distance; nil without one.
  let furthest: Double?

  /// Compares estimates with the leading one; `null` is where there is no effect.
  init(leading: Item, standardError: Double?, others: [Item], null: Double = 0) {
    func sign(_ value: Double) -> Int { value > null ? 1 : value < null ? -1 : 0 }
    standings = others.map { item in
      if sign(item.estimate) != sign(leading.estimate) { return .opposite }
      // Without an interval there is nothing that could fail to meet.
      guard let low = item.low, let high = item.high, let from = leading.low,
        let to = leading.high
      else { return .same }
      return low <= to && from <= high ? .same : .apart
    }
    let unit = standardError.flatMap { $0 > 0 ? $0 : nil }
    distances = others.map { item in
      unit.map { unit in
        let distance = (item.estimate - leading.estimate) / unit
        // The same estimate by another road differs by rounding only, which is no distance.
        return distance.magnitude < 1e-9 ? 0 : distance
      }
    }
    furthest = distances.compactMap { $0?.magnitude }.max()
    if others.isEmpty {
      verdict = .single
    } else if standings.contains(.opposite) {
      verdict = .opposed
    } else if standings.contains(.apart) {
      verdict = .apart
    } else {
      verdict = furthest.map { $0 <= 1 } ?? false ? .close : .alike
    }
  }
}
