/// Positions at which durations heap because people think in round numbers, as sets with a name each.
///
/// A set's members share one effect: the heap at a whole month is told apart from an excess at a
/// threshold only by the other whole months.
public struct RoundNumbers: Sendable, Equatable {
  /// The sets.
  public var sets: [Set]

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

  /// Sets of positions.
  public init(_ sets: [Set] = []) { self.sets = sets }

  /// Whole months up to `limit`: the day nearest to each multiple of 30.4375, in the unit.
  public static func wholeMonths(unit: Unit, upTo limit: Double) -> RoundNumbers {
    RoundNumbers([Set(name: "whole months", positions: days(30.4375, unit, limit))])
  }

  /// Multiples of a number of weeks up to `limit`, in the unit.
  public static func weeks(_ weeks: Int, unit: Unit, upTo limit: Double) -> RoundNumbers {
    RoundNumbers([
      Set(name: "\(weeks)-week steps", positions: days(7 * Double(max(1, weeks)), unit, limit))
    ])
  }

  /// Both sets of sets.
  public func adding(_ other: RoundNumbers) -> RoundNumbers { RoundNumbers(sets + other.sets) }

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
