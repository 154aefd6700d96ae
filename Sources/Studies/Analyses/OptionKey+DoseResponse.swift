/// Options of `dose-response` and of the section of that name.
extension OptionKey {
  static let siteErrors = OptionKey(
    "std-error", .text, "Column of the standard errors of the sites' effects.")
  static let betweenSites = OptionKey(
    "method", .choice(["reml", "paule-mandel", "fixed"]), default: "reml",
    "How the variance between sites is estimated; fixed takes it as none.")
  static let slopeInference = OptionKey(
    "inference", .choice(["knapp-hartung", "knapp-hartung-floor", "normal"]),
    default: "knapp-hartung",
    "Standard errors and reference: Knapp and Hartung's with t; the same, never narrower than the"
      + " standard errors of the sites' effects let expect; or normal, too narrow for few sites.")
  static let doseDraws = OptionKey(
    "permutations", .integer, default: "9999",
    "Arrangements of doses over sites that are drawn where more than 10,000 exist; fewer are all"
      + " listed. 0 leaves the test out.")
  static let doseValues = OptionKey(
    "at", .numbers,
    "Values of the one covariate at which effects are predicted; its mean unless given.")

  static let doseResponse: [OptionKey] = [
    siteErrors, betweenSites, slopeInference, doseDraws, doseValues,
  ]
  /// What the section shares with the verb.
  static let doseResponseOfStudies: [OptionKey] = [betweenSites, slopeInference, doseDraws]
}
