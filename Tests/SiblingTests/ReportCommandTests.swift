import Foundation
import TestSupport
import Testing

/// What `sibling report` shows of a report that was written, and the pictures it draws.
@Suite struct ReportCommandTests {
  private func report() throws -> TemporaryFolder {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5), "study.yaml": MadeUpStudy.file(),
    ])
    let run = try CommandLineRun(
      "run", "study.yaml", "--output", "out", "-q", folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    return folder
  }

  @Test func showsTheSummaryTheWholeAndThePage() throws {
    let folder = try report()
    func show(_ arguments: String...) throws -> CommandLineRun {
      try CommandLineRun(arguments: ["report", "out"] + arguments, folder: folder.url)
    }
    let text = try show()
    #expect(text.status == 0 && text.errors == "")
    #expect(
      text.output.hasPrefix("A made-up study\n===============\n\nThe question. Did it work?\n"))
    #expect(!text.output.contains("**") && text.output.contains("│ "))
    #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(try show("--format", "md").output == folder.text("out/summary.md"))
    #expect(try show("--whole", "--format", "md").output == folder.text("out/report.md"))
    #expect(try show("--whole").output.contains("How to reproduce this report\n---"))
    let page = try folder.text("out/report.html")
    #expect(try show("--format", "html").output == page)
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en-GB\">"))
    #expect(page.contains("<h2 id=\"summary\">Summary</h2>") && !page.contains("<script"))
    let written = try show("--format", "html", "--output", "page.html")
    #expect(written.status == 0 && written.output == "")
    #expect(try folder.text("page.html") == page)
    withExtendedLifetime(folder) {}
  }

  @Test func refusesWhatItCanNotShow() throws {
    let folder = try TemporaryFolder()
    for (name, file) in [("out", "x.txt"), ("old", "manifest.json")] {
      let url = folder.url.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      try folder.write("\(name)/\(file)", "{}")
    }
    for (arguments, status, words) in [
      (["report", "out"], Int32(65), "is no report"), (["report", "none"], 65, "is no report"),
      (["report", "old", "--format", "html"], 65, "run the study again"),
      (["report", "old"], 65, "can't read 'summary.md'"),
      (["report", "old", "--format", "pdf"], 64, "take text, md or html"),
      (["report", "old", "--png-width", "5"], 64, "take 200 to 10000"),
    ] {
      let run = try CommandLineRun(arguments: arguments, folder: folder.url)
      #expect(run.status == status && run.output == "", "\(arguments)")
      #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
    }
  }

  @Test func drawsPicturesOrNamesThePackage() throws {
    let folder = try report()
    let run = try CommandLineRun(
      "report", "out", "--png", "--png-width", "300", folder: folder.url)
    let charts = folder.files(below: "out").filter { $0.hasSuffix(".svg") }
    #expect(!charts.isEmpty && run.output == "")
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/rsvg-convert") else {
      #expect(run.status == 1 && run.errors.contains("librsvg2-bin"))
      return
    }
    #expect(run.status == 0, "\(run.errors)")
    for chart in charts {
      let bytes = [UInt8](try folder.bytes("out/\(chart.dropLast(4)).png"))
      #expect(bytes.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
      // The width stands in the header, highest byte first.
      #expect(bytes[16..<20].reduce(0) { $0 << 8 + Int($1) } == 300)
    }
    // A run with pictures differs in nothing else.
    let again = try CommandLineRun(
      "run", "study.yaml", "--output", "drawn", "--png", "--png-width", "300", "-q",
      folder: folder.url)
    #expect(again.status == 0, "\(again.errors)")
    #expect(folder.files(below: "drawn") == folder.files(below: "out"))
    for file in folder.files(below: "out") {
      #expect(try folder.bytes("drawn/\(file)") == folder.bytes("out/\(file)"), "\(file)")
    }
    withExtendedLifetime(folder) {}
  }
}
