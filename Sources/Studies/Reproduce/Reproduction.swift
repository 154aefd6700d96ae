internal import Engines
internal import Glibc
internal import LinearAlgebra
internal import Reporting
public import Statistics

/// Runs a written report's study again and compares every file.
///
/// With the processor kernel that the report was made with, the bytes must be the same. With another
/// one numbers in tables must agree to 1e-9 of their size (or 1e-12 of the greatest of their column),
/// words must be the same, printed numerals may differ by one in their last digit, and coordinates of
/// figures by half a pixel.
public struct Reproduction {
  /// The study's file, where it was found.
  public let studyPath: String
  /// Whether the data are public, so that cells may be shown.
  public var isPublic: Bool { study.isPublic }
  private let report: WrittenReport
  private let study: StudyFile

  /// Opens a report and finds its study.
  ///
  /// - Parameters:
  ///   - folder: the report.
  ///   - given: the study file; looked for beside the report and in the usual places unless given.
  /// - Throws: `unreadableFile` when there is no report or no study; what is wrong with the study
  ///   file, located.
  public init(_ folder: String, study given: String? = nil) throws(SiblingError) {
    report = try WrittenReport(folder)
    studyPath = try StudySearch(report, given: given).path
    study = try StudyFile(path: studyPath)
    guard study.name == report.manifest["study"]?.text else {
      throw SiblingError(
        .badValue,
        "the report is of the study '\(report.manifest["study"]?.text ?? "")', and this is"
          + " '\(study.name)'", help: "say where the report's study is with --study FILE",
        location: study.node["study"]?.location)
    }
  }

  /// What came of it.
  public struct Outcome {
    /// A row for each input and each file.
    public let rows: AnalysisOutput
    /// One line that sums up.
    public let summary: String
    /// What the reader must know: other version, other kernel.
    public let notes: [String]
    /// The error to end with; nil when everything was reproduced.
    public let drift: SiblingError?
  }

  /// Checks the inputs, runs the study again and compares.
  ///
  /// - Parameters:
  ///   - despite: whether to run although an input changed.
  ///   - progress: is told what is being done.
  ///   - phase: is told of each phase of the run as it begins.
  /// - Returns: the verdicts; those of the inputs only when one changed.
  /// - Throws: what is wrong with the study or its data, located.
  public func run(
    despite: Bool = false, progress: (String) -> Void = { _ in },
    phase: @escaping (String) -> Void = { _ in }
  ) throws(SiblingError) -> Outcome {
    var verdicts = inputVerdicts()
    if let first = verdicts.first(where: \.verdict.isDrift), !despite {
      let count = verdicts.count { $0.verdict.isDrift }
      let place = first.file == study.fileName ? study.path : study.resolve(first.file)
      let error = SiblingError(
        .drift,
        count == 1
          ? "'\(first.file)' is not what the report was made from"
          : "\(count) files, '\(first.file)' the first, are not what the report was made from",
        help: "bring back what was used, or compare nevertheless with --anyway",
        location: .init(file: place))
      return outcome(verdicts, notes, error)
    }
    let scratch = ScratchReport()
    let result = try StudyRun(study.telling(phase)).run(into: scratch.path) {
      progress($0.hasPrefix("writing ") ? "comparing" : $0)
    }
    verdicts += try fileVerdicts(WrittenReport(scratch.path))
    if let withheld = report.manifest["withheld"]?.text {
      let same = withheld == String(result.isWithheld)
      verdicts.append(
        FileVerdict(
          kind: "status", file: "exit status", verdict: same ? .identical : .differs,
          recorded: withheld == "true" ? "2" : "0", again: result.isWithheld ? "2" : "0"))
    }
    let drifted = verdicts.filter { $0.kind != "input" && $0.verdict.isDrift }
    guard let first = drifted.first else { return outcome(verdicts, notes, nil) }
    let error = SiblingError(
      .drift,
      "\(drifted.count) of the report's files \(drifted.count == 1 ? "is" : "are") not what"
        + " a run gives now, '\(first.file)' the first",
      help: "'sibling diff' of this report and a new run says which numbers moved and why",
      location: .init(file: report.folder + "/" + first.file))
    return outcome(verdicts, notes, error)
  }

  private var recordedKernel: String { report.manifest["blas_kernel"]?.text ?? "" }
  private var isSameKernel: Bool { recordedKernel == BLASInformation.kernel }

  private var notes: [String] {
    var notes: [String] = []
    let version = report.manifest["version"]?.text ?? "unknown"
    if version != SiblingVersion.text {
      notes.append("the report was made by version \(version), this is \(SiblingVersion.text)")
    }
    if let engine = try? StudyEngine(study), !engine.isExact {
      notes.append(
        "\(engine.kind.title) adds in parallel, and its sums differ in the last digits from run to run:"
          + " numbers are compared to 1e-9")
    }
    if !isSameKernel {
      notes.append(
        "the report was made with the processor kernel \(recordedKernel), this is"
          + " \(BLASInformation.kernel): numbers are compared to 1e-9 (or 1e-12 of the greatest of"
          + " their column), printed numerals to their last digit, figures to half a pixel;"
          + " OPENBLAS_CORETYPE chooses a kernel that the processor has")
    }
    return notes
  }

  /// The study file and each input, by their hashes.
  private func inputVerdicts() -> [FileVerdict] {
    var verdicts: [FileVerdict] = []
    if let hash = report.manifest["study_sha256"]?.text {
      let same = hash == SHA256.hexadecimal(study.bytes)
      verdicts.append(
        FileVerdict(
          kind: "input", file: study.fileName, verdict: same ? .unchanged : .changed,
          place: same ? "" : changedKeys))
    }
    for input in report.manifest["inputs"]?.elements ?? [] {
      guard let path = input["path"]?.text else { continue }
      if let verdict = engineVerdict(path, input) {
        verdicts.append(verdict)
        continue
      }
      guard let bytes = readBytes(study.resolve(path)) else {
        verdicts.append(
          FileVerdict(
            kind: "input", file: path, verdict: .absent, place: String(cString: strerror(errno))))
        continue
      }
      let same = SHA256.hexadecimal(bytes) == input["sha256"]?.text
      verdicts.append(
        FileVerdict(
          kind: "input", file: path, verdict: same ? .unchanged : .changed,
          recorded: same ? "" : "\(input["bytes"]?.text ?? "?") bytes",
          again: same ? "" : "\(bytes.count) bytes"))
    }
    return verdicts
  }

  /// Whether what an engine holds is what the report was made from; nil for an input that is a file.
  private func engineVerdict(_ path: String, _ recorded: StudyNode) -> FileVerdict? {
    do throws(SiblingError) {
      guard let now = try StudyEngine(study)?.input(named: path) else { return nil }
      let same = now.sha256 == recorded["sha256"]?.text
      return FileVerdict(
        kind: "input", file: path, verdict: same ? .unchanged : .changed,
        recorded: same ? "" : "\(recorded["bytes"]?.text ?? "?") bytes",
        again: same ? "" : "\(now.bytes) bytes")
    } catch {
      return FileVerdict(kind: "input", file: path, verdict: .absent, place: error.message)
    }
  }

  /// The keys of the study file that have another value than when the report was made.
  private var changedKeys: String {
    guard let old = report.manifest["settings"] else { return "" }
    let changes = SettingChange.between(
      SettingChange.settings(old),
      StudyKeys(study).manifestMembers.map { ($0.key, $0.value.plain) })
    if changes.isEmpty { return "comments or layout only" }
    let names = changes.prefix(5).map(\.key).joined(separator: ", ")
    return changes.count > 5 ? "\(names) and \(changes.count - 5) more" : names
  }

  private func fileVerdicts(_ again: WrittenReport) throws(SiblingError) -> [FileVerdict] {
    let isExact = try StudyEngine(study)?.isExact ?? true
    return ReportComparison(
      recorded: report, again: again, isExact: isSameKernel && isExact,
      kernels: (recordedKernel, BLASInformation.kernel)
    ).verdicts()
  }

  private func outcome(
    _ verdicts: [FileVerdict], _ notes: [String], _ drift: SiblingError?
  ) -> Outcome {
    let files = verdicts.filter { $0.kind == "file" }
    var counts: [String] = []
    for verdict in [
      FileVerdict.Verdict.identical, .equal, .differs, .missing, .extra, .apart,
    ] {
      let count = files.count { $0.verdict == verdict }
      if count > 0 { counts.append("\(count) \(verdict.rawValue)") }
    }
    let summary =
      files.isEmpty
      ? "nothing was run" : "\(files.count) files: \(counts.joined(separator: ", "))"
    return Outcome(rows: rows(verdicts), summary: summary, notes: notes, drift: drift)
  }

  private func rows(_ verdicts: [FileVerdict]) -> AnalysisOutput {
    // Two releases of one number can tell what neither tells alone, so they are masked like cells.
    func shown(_ text: String, _ verdict: FileVerdict) -> String? {
      if text.isEmpty { return nil }
      return isPublic || verdict.kind != "file" ? text : "[c]"
    }
    func present(_ text: String) -> String? { text.isEmpty ? nil : text }
    return AnalysisOutput(columns: [
      .texts("kind", verdicts.map(\.kind)), .texts("file", verdicts.map(\.file)),
      .texts("verdict", verdicts.map(\.verdict.rawValue)),
      .texts("place", verdicts.map { present($0.place) }),
      .texts("column", verdicts.map { present($0.column) }),
      .texts("recorded", verdicts.map { shown($0.recorded, $0) }),
      .texts("again", verdicts.map { shown($0.again, $0) }),
    ])
  }
}
