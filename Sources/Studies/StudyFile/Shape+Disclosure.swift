// Disclosure control in the study file.

extension Shape {
  /// A profile's name, or a profile of one's own.
  static let disclosureStudy = Shape.scalar(.choice(["none", "acro-default"]))
}
