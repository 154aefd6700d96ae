// What the rules of payment may have done to the records, as result files.

extension ResultTable {
  /// Tests of one audit of incentives; those of lengths also have thresholds and Holm's p-values.
  private static func findings(
    _ name: String, _ summary: String, of what: String, labels: [Column], more: [Column] = [],
    together: [String]
  ) -> ResultTable {
    let counts = ["n", "n_inside", "n_outside", "n_rest"]
    // Exact tests are functions of few counts, so that many digits would tell the counts.
    func derived(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: counts, meaning).coarse(name == "p.value" ? 1 : 2)
    }
    return ResultTable(
      unchecked: name, summary: summary,
      columns: labels + [
        .count("n", "\(what) that the test rests on"),
        .count(
          "n_inside", "\(what) in the stretch under suspicion; of the first arm for a comparison"),
        .count("n_outside", "\(what) that it is set against; of the second arm for a comparison"),
        .count("n_rest", "\(what) in neither; blank where every one is in one of the two"),
        derived("estimate", "The estimate"),
        derived("std.error", "Its standard error; blank for exact tests"),
        derived("statistic", "The statistic of the test"),
        derived("df", "Its degrees of freedom; blank for none or normal"),
        derived("p.value", "The p-value; blank for what is descriptive"),
      ] + more + [
        derived("conf.low", "The lower limit"),
        derived("conf.high", "The upper limit; blank where there is none"),
        derived("detectable", "The smallest finding that the test makes four times out of five"),
        .text("detectable_measure", "What that is: jobs in excess, a ratio or a difference"),
        derived(
          "detectable_share", "The same as a share of the jobs expected just before the threshold"),
        .derived("convention", from: counts, "How the numbers were made", type: .text),
      ], sums: [.inRow(whole: "n", parts: ["n_inside", "n_outside", "n_rest"])],
      // One part is the whole less the others, in this row or another of the same people.
      blocks: [BlockRule(counts, within: together)])
  }

  /// Tests of job lengths at payment thresholds: `results/bunching.csv`.
  public static var bunching: ResultTable {
    findings(
      "bunching", "Whether jobs end just after a length that is paid for.", of: "Jobs",
      labels: [
        .label("method", "The audit"), .label("term", "What is estimated"),
        .label("arm", "Whose jobs"),
        .label("threshold", "The length that is paid for, in weeks", type: .number),
      ],
      more: [
        .derived(
          "p.holm", from: ["n", "n_inside", "n_outside", "n_rest"],
          "Adjusted over the tests that can raise a warning"
        ).coarse(1)
      ], together: ["method", "arm", "threshold"])
  }

  /// Jobs by length around payment thresholds: `results/bunching_histogram.csv`.
  public static var bunchingHistogram: ResultTable {
    ResultTable(
      unchecked: "bunching_histogram",
      summary: "Jobs that ended by length, and what a smooth law with heaps leads to expect.",
      columns: [
        .label("arm", "Whose jobs"),
        .label("threshold", "The length that is paid for, in weeks", type: .number),
        .label("from", "The first length of the bin, in weeks", type: .number),
        .number("to", "The first length beyond it"),
        .count("n", "Jobs that ended in it"),
        .derived("counterfactual", from: ["n"], "Jobs expected, heaps at round lengths included"),
        .derived("smooth", from: ["n"], "Jobs expected without heaps"),
        .flag("excluded", "Whether the bin was left out of the fit"),
        .flag("round", "Whether it holds a round length"),
      ], sums: [.partition(count: "n", within: ["arm", "threshold"])])
  }

  /// Weekly hours around the boundary of a price: `results/hours_heaping.csv`.
  public static var hoursHeaping: ResultTable {
    findings(
      "hours_heaping", "Whether weekly hours heap where the price changes.", of: "Jobs",
      labels: [
        .label("method", "The audit"), .label("term", "What is estimated"),
        .label("arm", "Whose jobs"),
      ], together: ["method", "arm"])
  }

  /// When outcomes are dated and claimed: `results/claim_timing.csv`.
  public static var claimTiming: ResultTable {
    findings(
      "claim_timing", "Whether claims and the dates in them follow the calendar of payment.",
      of: "Claims",
      labels: [
        .label("method", "The audit"), .label("term", "What is estimated"),
        .label("arm", "Whose claims"),
      ], together: ["method", "term", "arm"])
  }
}
