// Effects across sites by outcome share or management intensity.

extension Shape {
  static let doseResponseStudy = Shape.fields("dose response", [])
}
