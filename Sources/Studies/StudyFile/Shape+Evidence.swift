// What only the authors know about the strength of the evidence.

extension Shape {
  /// Answers of the authors to questions that data can't answer.
  static let evidenceStudy = Shape.fields("evidence", [])
}
