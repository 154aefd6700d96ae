// Costs, perspectives and willingness to pay.

extension Shape {
  static let valueStudy = Shape.fields(
    "value for money",
    [
      Field(.valueOutcome), Field(.studyPerspectives), Field(.studyPayers),
      Field(.studyPublicBodies), Field(.valueBaseYear), Field(.valueDeflator),
      Field(.valueDiscount), Field(.valueWillingness), Field(.valueDraws), Field(.flowFollowUp),
    ])
}
