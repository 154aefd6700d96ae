internal import Statistics

/// What the options of every verb decode to.
struct CommonSettings: Sendable {
  /// Column of weights.
  var weights: String?
  /// Columns of clusters, at most two.
  var clusters: [String]
  /// Confidence level.
  var level: Double
  /// Seed of every random stream.
  var seed: UInt64
  /// Whether a missing value in a used column is an error.
  var missingIsError: Bool
  /// The treatment's level that means treated.
  var treated: String?

  /// Decodes the common options.
  ///
  /// - Throws: `invalidOption` for a level outside (0.5, 1), more than two clusters, a bad seed.
  init(_ options: OptionValues) throws(SiblingError) {
    weights = options.text(.weights)
    clusters = options.texts(.cluster)
    guard clusters.count <= 2 else {
      throw options.wrong(.cluster, "takes one column or two")
    }
    level = try options.number(.level, in: 0.5...0.999_999) ?? 0.95
    seed = UInt64(try options.integer(.seed, in: 0...Int.max) ?? 1)
    missingIsError = try options.choice(.missing) == "error"
    treated = options.text(.treated)
  }
}
