internal import Statistics

/// The greatest distance at which two units may be paired.
///
/// Units are paired when |d| ≤ width; a negative width asks the opposite, |d| > |width|.
public struct Caliper: Sendable, Equatable {
  /// What a caliper's width is measured in.
  public enum Unit: Sendable, Equatable {
    /// Standard deviations (n − 1) of the variable over all units of both groups not discarded.
    case standardDeviations
    /// The variable's own units.
    case raw
  }

  /// The width; negative asks for at least that distance.
  public var width: Double
  /// What the width is measured in.
  public var unit: Unit

  /// A caliper of a width in standard deviations or raw units.
  public init(_ width: Double, _ unit: Unit = .standardDeviations) {
    self.width = width
    self.unit = unit
  }

  /// The width in raw units for a variable.
  ///
  /// - Throws: `invalidOption` when the width is not a number, `badValue` without a finite deviation.
  func rawWidth(
    of values: [Double], kept: [Bool], name: String
  ) throws(SiblingError) -> Double {
    guard width.isFinite else {
      throw SiblingError(.invalidOption, "the caliper on \(name) must be a finite number")
    }
    switch unit {
    case .raw: return width
    case .standardDeviations:
      let deviation = Moments.standardDeviation(values, kept: kept)
      guard deviation.isFinite else {
        throw SiblingError(
          .badValue, "the values of \(name) are too large for a standard deviation",
          help: "Give the caliper in raw units, or rescale the column.", column: name)
      }
      return width * deviation
    }
  }
}

/// A caliper on a covariate, applied to the covariate as given.
public struct CovariateCaliper: Sendable, Equatable {
  /// The covariate's name, for messages.
  public var name: String
  /// Its value in each row.
  public var values: [Double]
  /// How far apart a pair may be.
  public var caliper: Caliper

  /// A caliper on a column.
  public init(name: String, values: [Double], caliper: Caliper) {
    self.name = name
    self.values = values
    self.caliper = caliper
  }
}

/// Small sums shared by the room.
enum Moments {
  /// The n − 1 standard deviation over the kept rows; zero for a single row.
  static func standardDeviation(_ values: [Double], kept: [Bool]) -> Double {
    var count = 0.0
    var sum = 0.0
    for (value, keep) in zip(values, kept) where keep {
      count += 1
      sum += value
    }
    guard count > 1 else { return 0 }
    let mean = sum / count
    var squares = 0.0
    for (value, keep) in zip(values, kept) where keep {
      squares += (value - mean) * (value - mean)
    }
    return (squares / (count - 1)).squareRoot()
  }
}
