internal import Reporting
internal import Statistics

/// The primary effect over every combination of declared choices.
enum SpecificationSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
}
