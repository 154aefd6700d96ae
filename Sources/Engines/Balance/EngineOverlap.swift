public import Statistics
internal import Tables

/// How many rows of each group have a score outside the other group's range, from counts in ever finer classes.
///
/// The least and the greatest score of a group are single people's and need not leave the engine: only the
/// classes that hold an end of a range are looked at again, until nobody of the other group shares them.
public struct EngineOverlap: Sendable, Equatable {
  /// The rows of a group, and those of them outside the other group's range.
  public struct Group: Sendable, Equatable {
    /// All rows.
    public var all: Int
    /// Rows below the other group's least score or above its greatest.
    public var outside: Int
  }

  /// The treated.
  public let treated: Group
  /// The comparisons.
  public let comparison: Group

  /// Counts who is outside, in one pass and then about two for each end of a range that is shared.
  ///
  /// Scores that agree to 1e-15 count as the same.
  /// - Returns: nil where a class has too few people to be counted.
  /// - Throws: the engine's failures.
  public init?(_ propensity: EnginePropensity) throws(SiblingError) {
    do throws(SiblingError) {
      let pass = Pass(propensity: propensity)
      let classes = try pass.classes(low: 0, high: 1, isClosed: true)
      var outside = (treated: 0, comparison: 0)
      for isTreated in [true, false] {
        for isLeast in [true, false] {
          let count = try pass.outside(classes, 0, 1, ofTreated: isTreated, below: isLeast)
          if isTreated { outside.treated += count } else { outside.comparison += count }
        }
      }
      treated = Group(all: propensity.counts.treated, outside: outside.treated)
      comparison = Group(all: propensity.counts.comparison, outside: outside.comparison)
    } catch {
      guard error.code == .disclosure else { throw error }
      return nil
    }
  }

  /// Counts by class of the score.
  private struct Pass {
    let propensity: EnginePropensity

    static let count = 4096.0

    /// Treated and comparison rows of each class between two scores that has any, in order; the upper one
    /// is among them where the range is closed.
    func classes(
      low: Double, high: Double, isClosed: Bool = false
    ) throws(SiblingError) -> [(key: Double, treated: Int, comparison: Int)] {
      var rows = propensity.frame.data
      rows.progress?("counting scores")
      rows.progress = nil
      let score = RowExpression.name("score")
      let width = (high - low) / Self.count
      let place = RowExpression.function(
        .floor, (score - .constant(low)) / .constant(width))
      let key = RowExpression.chosen(
        .comparison(.less, score, .constant(low)), then: .constant(-1),
        otherwise: .chosen(
          .comparison(isClosed ? .greater : .atLeast, score, .constant(high)),
          then: .constant(2 * Self.count),
          otherwise: place))
      let cells = try rows.aggregate(
        layers: propensity.layers,
        keys: [GroupKey("t", .number(propensity.treated)), GroupKey("class", .number(key))])
      var found: [Double: (treated: Int, comparison: Int)] = [:]
      let treated = cells.numbers(0)
      for (cell, key) in cells.numbers(1).enumerated() where key >= 0 && key <= Self.count {
        if treated[cell] == 1 {
          found[key, default: (0, 0)].treated += cells.counts[cell]
        } else {
          found[key, default: (0, 0)].comparison += cells.counts[cell]
        }
      }
      return found.keys.sorted().map { ($0, found[$0]?.treated ?? 0, found[$0]?.comparison ?? 0) }
    }

    /// How many of a group lie below (or above) everybody of the other, in classes between two scores.
    func outside(
      _ classes: [(key: Double, treated: Int, comparison: Int)], _ low: Double, _ high: Double,
      ofTreated isTreated: Bool, below isLeast: Bool
    ) throws(SiblingError) -> Int {
      var (low, high, classes) = (low, high, classes)
      var outside = 0
      for _ in 0..<6 {
        var end: Double?
        var shared = 0
        for (key, treated, comparison) in isLeast ? classes : classes.reversed() {
          let (own, other) = isTreated ? (treated, comparison) : (comparison, treated)
          if other > 0 {
            (end, shared) = (key, own)
            break
          }
          outside += own
        }
        let width = (high - low) / Self.count
        guard let end, shared > 0, width > 1e-15 else { break }
        (low, high) = (low + end * width, low + (end + 1) * width)
        classes = try self.classes(low: low, high: high)
      }
      return outside
    }
  }
}
