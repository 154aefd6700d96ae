/// A column of the data that chained equations fill in, or predict from.
public struct ImputationVariable: Sendable, Equatable {
  /// The values, with gaps.
  public enum Values: Sendable, Equatable {
    /// Numbers; NaN is missing.
    case numbers([Double])
    /// Categories; code −1 is missing.
    case categories(Factor)
  }

  /// The column's name.
  public var name: String
  /// Its values.
  public var values: Values

  /// A variable.
  public init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  /// The number of rows.
  public var count: Int {
    switch values {
    case .numbers(let values): values.count
    case .categories(let factor): factor.count
    }
  }

  /// The rows (from zero, ascending) without a value.
  public var missingRows: [Int] {
    switch values {
    case .numbers(let values): values.indices.filter { !values[$0].isFinite }
    case .categories(let factor): factor.codes.indices.filter { factor.codes[$0] < 0 }
    }
  }
}

/// How one variable is imputed.
public enum ImputationMethod: String, Sendable, CaseIterable {
  /// A draw from the normal linear model with parameters drawn from their posterior.
  case normal = "norm"
  /// The value of a donor whose prediction is near: predictive mean matching, type 1.
  case meanMatching = "pmm"
  /// A draw from a logistic model of two values.
  case logistic = "logreg"
  /// A draw from a multinomial logistic model.
  case multinomial = "polyreg"
}

/// How sites enter the imputation models.
public enum SiteEffects: String, Sendable, CaseIterable {
  /// An indicator of each site: right for few large sites.
  case fixed
  /// A random intercept: right for many small ones.
  case random
}
