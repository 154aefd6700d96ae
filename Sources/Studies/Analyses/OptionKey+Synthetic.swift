internal import DifferenceInDifferences

/// Options of `synth`.
extension OptionKey {
  static let synthMethod = OptionKey(
    "method", .choice(["synthetic-control", "sdid", "did"]), default: "synthetic-control",
    "Weights of donors that fit the path before; weights of donors and periods with intercepts;"
      + " or equal weights.")
  static let synthInference = OptionKey(
    "inference", .choice(SyntheticInference.Method.allCases.map(\.rawValue)), default: "placebo",
    "How uncertainty is judged: donors in the treated units' place, one unit left out, units"
      + " resampled, blocks of residuals shifted, or not at all.")
  static let synthDraws = OptionKey(
    "draws", .integer, default: "500",
    "Placebo assignments (all of them where there are no more) or resamples.")
  static let synthSolver = OptionKey(
    "solver", .choice(SyntheticSolver.allCases.map(\.rawValue)), default: "exact",
    "Exact weights with a certificate, or the published iteration with its early stop, for"
      + " agreement with synthdid.")
  static let synthGaps = OptionKey(
    "gaps", .flag, "Add a row for each period: treated less synthetic, before and after the start.")
  static let weightsOut = OptionKey(
    "weights-out", .text,
    "Write the weights of donors and periods to this CSV file: weights, treated, group, name,"
      + " weight.")

  static let synthetic: [OptionKey] = [
    outcome, unit, time, group, synthMethod, covariates, synthInference, synthDraws, synthSolver,
    synthGaps, weightsOut,
  ]
}
