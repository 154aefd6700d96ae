internal import Statistics
internal import Tables

extension WorldCheck {
  /// The findings as rows: world, check, value, error, comparator, threshold, passed.
  public static func rows(_ findings: [Finding]) -> AnalysisOutput {
    AnalysisOutput(columns: [
      .texts("world", findings.map(\.world)), .texts("check", findings.map(\.check)),
      .numbers("value", findings.map(\.value)), .numbers("error", findings.map(\.error)),
      .texts("comparator", findings.map { $0.comparator.isEmpty ? nil : $0.comparator }),
      .numbers("threshold", findings.map(\.threshold)),
      .texts("passed", findings.map { $0.passed.map { $0 ? "yes" : "no" } }),
    ])
  }
}
