import Foundation
import TestSupport
import Testing

/// What the sources may not do, read from the sources.
@Suite struct SourceTests {
  private func sources() throws -> [(path: String, text: String)] {
    let folder = Golden.projectFolder.appendingPathComponent("Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      (path, try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8))
    }
  }

  /// Files that write for another reason stand here by name, with the reason; they have no say over
  /// an output directory.
  @Test func onlyTheReportFolderWritesBelowAnOutputDirectory() throws {
    let calls = [
      #"\bopen\([^)]*O_(WRONLY|RDWR|CREAT)"#, #"\bfopen\([^)]*, *"[^"]*[wa+]"#, #"\bcreat\("#,
      #"\brename(at2?)?\("#,
      #"\bmkdir\("#, #"\.write\(to: [^&]"#, #"\.createFile\("#, #"\.createDirectory\("#,
      #"\bFileHandle\(for(Writing|Updating)"#, #"\bOutputStream\("#, #"\bsymlink\("#,
      #"\bmkstemp\("#, #"\bcopyItem\("#, #"\bmoveItem\("#,
    ]
    let hints = [
      "open(", "creat", "rename", "mkdir(", ".write(to:", "FileHandle(", "OutputStream(",
      "symlink(",
      "mkstemp(", "Item(",
    ]
    let call = try Regex(calls.joined(separator: "|"))
    let reasons = [
      "Reporting/Folder/FolderSwap.swift": "the writer itself",
      "Studies/Cache/CacheFolder.swift":
        "undisclosed results, in a folder that the analyst names and that is never a report's",
      "Tables/Writing/AtomicFile.swift": "the file named by --output of an estimator verb",
      "DuckDBEngine/WorkFolder.swift":
        "an engine's temporary tables, in a locked folder that is gone when the connection ends",
      "Studies/Notebooks/NotebookShell.swift": "a temporary mirror of the project for a notebook",
    ]
    let writers = try sources().filter { source in
      // Plain searches first: a regex over every source takes seconds.
      hints.contains { source.text.contains($0) } && source.text.contains(call)
    }.map(\.path)
    #expect(writers.contains("Reporting/Folder/FolderSwap.swift"))
    for writer in writers { #expect(reasons[writer] != nil, "\(writer) writes files") }
    // Simulated and made-up data are about nobody, so they need no release; a pack copies released
    // files.
    let swaps = try sources().filter { $0.text.contains("FolderSwap") }.map(\.path)
    #expect(
      swaps == [
        "Reporting/Folder/FolderSwap.swift", "Reporting/Folder/ReleasePack.swift",
        "Reporting/Folder/ReportFolder.swift", "Studies/Cohorts/SimulationRequest.swift",
        "Studies/Templates/StudyTemplate.swift",
      ])
  }

  @Test func releasedHasOneMaker() throws {
    let own = "Reporting/Disclosure/Released.swift"
    for source in try sources() {
      if source.path == own || !source.text.contains("Released") { continue }
      #expect(!source.text.contains(/\bReleased(Cell)?(<[^>]*>)?\(/), "\(source.path)")
      #expect(!source.text.contains(/\bextension Released\b/), "\(source.path)")
      #expect(!source.text.contains("unsafeBitCast"), "\(source.path)")
    }
    let text = try #require(try sources().first { $0.path == own }?.text)
    #expect(text.matches(of: /fileprivate init/).count == 2)
    #expect(!text.contains("public init(_ value") && !text.contains("Decodable {"))
    #expect(!text.contains(/func (map|flatMap)/))
    #expect(!text.contains("@usableFromInline") && !text.contains("@testable"))
  }

  @Test func reportingStaysOffItsNeighbours() throws {
    for source in try sources() where source.path.hasPrefix("Reporting/") {
      #expect(!source.text.contains(/import (Cohorts|Studies|Foundation)\b/), "\(source.path)")
    }
  }
}
