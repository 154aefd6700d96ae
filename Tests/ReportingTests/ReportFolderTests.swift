import Foundation
import Statistics
import TestSupport
import Testing

@testable import Reporting

@Suite struct ReportFolderTests {
  private func temporaryFolder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func estimates() throws -> ResultTable {
    var table = ResultTable.estimates
    try table.append([
      "analysis": "primary", "estimator": "gcomp", "term": "ATT", "estimate": 1794.342_404_27,
      "conf.low": 551, "conf.high": .number(3038.5), "n_treated": 185, "n_comparison": 260,
    ])
    return table
  }

  private func report(_ path: String, name: String = "estimates") throws -> ReportFolder {
    var folder = ReportFolder(path: path)
    let table = try released(try estimates())
    try folder.write(table)
    var document = Document(path: "report.md")
    document.heading(1, "A study")
    let low = try table.cell("conf.low", where: ["analysis": "primary"])
    let high = try table.cell(row: 0, "conf.high")
    document.paragraph("Pay rose. It rose by \(low, .dollars()) to \(high, .dollars()) a year.")
    document.table(
      table, caption: "Effects.",
      columns: [.init("estimator", "Method"), .interval("95% interval", .dollars())])
    try folder.write(document)
    return folder
  }

  private let manifest = Manifest(study: "A study", command: "sibling run", version: "0")
  private let disclosure = Disclosure(profile: .none)

  @Test func writesEverythingOnceAndTheSameEveryTime() throws {
    let base = try temporaryFolder()
    let target = base.appendingPathComponent("out/study")
    try report(target.path).commit(manifest: manifest, disclosure: disclosure)
    func files() throws -> [String: Data] {
      var files: [String: Data] = [:]
      for path in try FileManager.default.subpathsOfDirectory(atPath: target.path) {
        var isFolder: ObjCBool = false
        let url = target.appendingPathComponent(path)
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        if !isFolder.boolValue { files[path] = try Data(contentsOf: url) }
      }
      return files
    }
    let first = try files()
    #expect(
      first.keys.sorted() == [
        "claims.csv", "datapackage.json", "disclosure_log.csv", "manifest.json", "report.html",
        "report.md", "results.json", "results/estimates.csv",
      ])
    try report(target.path).commit(manifest: manifest, disclosure: disclosure)
    #expect(try files() == first)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: base.path + "/out") == ["study"])
    let csv = String(decoding: try #require(first["results/estimates.csv"]), as: UTF8.self)
    #expect(csv.contains("primary,,gcomp,,,ATT,1794.34240427,,"))
    let claims = String(decoding: try #require(first["claims.csv"]), as: UTF8.self)
    #expect(
      claims.contains(
        "\"It rose by $551 to $3,038 a year.\",\"$3,038\",results/estimates.csv,"
          + "analysis=primary; estimator=gcomp; term=ATT,conf.high"))
    let package = try JSONSerialization.jsonObject(with: try #require(first["datapackage.json"]))
    let resources = try #require((package as? [String: Any])?["resources"] as? [[String: Any]])
    let own = try #require(resources.first { $0["path"] as? String == "results/estimates.csv" })
    let bytes = Array(try #require(first["results/estimates.csv"]))
    #expect(own["hash"] as? String == "sha256:" + SHA256.hexadecimal(bytes))
    #expect(own["bytes"] as? Int == bytes.count)
    _ = try JSONSerialization.jsonObject(with: try #require(first["manifest.json"]))
  }

  @Test func picturesStandBesideTheirFigures() throws {
    let base = try temporaryFolder()
    let target = base.appendingPathComponent("study")
    var folder = try report(target.path)
    let table = try released(try estimates())
    let figure = try ForestPlot(title: "t", subtitle: "s", axisTitle: "x").figure(table)
    try folder.write(figure)
    folder.draw = { svg throws(SiblingError) in [1] + svg.prefix(4) }
    try folder.commit(manifest: manifest, disclosure: disclosure)
    let picture = target.appendingPathComponent("figures/\(figure.name).png")
    #expect(try Data(contentsOf: picture) == Data([1, 60, 115, 118, 103]))
    let package = try Data(contentsOf: target.appendingPathComponent("datapackage.json"))
    #expect(!String(decoding: package, as: UTF8.self).contains(".png"))
    // Later, over those that are there; a failure changes nothing.
    let files =
      [(path: "manifest.json", bytes: [UInt8]("{}".utf8))]
      + [(path: "figures/a.svg", bytes: [7]), (path: "figures/a.png", bytes: [8])]
    #expect(throws: SiblingError.self) {
      _ = try ReportFolder.addPictures(to: target.path, files: files) {
        _ throws(SiblingError) in throw SiblingError(.writeFailure, "no")
      }
    }
    #expect(try Data(contentsOf: picture).count == 5)
    let count = try ReportFolder.addPictures(to: target.path, files: files) {
      svg throws(SiblingError) in svg + [9]
    }
    #expect(count == 1)
    #expect(
      try Data(contentsOf: target.appendingPathComponent("figures/a.png")) == Data([7, 9]))
  }

  @Test func refusesAFolderThatIsNoReport() throws {
    let base = try temporaryFolder()
    try Data("mine".utf8).write(to: base.appendingPathComponent("thesis.txt"))
    let report = try report(base.path)
    #expect(throws: SiblingError.self) {
      try report.commit(manifest: manifest, disclosure: disclosure)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: base.path) == ["thesis.txt"])
  }

  @Test func aFailureLeavesTheOldReport() throws {
    let base = try temporaryFolder()
    let target = base.appendingPathComponent("study")
    try report(target.path).commit(manifest: manifest, disclosure: disclosure)
    let before = try Data(contentsOf: target.appendingPathComponent("report.md"))
    var broken = try report(target.path)
    // A file where a folder must be: writing fails half way.
    try broken.write(Document(path: "report.md/annex.md"))
    #expect(throws: SiblingError.self) {
      try broken.commit(manifest: manifest, disclosure: disclosure)
    }
    #expect(try Data(contentsOf: target.appendingPathComponent("report.md")) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: base.path) == ["study"])
  }

  @Test func refusesClaimsOfTablesThatAreNotThere() throws {
    let base = try temporaryFolder()
    var folder = ReportFolder(path: base.appendingPathComponent("study").path)
    var document = Document(path: "report.md")
    document.paragraph("\(try released(try estimates()).cell(row: 0, "estimate"), .integer)")
    try folder.write(document)
    #expect(throws: SiblingError.self) {
      try folder.commit(manifest: manifest, disclosure: disclosure)
    }
  }

  @Test func withheldCellsAreBlankWithAFlag() throws {
    var table = ResultTable.estimates
    for (term, n) in [("a", 4), ("b", 40)] {
      try table.append([
        "analysis": "x", "term": .text(term), "estimate": 2, "n_treated": .number(Double(n)),
        "n_comparison": 80,
      ])
    }
    var control = Disclosure(profile: .acroDefault)
    let csv = String(
      decoding: try CSVText.bytes(try control.release(table).value), as: UTF8.self)
    let lines = csv.split(separator: "\n")
    #expect(lines[0].contains("estimate,estimate_flag,std.error,"))
    #expect(lines[0].contains("n_treated,n_treated_flag,n_comparison,events"))
    #expect(lines[1].hasPrefix("x,,,,,a,,suppressed,"))
    #expect(lines[2].hasPrefix("x,,,,,b,2,,"))
    let log = String(decoding: try CSVText.bytes(control.releasedLog().value), as: UTF8.self)
    #expect(
      log.contains("results/estimates.csv,analysis=x; term=a,n_treated,minimum count,suppressed"))
  }
}
