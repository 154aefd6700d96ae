internal import Matching
internal import Statistics
extension MatchedSample {
  var isWeighting: Bool { match == nil && propensity != nil }
  func weightEquations() throws(SiblingError) -> WeightEquations? { nil }
}
