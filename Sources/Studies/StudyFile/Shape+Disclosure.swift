internal import Reporting
internal import Statistics

// Disclosure control in the study file.

extension Shape {
  /// A profile's name, or a profile of one's own.
  static let disclosureStudy = Shape.named(
    DisclosureProfile.all.map(\.name),
    .fields(
      "disclosure",
      [
        Field(
          "profile", .scalar(.choice([DisclosureProfile.customName])), required: true,
          "custom: the rules that follow."),
        Field(
          "minimum-count", .scalar(.integer),
          "Counts of people below this are withheld; 10 unless given, 5 at least unless the data are"
            + " public."),
        Field(
          "zeros", .scalar(.choice(["withhold", "keep"])),
          "Whether counts of nobody are withheld too; withhold unless given."),
        Field(
          "rounding", .scalar(.choice(["none", "5", "10", "midpoint-6"])),
          "How counts that are shown are rounded: to the nearest 5 or 10, or to the middle of steps"
            + " of six; none unless given."),
        Field(
          "curves", .scalar(.choice(["held", "midpoint-6"])),
          "Survival curves: steps wait for enough people, or cumulative counts are rounded; held"
            + " unless counts are rounded."),
        Field(
          "residual-df", .scalar(.integer),
          "Statistics with fewer residual degrees of freedom are withheld; 10 unless given."),
        Field(
          "dominance-share", .scalar(.number),
          "Sums are withheld of which the two greatest contributors gave this share; 0.9 unless"
            + " given."),
        Field(
          "dominance-ratio", .scalar(.number),
          "Sums are withheld where all but the two greatest contributors gave less than this share of"
            + " the greatest; 0.1 unless given."),
        Field(
          "hold-engine-cells", .scalar(.flag),
          "Whether rows and cells of fewer people than 'minimum-count' stay in an engine; false unless"
            + " given."),
        Field(
          "because", .scalar(.text), required: true,
          "Why the study has rules of its own; the report prints it."),
      ]))
}

extension StudyFile {
  /// The rules that the study asks for, or acro-default; none for public data.
  ///
  /// - Throws: `badValue` for rules that are too weak or none, located.
  static func profile(
    _ node: StudyNode?, isPublic: Bool
  ) throws(SiblingError) -> DisclosureProfile {
    guard let node else { return isPublic ? .none : .acroDefault }
    do throws(SiblingError) {
      guard node.isMapping else { return try .named(node.text ?? "") }
      let rounding: CountRounding =
        switch node["rounding"]?.text ?? "none" {
        case "none": .exact
        case "midpoint-6": .midpoint(6)
        case let base: .nearest(Int(base) ?? 5)
        }
      let curves = node["curves"]?.text ?? (rounding == .exact ? "held" : "midpoint-6")
      return try .custom(
        minimumCount: node["minimum-count"]?.text.flatMap { Int($0) } ?? 10,
        zerosAreDisclosive: node["zeros"]?.text != "keep",
        residual: node["residual-df"]?.text.flatMap { Int($0) } ?? 10, rounding: rounding,
        curves: curves == "held" ? .held : .midpoint,
        dominance: DisclosureProfile.Dominance(
          share: node["dominance-share"]?.text.flatMap { Double($0) } ?? 0.9,
          ratio: node["dominance-ratio"]?.text.flatMap { Double($0) } ?? 0.1),
        reason: node["because"]?.text ?? "", isPublic: isPublic,
        holdsEngineCells: node["hold-engine-cells"]?.text == "true")
    } catch {
      guard error.location == nil else { throw error }
      throw error.located(error.column.flatMap { node[$0]?.location } ?? node.location)
    }
  }
}
