// The section of a study file that asks what something unrecorded could do.

extension Shape {
  /// The section `hidden-bias`.
  static let hiddenBias = Shape.fields(
    "hidden-bias",
    [
      Field(
        "rosenbaum", .fields("rosenbaum", OptionKey.rosenbaumStudy.map { Field($0) }),
        "Bounds under hidden bias, for designs that match without replacement."),
      Field("e-value", .scalar(.flag), "The E-value of the primary estimate and of its interval."),
      Field(
        "robustness", .fields("robustness", OptionKey.robustnessStudy.map { Field($0) }),
        "Robustness value of the linear regression on the adjusted sample, with benchmarks."),
      Field(
        "manski", .fields("manski", OptionKey.manskiStudy.map { Field($0) }),
        "Bounds without assumptions, for an outcome with known least and greatest values."),
      Field(
        "negative-control", .list(.scalar(.text)),
        "Outcomes that the treatment can't have affected, estimated with the same design."),
    ])
}
