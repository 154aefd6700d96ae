internal import Glibc
internal import Statistics

extension CostEffectDraws {
  /// Percentile and bias-corrected intervals of the ratio of cost to effect, over draws.
  ///
  /// The corrected one is Efron's BCa (1987, doi:10.1080/01621459.1987.10478410), its acceleration from
  /// leaving out one site at a time.
  public struct RatioInterval: Sendable, Equatable {
    /// The limits.
    public var low, high: Double
    /// How it was made.
    public var method: String
    /// The share of draws whose effect is not above nought, in which the ratio has no meaning as a
    /// price.
    public var shareWithoutGain: Double
  }

  /// The intervals of resampled sites; empty without resamples.
  public static func ratioIntervals(
    _ draws: [Draw], sites: [SitePair], estimate: Double, shift: Double, level: Double
  ) -> [RatioInterval] {
    let ratios = draws.map { $0.cost / $0.effect }.filter(\.isFinite).sorted()
    guard ratios.count > 1 else { return [] }
    let without = Double(draws.count { $0.effect <= 0 }) / Double(draws.count)
    let tail = (1 - level) / 2
    var found = [
      RatioInterval(
        low: quantile(ratios, tail), high: quantile(ratios, 1 - tail), method: "percentile",
        shareWithoutGain: without)
    ]
    let below = Double(ratios.count { $0 < estimate }) + Double(ratios.count { $0 == estimate }) / 2
    let share = below / Double(ratios.count)
    guard share > 0, share < 1, let acceleration = acceleration(sites, shift) else { return found }
    let bias = Normal.standard.quantile(share)
    let ends = [tail, 1 - tail].map { p -> Double in
      let z = bias + Normal.standard.quantile(p)
      return Normal.standard.lowerTail(bias + z / (1 - acceleration * z))
    }
    if ends[0] < ends[1] {
      found.append(
        RatioInterval(
          low: quantile(ratios, ends[0]), high: quantile(ratios, ends[1]), method: "BCa",
          shareWithoutGain: without))
    }
    return found
  }

  /// Each arm is a sample of its own: a site's influence counts by the size of its arm.
  private static func acceleration(_ sites: [SitePair], _ shift: Double) -> Double? {
    var (squares, cubes) = (0.0, 0.0)
    for isTreated in [true, false] {
      let arm = sites.indices.filter { sites[$0].isTreated == isTreated }
      var ratios: [Double] = []
      for left in arm {
        var counts = [Double](repeating: 1, count: sites.count)
        counts[left] = 0
        guard let pair = CostEffectContrast.differences(sites, counts: counts) else { return nil }
        ratios.append(pair.cost / (pair.effect + shift))
      }
      guard ratios.count > 1 else { return nil }
      let n = Double(ratios.count)
      let mean = ratios.reduce(0, +) / n
      for ratio in ratios {
        let influence = (n - 1) * (mean - ratio) / n
        squares += influence * influence
        cubes += influence * influence * influence
      }
    }
    guard squares > 0, squares.isFinite, cubes.isFinite else { return nil }
    return cubes / (6 * pow(squares, 1.5))
  }

  /// The quantile of sorted values that interpolates between their means of order (type 7).
  static func quantile(_ sorted: [Double], _ p: Double) -> Double {
    let place = max(0, min(1, p)) * Double(sorted.count - 1)
    let low = Int(place.rounded(.down))
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
  }
}
