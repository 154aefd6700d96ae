// The gate and the plan in the study file.

extension Shape {
  /// Settings of the design gate.
  static let gateStudy = Shape.fields(
    "gate",
    [
      Field(
        "smallest-effect", .dictionary,
        "The smallest effect on an outcome that matters, in its unit: {sustained_13: 0.05}. The gate"
          + " warns where the design can't find it."),
      Field(
        "thresholds", gateThresholds,
        "Limits at which checks warn and fail, where they are not the house's; the report says so."),
      Field(
        "override",
        .fields(
          "override",
          [
            Field(
              "reason", .scalar(.text), required: true,
              "Why effects are shown although a check failed; the report repeats it.")
          ]),
        "Show effects although a check failed. The reading stays descriptive, and a banner says so."
      ),
    ])

  private static let gateThresholds = Shape.fields(
    "thresholds",
    GateLimits.Key.allCases.map { key in
      let limit = GateLimits.house(key)
      let warn = Field("warn", .scalar(.number), "The reader is warned beyond this.")
      let fail = Field("fail", .scalar(.number), "Effects are withheld beyond this.")
      return Field(
        key.rawValue,
        .fields("threshold of \(key.rawValue)", limit.fail == nil ? [warn] : [warn, fail]),
        limit.help)
    } + [Field("reason", .scalar(.text), "Why they differ from the house's, for the report.")])

  /// The plan that was fixed before outcomes were seen.
  static let planStudy = Shape.fields(
    "plan",
    [
      Field(
        "file", .scalar(.text), required: true,
        "The locked plan that 'sibling plan --lock' wrote, relative to the study file."),
      Field(
        "deviations",
        .list(
          .fields(
            "deviation",
            [
              Field(
                "key", .scalar(.text), required: true,
                "The key that was changed, such as matching.caliper; one above it covers those"
                  + " below."),
              Field("reason", .scalar(.text), required: true, "Why it was changed."),
              Field(
                "outcomes-seen", .scalar(.flag),
                "Whether outcomes had been compared when it was changed."),
            ])),
        "Why the study departs from the locked plan; what has no reason is warned of."),
    ])
}
