public import Statistics

/// Who was matched to whom, with the weights that make the groups comparable.
///
/// Designs that put units into strata have matched sets but no pairs.
public struct Match: Sendable, Equatable {
  /// A treated row and a comparison row that were matched.
  public struct Pair: Sendable, Equatable {
    /// The treated unit's row, from zero.
    public var treatedRow: Int
    /// The comparison unit's row, from zero.
    public var comparisonRow: Int
    /// Their distance, not negative, in the distance's own units.
    public var distance: Double
    /// The number of the focal unit's matched set, from one in the order of the data.
    public var set: Int
  }

  /// How many of a group there were and what became of them.
  public struct GroupCounts: Sendable, Equatable {
    /// Rows of the group.
    public var all: Int
    /// Rows with a positive weight.
    public var matched: Int
    /// Rows left without a match, the discarded not counted.
    public var unmatched: Int
    /// Rows outside the region of common support.
    public var discarded: Int
    /// The effective sample size (Σw)²/Σw² of the matched.
    public var effectiveSampleSize: Double
  }

  /// The estimand asked for.
  public var estimand: Estimand
  /// Whom the effect is about after matching, in words.
  public var population: String
  /// The weight of each row; 0 where unmatched.
  public var weights: [Double]
  /// The number of each row's matched set, from one; −1 where unmatched, and everywhere when
  /// units may be matched more than once.
  public var subclass: [Int32]
  /// The pairs, in the order of the focal rows and then of the rounds.
  public var pairs: [Pair]
  /// Whether each row was left out for lack of common support.
  public var discarded: [Bool]
  /// Focal rows, not discarded, that found no match; ascending.
  public var unmatchedFocal: [Int]
  /// Whether units could be matched more than once.
  public var allowsReuse: Bool
  /// The treated.
  public var treated: GroupCounts
  /// The comparisons.
  public var comparison: GroupCounts
  /// The caliper on the distance in raw units, when there was one.
  public var caliper: Double?
  /// The rules, checked again on the finished pairs.
  public var certificate: MatchCertificate
  /// Whether the sets are strata cut beforehand: too few and too large to be independent draws.
  public var isStratified = false

  /// The matched sets as clusters for standard errors: a code per row, −1 where unmatched.
  ///
  /// Nil when units may stand in several sets, and when there are none.
  public var subclassFactor: Factor? {
    guard !allowsReuse else { return nil }
    let sets = subclass.max().map { max(0, $0) } ?? 0
    guard sets > 0 else { return nil }
    return Factor(
      codes: subclass.map { $0 < 0 ? -1 : $0 - 1 }, levels: (0..<sets).map { "\($0 + 1)" })
  }
}

extension Match {
  /// The matched sets as clusters; nil for strata, and where units may stand in several sets.
  public var pairedSets: Factor? { isStratified ? nil : subclassFactor }
}

/// The rules of a match as they were found to hold on every pair.
public struct MatchCertificate: Sendable, Equatable {
  /// A rule with its bound and the worst value found.
  public struct Check: Sendable, Equatable {
    /// The rule: `caliper`, `exact`, `anti-exact`, `reuse`, `common support`, or a covariate.
    public var rule: String
    /// The bound in raw units, or the count allowed; nil when there is none.
    public var bound: Double?
    /// The value that comes nearest to breaking the rule, or the number of pairs that break it.
    public var worst: Double
  }

  /// Pairs that were checked.
  public var pairs: Int
  /// The checks made.
  public var checks: [Check]
  /// The total distance with its proof, for optimal methods.
  public var objective: Objective?
  /// How many pairs lie within the preferred level; nil without a preference.
  public var preferred: Int?
  /// The smallest caliper on the distance, in raw units, under which every focal unit would have all
  /// its matches; +∞ when none would, nil when it was not asked for.
  public var smallestCaliper: Double?

  /// How many units cardinality matching kept, with its proof; nil for other methods.
  public var cardinality: Cardinality?

  /// What cardinality matching reached, and what no other choice can exceed.
  public struct Cardinality: Sendable, Equatable {
    /// Units of the target group kept, or those of the other group where the whole target is.
    public var kept: Int
    /// What no choice within the tolerance can exceed.
    public var bound: Int
    /// The value of the linear programme, computed from its multipliers and the columns.
    public var relaxation: Double
    /// Branches that were tried.
    public var nodes: Int
    /// How far the choice may be from the largest; zero when it is proven largest.
    public var gap: Int { bound - kept }
  }

  /// What an optimal method reached, and what no other match can undercut.
  public struct Objective: Sendable, Equatable {
    /// The total distance within pairs.
    public var primal: Double
    /// The value of a feasible solution of the dual problem, a lower bound.
    public var dual: Double
    /// How far the match may be from the optimum; zero but for rounding.
    public var gap: Double { primal - dual }
  }
}

/// The effective sample size (Σw)²/Σw² of the chosen rows.
func effectiveSampleSize(_ weights: [Double], where chosen: [Bool], is value: Bool) -> Double {
  var (sum, squares) = (0.0, 0.0)
  for row in weights.indices where chosen[row] == value {
    sum += weights[row]
    squares += weights[row] * weights[row]
  }
  return squares > 0 ? sum * sum / squares : 0
}
