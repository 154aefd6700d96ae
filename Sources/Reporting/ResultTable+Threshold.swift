// Whether jobs end just after they have been paid for, as a result file.

extension ResultTable {
  /// Ends of jobs around a payment threshold: `results/threshold_hazard.csv`.
  public static var thresholdHazard: ResultTable {
    let counts = ["ends_after", "ends_around", "jobs"]
    return ResultTable(
      unchecked: "threshold_hazard",
      summary:
        "How often jobs end right after a length that is paid for, against just before and later.",
      columns: [
        .label("arm", "The arm"),
        .label("threshold", "The length that is paid for, in weeks", type: .number),
        .label("width", "The width of each stretch of weeks", type: .number),
        .count("jobs", "Jobs observed up to the first of the weeks compared"),
        .count("ends_after", "Ends right after the threshold"),
        .count("ends_around", "Ends in the weeks on either side"),
        .derived("ratio", from: counts, "Hazard right after the threshold over that around it")
          .coarse(2),
        .derived("conf.low", from: counts, "Lower limit of its exact interval").coarse(2),
        .derived("conf.high", from: counts, "Upper limit; blank where there is none").coarse(2),
        .derived(
          "p.value", from: counts, "One-sided exact p-value of an excess after the threshold"
        ).coarse(1),
        .derived(
          "detectable_ratio", from: counts,
          "The smallest ratio that the test would find four times out of five"
        ).coarse(2),
      ])
  }
}
