import Foundation
import Statistics
import TestSupport
import Testing

@testable import Reporting

/// The standard of charts over the gallery and over every figure of the bundled reports.
@Suite struct ChartStandardTests {
  typealias Cell = ResultTable.Cell

  struct Drawing {
    var name: String
    var svg: SVGReader
    var text: String
  }

  /// The figures of the reports that are kept in the project.
  static func bundled() throws -> [Drawing] {
    let reports = Golden.projectFolder.appendingPathComponent("Reports")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: reports.path)
    return try paths.filter { $0.hasSuffix(".svg") }.sorted().map { path in
      let text = try String(contentsOf: reports.appendingPathComponent(path), encoding: .utf8)
      return Drawing(name: path, svg: try #require(SVGReader.read(text), "\(path)"), text: text)
    }
  }

  static func gallery() throws -> [Drawing] {
    try Gallery.all().map { figure in
      Drawing(
        name: figure.name, svg: try #require(SVGReader.read(figure.svg)), text: figure.svg)
    }
  }

  @Test func bundledFiguresKeepTheStandard() throws {
    let drawings = try Self.bundled()
    #expect(drawings.count > 50)
    for drawing in drawings {
      let (name, svg) = (drawing.name, drawing.svg)
      #expect(svg.root["role"] == "img", "\(name)")
      #expect(!svg.title.isEmpty && svg.summary.count > svg.title.count, "\(name)")
      #expect(svg.background["fill"] == "#FFFFFF", "\(name)")
      #expect(svg.title.split(separator: " ").count <= 10, "\(name): \(svg.title)")
      // Title, subtitle with measure, place and period, and then what is drawn.
      #expect(svg.texts.count > 2 && svg.texts[1].size == 14, "\(name) has no subtitle")
      #expect(!drawing.text.contains("rotate"), "\(name)")
      for text in svg.texts { #expect(text.size >= 12, "\(name): \(text.content)") }
    }
  }

  @Test func labelsKeepOffEachOtherAndOffMarkers() throws {
    for drawing in try Self.bundled() + Self.gallery() {
      let texts = drawing.svg.texts
      for (index, a) in texts.enumerated() {
        for b in texts[(index + 1)...] {
          #expect(
            !a.box.meets(b.box, by: 0.5), "\(drawing.name): '\(a.content)', '\(b.content)'")
        }
        for marker in drawing.svg.markers {
          #expect(!a.box.meets(marker, by: 1), "\(drawing.name): '\(a.content)' on a marker")
        }
      }
    }
  }

  /// What stands behind data may pass under a label that has a halo.
  private static let behind: Set<String> = [
    Palette.grid, Palette.band, Palette.axis, Palette.faint, Palette.quiet, Palette.paper,
  ]

  @Test func labelsKeepOffLinesOfData() throws {
    for drawing in try Self.bundled() {
      for text in drawing.svg.texts {
        var box = text.box
        (box.x, box.y) = (box.x + 1, box.y + 1)
        (box.width, box.height) = (box.width - 2, box.height - 2)
        for path in drawing.svg.paths where !Self.behind.contains(path.stroke) {
          let isCrossed = zip(path.points, path.points.dropFirst()).contains {
            box.isCrossed($0, $1)
          }
          #expect(!isCrossed, "\(drawing.name): a line runs through '\(text.content)'")
        }
      }
    }
  }

  @Test func whateverCarriesDataStandsOut() throws {
    // Areas with an outline that stands out may be pale.
    let pale: Set<String> = [Palette.grid, Palette.band, Palette.paper, "#D5DEE8", "#93A8BF"]
    for drawing in try Self.bundled() + Self.gallery() {
      for (element, attribute, color) in drawing.svg.colors
      where !(attribute == "fill" && pale.contains(color)) && color != Palette.grid {
        if element == "text", attribute == "stroke" { continue }
        #expect(
          Contrast.between(color, Palette.paper) >= 3 || color == Palette.paper,
          "\(drawing.name): \(element) \(attribute) \(color)")
      }
    }
  }

  @Test func linesOfTwoColoursHaveTwoDashes() throws {
    for drawing in try Self.bundled() + Self.gallery() {
      var dashes: [String: Set<String>] = [:]
      for path in drawing.svg.paths
      where path.isPolyline && Palette.series.contains(path.stroke) {
        dashes[path.stroke, default: []].insert(path.dash ?? "solid")
      }
      let all = dashes.values.flatMap { $0 }
      #expect(dashes.count <= 4, "\(drawing.name)")
      #expect(Set(all).count == all.count, "\(drawing.name): \(dashes)")
    }
    #expect(Set(Palette.dashes.map { $0 ?? "solid" }).count == Palette.series.count)
  }

  @Test func everyFigureOfAReportNamesItsData() throws {
    let reports = Golden.projectFolder.appendingPathComponent("Reports")
    var count = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: reports.path) {
      let url = reports.appendingPathComponent("\(name)/report.md")
      let blocks = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n\n")
      for (block, next) in zip(blocks, blocks.dropFirst()) where block.hasPrefix("![") {
        count += 1
        #expect(
          next.contains(/^\*Figure \d+\.\* .* Data: \[results\/[a-z_0-9]+\.csv\]/), "\(next)")
      }
    }
    #expect(count > 50)
  }

  /// Small quarters are withheld: nothing is drawn over them, and the panel says so.
  @Test func linesBreakWhereQuartersAreWithheld() throws {
    var table = ResultTable.performanceQuarters
    let counts = [12, 14, 3, 15, 13]
    var sum = 0
    for (quarter, count) in counts.enumerated() {
      let before = sum
      sum += count
      try table.append([
        "contract": "A", "site": "A", "outcome": "Job start",
        "period": .text("\(2020 + quarter / 4)-Q\(quarter % 4 + 1)"), "original": 12,
        "latest": 12, "actual": Cell(count), "actual.low": Cell(count - 2),
        "actual.high": Cell(count + 2), "cumulative_original": Cell(12 * (quarter + 1)),
        "cumulative_latest": Cell(12 * (quarter + 1)), "cumulative_before": Cell(before),
        "cumulative_actual": Cell(sum), "cumulative_actual.low": Cell(sum - 5),
        "cumulative_actual.high": Cell(sum + 5),
      ])
    }
    var control = Disclosure(profile: .acroDefault)
    let safe = try control.release(table)
    #expect(safe.value.cells("actual")[2] == .suppressed)
    let isKnown = safe.value.cells("cumulative_actual").map { $0.number != nil }
    #expect(isKnown.contains(false) && isKnown.contains(true))
    let figure = try ExpectedActualChart(title: "t", subtitle: "s").figure(safe)
    let svg = try #require(SVGReader.read(figure.svg))
    let drawn = svg.paths.filter {
      $0.isPolyline && $0.stroke == Palette.series[0] && $0.width == 3
    }
    let runs = isKnown.split(separator: false).map(\.count)
    #expect(drawn.map(\.points.count) == runs.filter { $0 > 1 })
    #expect(svg.texts.contains { $0.content == "[c]" })
    #expect(svg.texts.contains { $0.content == "[c] withheld by disclosure control" })
    // Points of the quarters that are known, and nothing for those that are not.
    let shown = safe.value.cells("actual").count { $0.number != nil }
    #expect(svg.markers.count == shown + runs.count { $0 == 1 })
  }

  @Test func namesFindFreePlaces() {
    var labels = PointLabels(bounds: .init(x: 0, y: 0, width: 300, height: 200))
    labels.avoid([(0, 100), (300, 100)])
    labels.avoid(x: 100, y: 100, radius: 6)
    labels.avoid(x: 115, y: 100, radius: 6)
    var canvas = Canvas(width: 300)
    canvas.height = 200
    labels.write("First service", x: 100, y: 100, &canvas)
    labels.write("Second service", x: 115, y: 100, &canvas)
    let names = labels.taken.suffix(2).map { $0 }
    #expect(!names[0].meets(names[1]))
    for name in names {
      #expect(!name.isCrossed((0, 100), (300, 100)))
      #expect(name.x >= 0 && name.y >= 0 && name.x + name.width <= 300)
    }
  }
}

extension PointLabels.Box {
  /// Whether another lies on it by more than so many pixels both ways.
  func meets(_ other: Self, by reach: Double) -> Bool {
    min(x + width, other.x + other.width) - max(x, other.x) > reach
      && min(y + height, other.y + other.height) - max(y, other.y) > reach
  }
}
