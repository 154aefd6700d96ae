import Foundation
import Statistics
import Testing

@testable import Reporting

@Suite struct ChartTests {
  @Test func everyChartIsWellMade() throws {
    for figure in try Gallery.all() {
      if let folder = ProcessInfo.processInfo.environment["SIBLING_GALLERY"] {
        try Data(figure.svg.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(figure.name).svg"))
      }
      let svg = try #require(SVGReader.read(figure.svg), "\(figure.name) is not well-formed")
      #expect(svg.root["role"] == "img")
      #expect(!svg.title.isEmpty && svg.summary.count > svg.title.count)
      #expect(svg.background["fill"] == "#FFFFFF")
      #expect(
        svg.names.isSubset(of: [
          "svg", "title", "desc", "rect", "text", "line", "polyline", "polygon", "circle",
        ]))
      for word in ["nan", "NaN", "INF", "inf"] {
        for lead in ["\"", ",", " ", "-"] {
          #expect(
            !figure.svg.contains("=\(lead)\(word)\"") && !figure.svg.contains("\(lead)\(word),"))
        }
      }
      #expect(!figure.svg.contains("rotate"))
      let width = Double(svg.root["width"] ?? "") ?? 0
      let height = Double(svg.root["height"] ?? "") ?? 0
      for text in svg.texts {
        #expect(text.size >= 12)
        #expect(
          text.left >= 0 && text.right <= width && text.y - text.size * 0.7 >= 0
            && text.y <= height, "\(figure.name): '\(text.content)' leaves the picture")
      }
      for (index, a) in svg.texts.enumerated() {
        for b in svg.texts[(index + 1)...] {
          let across = min(a.right, b.right) - max(a.left, b.left)
          let down = min(a.y, b.y) - max(a.y - a.size * 0.7, b.y - b.size * 0.7)
          #expect(
            across <= 0.5 || down <= 0.5,
            "\(figure.name): '\(a.content)' and '\(b.content)' lie on each other")
        }
      }
    }
  }

  @Test func aBenchmarkIsAClaim() throws {
    let claims = try Gallery.forestMoney().claims
    #expect(claims.map(\.text) == ["$1,794"])
    #expect(claims.map(\.cell?.column) == ["estimate"])
  }

  @Test func sameBytesEveryTime() throws {
    #expect(try Gallery.all().map(\.svg) == Gallery.all().map(\.svg))
  }

  @Test func coloursStandOut() throws {
    for color in Palette.series + [Palette.axis, Palette.faint] {
      #expect(Contrast.between(color, "#FFFFFF") >= 3)
    }
    for figure in try Gallery.all() {
      let svg = try #require(SVGReader.read(figure.svg))
      for text in svg.texts {
        // White text stands only in the last box of a flow diagram.
        let paper = text.fill == Palette.paper ? Palette.series[0] : Palette.paper
        #expect(Contrast.between(text.fill, paper) >= 4.5, "\(figure.name): \(text.content)")
      }
    }
  }

  @Test func nothingToDrawIsAnError() throws {
    #expect(throws: SiblingError.self) {
      try LovePlot(title: "", subtitle: "").figure(released(.balance))
    }
    #expect(throws: SiblingError.self) {
      try LovePlot(title: "", subtitle: "").figure(
        released(Gallery.estimates([("a", "", 1, 0, 2)])))
    }
    #expect(throws: SiblingError.self) {
      try PaymentsChart(title: "", subtitle: "").figure(released(.payments))
    }
  }

  @Test func textIsEscaped() throws {
    let table = try Gallery.estimates([("<b> & \"quotes\" \u{1}", "", 1, 0, 2)])
    let figure = try ForestPlot(title: "A < B", subtitle: "x & y", axisTitle: "<")
      .figure(released(table))
    let svg = try #require(SVGReader.read(figure.svg))
    #expect(svg.title == "A < B")
    #expect(svg.texts.contains { $0.content.hasPrefix("<b> & \"quotes\"") })
  }

  @Test func ticksAreRoundAndCoverTheData() {
    var draws = Draws(17)
    for _ in 0..<2000 {
      let center = (draws.uniform() - 0.5) * pow(10, Double(draws.below(12)) - 5)
      let spread = draws.uniform() * pow(10, Double(draws.below(12)) - 5)
      let scale = Scale(covering: [center - spread, center + spread], start: 0, end: 100)
      #expect(scale.low <= center - spread && scale.high >= center + spread)
      #expect((2...14).contains(scale.ticks.count))
      let texts = scale.tickTexts(.decimals(0))
      #expect(Set(texts).count == texts.count, "\(texts)")
    }
  }

  @Test func labelsKeepTheirDistance() {
    var draws = Draws(23)
    for _ in 0..<500 {
      let wanted = (0..<(1 + draws.below(5))).map { _ in draws.uniform() * 100 }
      let places = Spread.positions(wanted, gap: 15, low: 0, high: 100)
      let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
      for (a, b) in zip(order, order.dropFirst()) { #expect(places[b] - places[a] >= 15 - 1e-6) }
      #expect(places.allSatisfy { $0 >= -1e-6 && $0 <= 100 + 1e-6 })
    }
  }
}
