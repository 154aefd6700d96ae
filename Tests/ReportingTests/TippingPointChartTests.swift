import Statistics
import Testing

@testable import Reporting

@Suite struct TippingPointChartTests {
  @Test func theLinesSolveTheirEquation() throws {
    let tenths = (0...10).map { Double($0) / 10 }
    let table = try Gallery.tippingTable(
      values: tenths, base: 0.07, slope: (0.3, 0.2), error: 0.03)
    let field = try #require(TippingField(table))
    #expect(field.isDrawable && field.limits.count == 2)
    for point in field.zero { #expect((0.07 + 0.3 * point.y - 0.2 * point.x).magnitude < 1e-12) }
    for point in field.limits[0] {
      #expect((0.07 + 0.3 * point.y - 0.2 * point.x - 1.96 * 0.03).magnitude < 1e-12)
    }
    #expect(zip(field.zero, field.zero.dropFirst()).allSatisfy { $0.x <= $1.x && $0.y <= $1.y })
  }

  @Test func theChartSaysWhatItShows() throws {
    let figure = try #require(try Gallery.tippingCharts().first)
    #expect(figure.summary.contains("the interval lies above 0"))
    #expect(figure.summary.contains("the interval includes 0"))
    #expect(figure.svg.contains("Missing at random"))
    #expect(throws: SiblingError.self) { try Gallery.tippingNothing() }
  }
}
