/// Whose average effect is estimated.
public enum Estimand: String, Sendable, CaseIterable {
  /// The average effect among the treated.
  case att = "ATT"
  /// The average effect among the comparisons.
  case atc = "ATC"
  /// The average effect among everybody.
  case ate = "ATE"
  /// The average effect in the overlap population, weighted by p(1−p).
  case ato = "ATO"
  /// The average effect among those whom one-to-one matching could pair, weighted by min(p, 1−p).
  case atm = "ATM"
}
