internal import Reporting
internal import Statistics

/// Whether an effect lies beyond a declared margin: non-inferiority and equivalence.
enum MarginsSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
}
