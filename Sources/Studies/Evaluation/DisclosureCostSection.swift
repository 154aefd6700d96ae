internal import Reporting
internal import Statistics

/// What disclosure control cost in accuracy.
enum DisclosureCostSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterDisclosure
}
