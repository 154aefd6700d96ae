public import Statistics

/// The lines between scenarios that pay and that don't, over shortfall and conversion.
public struct ScenarioBreakEven: Sendable {
  /// The chances of loss whose lines are drawn.
  public var lossLevels: [Double]

  /// Lines of no expected surplus and of chances of loss.
  public init(lossLevels: [Double] = [0.1, 0.5]) { self.lossLevels = lossLevels }

  /// A point of a line: at a shortfall, the conversion that is just enough.
  public struct Point: Sendable, Equatable {
    /// The vacancy rate and the split.
    public var vacancy, blockShare: Double
    /// What is held on the line.
    public var line: Line
    /// The share of referrals that do not come.
    public var shortfall: Double
    /// The conversion factor on the line, interpolated; nil where the grid does not reach it.
    public var conversion: Double?
    /// Where the line lies at this shortfall.
    public var place: Place
  }

  /// What is held along a line.
  public enum Line: Sendable, Equatable, Hashable {
    /// The expected surplus is nought.
    case expectedSurplus
    /// A loss has this chance.
    case chanceOfLoss(Double)
  }

  /// Where a line lies at a shortfall.
  public enum Place: String, Sendable {
    /// On the grid.
    case inside
    /// Above the grid: not even its highest conversion is enough.
    case above
    /// Below the grid: its lowest conversion is enough already.
    case below
  }

  /// The lines through cells of a grid.
  ///
  /// - Returns: points by split, vacancy, line and shortfall, each in the order of the cells or ascending.
  /// - Throws: `badValue` with fewer than two conversions, or a level outside 0 to 1.
  public func points(_ cells: [ScenarioCell]) throws(SiblingError) -> [Point] {
    if let level = lossLevels.first(where: { !($0 > 0 && $0 < 1) }) {
      throw SiblingError(
        .badValue, "a chance of loss lies between 0 and 1, not at \(level)", column: "loss-levels")
    }
    func distinct(_ value: (ScenarioCell) -> Double) -> [Double] { Set(cells.map(value)).sorted() }
    let conversions = distinct { $0.setting.conversion }
    guard conversions.count > 1 else {
      throw SiblingError(
        .badValue, "a line needs at least two conversion factors to lie between",
        column: "conversion")
    }
    let lines = [Line.expectedSurplus] + lossLevels.map { Line.chanceOfLoss($0) }
    var points: [Point] = []
    for share in distinct(\.blockShare) {
      for vacancy in distinct({ $0.setting.vacancy }) {
        for line in lines {
          for shortfall in distinct({ $0.setting.shortfall }) {
            let row = cells.filter {
              $0.blockShare == share && $0.setting.vacancy == vacancy
                && $0.setting.shortfall == shortfall
            }.sorted { $0.setting.conversion < $1.setting.conversion }
            let (conversion, place) = Self.crossing(row, line)
            points.append(
              Point(
                vacancy: vacancy, blockShare: share, line: line, shortfall: shortfall,
                conversion: conversion, place: place))
          }
        }
      }
    }
    return points
  }

  /// The conversion at which a quantity that rises with it passes nought; the last one, should
  /// simulation error make it pass more than once.
  private static func crossing(_ row: [ScenarioCell], _ line: Line) -> (Double?, Place) {
    let values = row.compactMap { cell -> (x: Double, y: Double)? in
      switch line {
      case .expectedSurplus: cell["surplus"].map { (cell.setting.conversion, $0.mean) }
      case .chanceOfLoss(let level):
        cell["loss"].map { (cell.setting.conversion, level - $0.mean) }
      }
    }
    guard let last = values.last, last.y >= 0 else { return (nil, .above) }
    guard let index = values.lastIndex(where: { $0.y < 0 }) else { return (nil, .below) }
    let (low, high) = (values[index], values[index + 1])
    return (low.x + (high.x - low.x) * -low.y / (high.y - low.y), .inside)
  }
}
