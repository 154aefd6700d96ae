internal import Reporting
internal import Statistics

/// How far the evidence can be trusted, with its working shown.
enum EvidenceSection: EvaluationSection {
  static let showsEffects = false
  static let place = EvaluationPlace.afterDiagnostics
}
