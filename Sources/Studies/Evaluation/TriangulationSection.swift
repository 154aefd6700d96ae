internal import Reporting
internal import Statistics

/// The primary effect by every method that the study runs, and how far they agree.
enum TriangulationSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
}
