/// Positions at which durations heap because people think in round numbers, as sets with a name each.
///
/// A set's members share one effect: the heap at a whole month is told apart from an excess at a
/// threshold only by the other whole months.
public struct RoundNumbers: Sendable, Equatable {
  /// The sets.
  public var sets: [Set]
  /// The width of one position: a day, in the durations' unit.
  public var grain: Double

  /// Positions with one name.
  public struct Set: Sendable, Equatable {
    /// What the positions are, such as `whole months`.
    public var name: String
    /// The positions, in the durations' unit.
    public var positions: [Double]

    /// A set.
    public init(name: String, positions: [Double]) {
      self.name = name
      self.positions = positions
    }
  }

  /// The unit that durations are counted in.
  public enum Unit: String, Sendable, CaseIterable {
    case days, weeks

    /// Days in one.
    public var days: Double { self == .days ? 1 : 7 }
  }

  /// Sets of positions, each as wide as `grain`.
  public init(_ sets: [Set] = [], grain: Double = 1) {
    self.sets = sets
    self.grain = grain
  }

  /// Whole months up to `limit`: the day nearest to each multiple of 30.4375, in the unit.
  public static func wholeMonths(unit: Unit, upTo limit: Double) -> RoundNumbers {
    RoundNumbers(
      [Set(name: "whole months", positions: days(30.4375, unit, limit))], grain: 1 / unit.days)
  }

  /// Multiples of a number of weeks up to `limit`, in the unit.
  public static func weeks(_ weeks: Int, unit: Unit, upTo limit: Double) -> RoundNumbers {
    let positions = days(7 * Double(max(1, weeks)), unit, limit)
    return RoundNumbers(
      [Set(name: "\(weeks)-week steps", positions: positions)], grain: 1 / unit.days)
  }

  /// Both sets of sets.
  public func adding(_ other: RoundNumbers) -> RoundNumbers {
    RoundNumbers(sets + other.sets, grain: min(grain, other.grain))
  }

  /// All positions once, ascending.
  var merged: [Double] {
    var result: [Double] = []
    for position in sets.flatMap(\.positions).sorted() {
      if let last = result.last, position - last < grain / 2 { continue }
      result.append(position)
    }
    return result
  }

  /// Whether any position lies in `[low, high)`.
  public func touches(_ low: Double, _ high: Double) -> Bool {
    sets.contains { set in set.positions.contains { $0 >= low && $0 < high } }
  }

  private static func days(_ step: Double, _ unit: Unit, _ limit: Double) -> [Double] {
    let last = min(limit * unit.days / step, 10_000)
    guard last >= 1 else { return [] }
    return (1...Int(last)).map { (step * Double($0)).rounded() / unit.days }
  }
}
