internal import Statistics

/// What the verb and the section decode alike.
struct DoseResponseSettings: Sendable {
  var model: MetaRegression
  /// The exchange of doses; nil where it is left out.
  var permutation: DosePermutation?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues) throws(SiblingError) {
    let common = try CommonSettings(options)
    let method = try options.choice(.betweenSites)
    let inference = try options.choice(.slopeInference)
    model = MetaRegression(
      method: MetaRegression.Method(rawValue: method) ?? .reml,
      inference: MetaRegression.Inference(rawValue: inference) ?? .knappHartung,
      level: common.level)
    let draws = try options.integer(.doseDraws, in: 0...1_000_000) ?? 9999
    permutation = draws == 0 ? nil : DosePermutation(draws: draws, seed: common.seed)
  }
}
