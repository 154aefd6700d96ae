// What the design could find, in the study file.

extension Shape {
  static let planning = Shape.fields(
    "planning",
    [Field("outcome", .scalar(.text), "The outcome's name; the primary one if absent.")]
      + OptionKey.studyPlanning.map { Field($0) })
}

extension OptionKey {
  static let declaredCorrelation = OptionKey(
    "icc", .number,
    "The intracluster correlation of the outcome; observed among the comparison sites alone if"
      + " absent.")
  static let declaredBaseline = OptionKey(
    "baseline", .number,
    "The rate or mean expected without the programme; that of the comparison sites if absent.")
  static let declaredDeviation = OptionKey(
    "sd", .number,
    "The standard deviation of an outcome that is no share; that within comparison sites if absent."
  )
  static let curveClients = OptionKey(
    "clients", .numbers, "Clients of a site at which the curve is drawn.")
  static let curveSites = OptionKey(
    "comparison-sites", .numbers,
    "Draw a line for each of these numbers of comparison sites, beside the study's own: three at"
      + " most.")
  static let curveCorrelations = OptionKey(
    "iccs", .numbers,
    "Draw a line for each of these correlations, beside the study's own: three at most. 0.01 and"
      + " 0.05 if neither is given.")

  static let studyPlanning: [OptionKey] = [
    declaredCorrelation, declaredBaseline, declaredDeviation, powerWanted, testLevel, curveClients,
    curveSites, curveCorrelations,
  ]
}
