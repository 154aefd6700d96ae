internal import Statistics

extension ExactInference {
  /// Twice the smaller binomial tail at a fixed probability, at most 1.
  static func binomialTwoSided(_ successes: Int, of trials: Int, probability: Double) -> Double {
    if probability <= 0 { return successes == 0 ? 1 : 0 }
    if probability >= 1 { return successes == trials ? 1 : 0 }
    let law = Binomial(trials: trials, probability: probability)
    let atMost = law.lowerTail(successes)
    let atLeast = successes == 0 ? 1 : law.upperTail(successes - 1)
    return min(1, 2 * min(atMost, atLeast))
  }
}
