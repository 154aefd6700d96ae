internal import Reporting
internal import Statistics

/// P-values adjusted for several outcomes and horizons.
enum SeveralOutcomesSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
}
