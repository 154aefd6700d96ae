import Foundation
import TestSupport
import Testing

/// `audit`, `explain` and `cite` on a report that was just written.
@Suite struct AuditCommandTests {
  @Test func aReportIsAuditedExplainedAndCited() throws {
    let folder = try TemporaryFolder()
    let report = "\(folder.path)/report"
    #expect(
      try CommandLineRun("run", "Data/mpdta/study.yaml", "--output", report, "-q").status == 0)
    let sound = try CommandLineRun("audit", report, "--format", "csv")
    #expect(sound.status == 0, "\(sound.output)")
    #expect(sound.output.hasPrefix("check,place,expected,found,status\n"))
    #expect(sound.errors.contains(" 0 orphan, 0 mismatch"))
    let all = try CommandLineRun("audit", report, "--all", "--format", "csv", "-q")
    #expect(all.output.split(separator: "\n").count > 100)

    let cell = try CommandLineRun(
      "explain", "estimates: analysis=difference-in-differences; estimator=twfe; estimate", report)
    #expect(cell.status == 0, "\(cell.errors)")
    for word in ["results/estimates.csv", "twfe", "CR1, G=500, t(499)", "Callaway and Sant'Anna"] {
      #expect(cell.output.contains(word), "\(cell.output)")
    }
    let key = try CommandLineRun("explain", "matching.caliper")
    #expect(key.output.contains("standard deviations of the score"))
    let unknown = try CommandLineRun("explain", "matching.calipr")
    #expect(unknown.status == 65 && unknown.errors.contains("matching.caliper"))
    let absent = try CommandLineRun("explain", "123456", "--report", report)
    #expect(absent.status == 65)

    let cited = try CommandLineRun("cite", report)
    #expect(cited.output.contains("**Difference-in-differences.**"))
    #expect(cited.output.contains("https://doi.org/10.1016/j.jeconom.2020.12.001"))
    let entries = try CommandLineRun("cite", report, "--form", "bibtex")
    #expect(entries.output.contains("author = {Callaway and Sant'Anna}"))
    #expect(try CommandLineRun("cite", "--form", "docx").status == 64)
    #expect(try CommandLineRun("cite").output.contains("Sibling"))

    let path = folder.url.appendingPathComponent("report/report.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    let damaged = text.replacingOccurrences(of: "−0.064 to", with: "−0.065 to")
    #expect(damaged != text)
    try damaged.write(to: path, atomically: true, encoding: .utf8)
    let broken = try CommandLineRun("audit", report, "--format", "csv")
    #expect(broken.status == 4)
    #expect(broken.output.contains("0.064,0.065,mismatch"))
    withExtendedLifetime(folder) {}
  }

  @Test func anImportantDifferenceIsWeighed() throws {
    let folder = try TemporaryFolder()
    let study = try String(
      contentsOf: Golden.projectFolder.appendingPathComponent("Data/rossi/study.yaml"),
      encoding: .utf8)
    let name = try #require(study.firstRange(of: #/outcomes:\n +- name: /#))
    let line = String(study[name])
    let spaces = String(repeating: " ", count: line.count - "outcomes:\n- name: ".count + 2)
    let first = study[name.upperBound...].prefix { $0 != "\n" }
    for (important, status) in [("0.05", Int32(0)), ("-1", 65), ("much", 65)] {
      var edited = study
      edited.replaceSubrange(
        name.lowerBound..<first.endIndex, with: "\(line)\(first)\n\(spaces)important: \(important)")
      let path = Golden.projectFolder.appendingPathComponent("Data/rossi")
      for file in try FileManager.default.contentsOfDirectory(atPath: path.path)
      where file.hasSuffix(".csv") && !folder.files().contains(file) {
        try FileManager.default.copyItem(
          at: path.appendingPathComponent(file), to: folder.url.appendingPathComponent(file))
      }
      try folder.write("study.yaml", edited)
      let run = try CommandLineRun(
        "run", "\(folder.path)/study.yaml", "--output", "\(folder.path)/report", "-q")
      #expect(run.status == status, "\(run.errors)")
      guard status == 0 else { continue }
      let summary = try String(
        contentsOf: folder.url.appendingPathComponent("report/summary.md"), encoding: .utf8)
      #expect(summary.contains("5 percentage points that the study calls important"))
      #expect(try CommandLineRun("audit", "\(folder.path)/report").status == 0)
    }
    withExtendedLifetime(folder) {}
  }
}
