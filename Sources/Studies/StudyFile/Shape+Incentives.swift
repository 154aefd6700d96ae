// What the rules of payment may have done to the records, in the study file.

extension Shape {
  static let incentivesStudy = Shape.fields(
    "incentives", OptionKey.studyIncentives.map { Field($0) })
}
