public import Statistics

/// A column whose balance between the groups is measured.
public struct BalanceCovariate: Sendable, Equatable {
  /// The covariate's name.
  public var name: String
  /// The level that the column indicates, for a factor.
  public var level: String?
  /// The values, one a row.
  public var values: [Double]

  /// A numeric covariate, or an indicator of one level.
  public init(name: String, level: String? = nil, values: [Double]) {
    self.name = name
    self.level = level
    self.values = values
  }

  /// The indicators of every level of a factor, the reference included.
  ///
  /// A factor of two levels gives both of them too, so that tables read the same for all factors.
  /// A missing code makes a missing value, which the assessment refuses with its row.
  public static func levels(of factor: Factor, name: String) -> [BalanceCovariate] {
    factor.levels.indices.map { level in
      let code = Int32(level)
      return BalanceCovariate(
        name: name, level: factor.levels[level],
        values: factor.codes.map { $0 == code ? 1 : $0 < 0 ? .nan : 0 })
    }
  }
}
