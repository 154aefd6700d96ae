import Foundation
import FoundationXML

@testable import Reporting

/// What an SVG holds, read by an XML parser.
final class SVGReader: NSObject, XMLParserDelegate {
  struct Text {
    var content = ""
    var x = 0.0
    var y = 0.0
    var size = 0.0
    var anchor = "start"
    var bold = false
    var fill = ""
    /// Where it stands in drawing order.
    var order = 0
    var left: Double {
      let width = TextWidth.of(content, size: size, bold: bold)
      return anchor == "end" ? x - width : anchor == "middle" ? x - width / 2 : x
    }
    var right: Double { left + TextWidth.of(content, size: size, bold: bold) }
    var box: PointLabels.Box {
      .init(x: left, y: y - size * 0.7, width: right - left, height: size * 0.7)
    }
  }

  /// A line that is drawn, from place to place.
  struct Path {
    var points: [(x: Double, y: Double)]
    var stroke: String
    var dash: String?
    var width: Double
    var isPolyline: Bool
  }

  var names: Set<String> = []
  var root: [String: String] = [:]
  var texts: [Text] = []
  var paths: [Path] = []
  /// Small shapes that stand for one value.
  var markers: [PointLabels.Box] = []
  /// Every colour that is drawn with, and by what.
  var colors: [(element: String, attribute: String, color: String)] = []
  var title = ""
  var summary = ""
  var background: [String: String] = [:]
  private var open: [String] = []
  private var count = 0

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    names.insert(name)
    count += 1
    if open.isEmpty { root = attributes }
    if name == "rect", background.isEmpty { background = attributes }
    func number(_ key: String) -> Double { Double(attributes[key] ?? "") ?? .nan }
    for key in ["stroke", "fill"] {
      if let color = attributes[key], color.hasPrefix("#") { colors.append((name, key, color)) }
    }
    let points = (attributes["points"] ?? "").split(separator: " ").map { pair in
      let parts = pair.split(separator: ",").compactMap { Double($0) }
      return (x: parts.first ?? .nan, y: parts.last ?? .nan)
    }
    let stroke = attributes["stroke"] ?? ""
    switch name {
    case "text":
      texts.append(
        Text(
          x: number("x"), y: number("y"), size: Double(attributes["font-size"] ?? "") ?? 0,
          anchor: attributes["text-anchor"] ?? "start", bold: attributes["font-weight"] == "bold",
          fill: attributes["fill"] ?? "", order: count))
    case "line", "polyline":
      let ends = [(x: number("x1"), y: number("y1")), (x: number("x2"), y: number("y2"))]
      paths.append(
        Path(
          points: name == "line" ? ends : points, stroke: stroke,
          dash: attributes["stroke-dasharray"], width: number("stroke-width"),
          isPolyline: name == "polyline"))
    case "circle":
      let r = number("r")
      markers.append(.init(x: number("cx") - r, y: number("cy") - r, width: 2 * r, height: 2 * r))
    case "polygon":
      let (xs, ys) = (points.map(\.x), points.map(\.y))
      if points.count <= 4, let left = xs.min(), let right = xs.max(), let top = ys.min(),
        let bottom = ys.max(), right - left < 20, bottom - top < 20
      {
        markers.append(.init(x: left, y: top, width: right - left, height: bottom - top))
      }
    default: break
    }
    open.append(name)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { open.removeLast() }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    switch open.last {
    case "text": texts[texts.count - 1].content += string
    case "title": title += string
    case "desc": summary += string
    default: break
    }
  }

  static func read(_ svg: String) -> SVGReader? {
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    return parser.parse() ? reader : nil
  }
}

/// How far two colours stand out from each other (WCAG 2.2, relative luminance).
enum Contrast {
  static func between(_ a: String, _ b: String) -> Double {
    let pair = [luminance(a), luminance(b)].sorted()
    return (pair[1] + 0.05) / (pair[0] + 0.05)
  }

  private static func luminance(_ color: String) -> Double {
    let channels = stride(from: 1, to: 7, by: 2).map { offset -> Double in
      let start = color.index(color.startIndex, offsetBy: offset)
      let end = color.index(start, offsetBy: 2)
      let value = Double(Int(color[start..<end], radix: 16) ?? 0) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }
}
