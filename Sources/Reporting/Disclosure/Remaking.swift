extension ResultTable {
  /// How a statistic is made again when the counts behind it are rounded.
  ///
  /// A rule is applied only where it gives the exact statistic from the exact counts, so that a
  /// statistic of weighted or adjusted people is never replaced by one of raw counts.
  public struct Remaking: Sendable, Equatable, Codable {
    /// The rules, tried in order.
    public var rules: [CountRule]
    /// What happens where no rule gives the exact statistic.
    public var otherwise: Fallback
    /// Whether few digits are written under every profile with thresholds: the statistic follows a
    /// curve more closely than its steps are released.
    public var isAlwaysCoarse = false

    /// What happens to a statistic that counts alone don't make.
    public enum Fallback: Sendable, Equatable, Codable {
      /// It is written with few significant digits, too few to search for the counts behind it.
      case coarse(Int)
      /// It belongs to an estimate with a standard error; the row is kept consistent as a whole.
      case withError
    }

    /// A remaking.
    public init(rules: [CountRule] = [], otherwise: Fallback = .coarse(3)) {
      self.rules = rules
      self.otherwise = otherwise
    }
  }

  /// A share or ratio of sums of a row's numbers; a name after `-` is taken off.
  public struct Fraction: Sendable, Equatable, Codable {
    /// What is counted.
    public var top: [String]
    /// What it is out of.
    public var bottom: [String]

    /// A fraction.
    public init(_ top: String..., of bottom: [String]) {
      self.top = top
      self.bottom = bottom
    }
  }

  /// An end of an interval.
  public enum Side: Sendable, Equatable, Codable {
    /// The lower limit.
    case low
    /// The upper limit.
    case high
  }

  /// A statistic as a function of a row's counts.
  public enum CountRule: Sendable, Equatable, Codable {
    /// A sum.
    case sum([String])
    /// A share or ratio.
    case fraction(Fraction)
    /// One minus a share.
    case complement(Fraction)
    /// A share written with few decimals.
    case decimals(Fraction, Int)
    /// Whether a share reaches a bound.
    case reaches(Fraction, Double)
    /// One share less another.
    case difference(Fraction, Fraction)
    /// One share over another.
    case ratio(Fraction, Fraction)
    /// The odds of one share over those of another.
    case oddsRatio(Fraction, Fraction)
    /// A limit of Wilson's interval of a share.
    case wilson(Side, Fraction)
    /// A limit of Clopper and Pearson's interval of a share.
    case clopperPearson(Side, Fraction)
    /// A limit of Garwood's interval of a count's mean, over another number if one is named.
    case garwood(Side, String, over: String?)
    /// A limit of Newcombe's interval of a difference of shares.
    case newcombe(Side, Fraction, Fraction)
    /// A limit of the interval of a ratio of shares on the log scale.
    case logRatio(Side, Fraction, Fraction)
    /// Pearson's chi-squared of two shares, one degree of freedom.
    case pearson(Fraction, Fraction)
    /// Its p-value.
    case pearsonTail(Fraction, Fraction)
    /// The count's share of its sum over the rows that agree in some labels.
    case shareOfRows(String, within: [String])
    /// An amount that grows with a count: it is multiplied by rounded over exact.
    case scaled([String])
    /// An amount for each of a count: it is multiplied by exact over rounded. It is not such an
    /// amount in rows that have a number in the other column.
    case each(String, unless: String?)
    /// A sum of other statistics of the row as they are released.
    case released([String])
    /// A ratio of two other statistics of the row as they are released.
    case releasedRatio(String, String)
  }
}

extension ResultTable.Column {
  /// The column with rules by which rounded counts make it again.
  public func remade(
    _ rules: ResultTable.CountRule..., otherwise: ResultTable.Remaking.Fallback = .coarse(3)
  ) -> ResultTable.Column {
    var column = self
    column.remaking = ResultTable.Remaking(rules: rules, otherwise: otherwise)
    return column
  }

  /// The column with another number of significant digits where counts are rounded.
  public func coarse(_ digits: Int) -> ResultTable.Column {
    var column = self
    column.remaking = ResultTable.Remaking(otherwise: .coarse(digits))
    return column
  }

  /// The column with few significant digits under every profile with thresholds.
  public func alwaysCoarse(_ digits: Int) -> ResultTable.Column {
    var column = coarse(digits)
    column.remaking?.isAlwaysCoarse = true
    return column
  }

  /// The columns of an estimate with its standard error, test and interval, kept consistent; rules
  /// make the estimate of counts.
  public static func estimates(
    _ columns: [ResultTable.Column], rules: [ResultTable.CountRule] = []
  ) -> [ResultTable.Column] {
    let names = RoundedEstimate.names
    return columns.map { column in
      guard names.contains(column.name) else { return column }
      var column = column
      column.remaking = ResultTable.Remaking(
        rules: column.name == "estimate" ? rules : [], otherwise: .withError)
      return column
    }
  }
}
