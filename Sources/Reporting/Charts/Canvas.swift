/// The parts of an SVG picture, in drawing order, with stable bytes.
///
/// Numbers have at most two decimals; every text is a real, horizontal `<text>` of at least 12
/// pixels; the background is opaque white.
struct Canvas {
  let width: Double
  var height: Double = 0
  private var body = ""
  /// Whether a text says that a number was withheld.
  private(set) var saysWithheld = false

  init(width: Double = 760) { self.width = width }

  enum Anchor: String {
    case start
    case middle
    case end
  }

  /// A coordinate as text.
  static func number(_ value: Double) -> String {
    var text = FixedText.decimals(value, 2)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text
  }

  /// Text with the characters escaped that XML would read, without those it forbids.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "\t", "\n", "\r": output += " "
      default:
        let isForbidden = scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
        if !isForbidden { output.unicodeScalars.append(scalar) }
      }
    }
    return output
  }

  mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 14, anchor: Anchor = .start,
    bold: Bool = false, color: String = Palette.ink, halo: Bool = false
  ) {
    guard !text.isEmpty else { return }
    if text.contains("[c]") { saysWithheld = true }
    var attributes = Canvas.pairs([("x", x), ("y", y)])
    attributes += " font-size=\"\(Canvas.number(max(12, size)))\" fill=\"\(color)\""
    if anchor != .start { attributes += " text-anchor=\"\(anchor.rawValue)\"" }
    if bold { attributes += " font-weight=\"bold\"" }
    if halo {
      attributes +=
        " stroke=\"\(Palette.paper)\" stroke-width=\"4\" stroke-linejoin=\"round\""
        + " paint-order=\"stroke\""
    }
    add("<text\(attributes)>\(Canvas.escaped(text))</text>")
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String = Palette.ink,
    width: Double = 1, dash: String? = nil
  ) {
    let ends = Canvas.pairs([("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)])
    add("<line\(ends)\(Canvas.stroke(color, width, dash))/>")
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, stroke: String? = nil,
    radius: Double = 0, opacity: Double = 1
  ) {
    var attributes = Canvas.pairs([
      ("x", x), ("y", y), ("width", max(0, width)), ("height", max(0, height)),
    ])
    if radius > 0 { attributes += Canvas.pairs([("rx", radius)]) }
    attributes += " fill=\"\(fill)\""
    if opacity < 1 { attributes += Canvas.pairs([("fill-opacity", opacity)]) }
    if let stroke { attributes += Canvas.stroke(stroke, 1, nil) }
    add("<rect\(attributes)/>")
  }

  mutating func polyline(
    _ points: [(x: Double, y: Double)], color: String, width: Double = 2, dash: String? = nil
  ) {
    guard points.count > 1 else { return }
    let joined = Canvas.joined(points)
    add(
      "<polyline points=\"\(joined)\" fill=\"none\" stroke-linejoin=\"round\""
        + "\(Canvas.stroke(color, width, dash))/>")
  }

  mutating func polygon(
    _ points: [(x: Double, y: Double)], fill: String, stroke: String? = nil, opacity: Double = 1,
    strokeWidth: Double = 1
  ) {
    guard points.count > 2 else { return }
    var attributes = " fill=\"\(fill)\""
    if opacity < 1 { attributes += Canvas.pairs([("fill-opacity", opacity)]) }
    if let stroke { attributes += Canvas.stroke(stroke, strokeWidth, nil) }
    add("<polygon points=\"\(Canvas.joined(points))\"\(attributes)/>")
  }

  /// A marker around a point; hollow ones are filled with the paper's white.
  mutating func marker(
    _ marker: Marker, x: Double, y: Double, radius r: Double = 5, color: String,
    hollow: Bool = false
  ) {
    let fill = hollow ? Palette.paper : color
    switch marker {
    case .circle:
      let shape = Canvas.pairs([("cx", x), ("cy", y), ("r", r)])
      add("<circle\(shape) fill=\"\(fill)\"\(Canvas.stroke(color, 2, nil))/>")
    case .square:
      let s = r * 0.9
      let corners = [(x - s, y - s), (x + s, y - s), (x + s, y + s), (x - s, y + s)]
      polygon(corners.map { (x: $0.0, y: $0.1) }, fill: fill, stroke: color, strokeWidth: 2)
    case .diamond:
      let s = r * 1.25
      let corners = [(x, y - s), (x + s, y), (x, y + s), (x - s, y)]
      polygon(corners.map { (x: $0.0, y: $0.1) }, fill: fill, stroke: color, strokeWidth: 2)
    case .triangle:
      let s = r * 1.2
      let corners = [(x, y - s), (x + s, y + 0.8 * s), (x - s, y + 0.8 * s)]
      polygon(corners.map { (x: $0.0, y: $0.1) }, fill: fill, stroke: color, strokeWidth: 2)
    }
  }

  private mutating func add(_ element: String) { body += element + "\n" }

  /// The picture with its title and description for readers who cannot see it.
  func svg(name: String, title: String, description: String) -> String {
    let id = DataPackage.identifier(name)
    let (w, h) = (Canvas.number(width), Canvas.number(height.rounded(.up)))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(w) \(h)" width="\(w)" height="\(h)" \
      style="max-width:100%;height:auto" role="img" aria-labelledby="\(id)-title \(id)-desc" \
      font-family="Helvetica, Arial, 'Liberation Sans', sans-serif">
      <title id="\(id)-title">\(Canvas.escaped(title))</title>
      <desc id="\(id)-desc">\(Canvas.escaped(description))</desc>
      <rect x="0" y="0" width="\(w)" height="\(h)" fill="\(Palette.paper)"/>
      \(body)</svg>

      """
  }

  private static func pairs(_ attributes: [(String, Double)]) -> String {
    attributes.map { " \($0.0)=\"\(number($0.1))\"" }.joined()
  }

  private static func joined(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  private static func stroke(_ color: String, _ width: Double, _ dash: String?) -> String {
    let dashes = dash.map { " stroke-dasharray=\"\($0)\"" } ?? ""
    return " stroke=\"\(color)\" stroke-width=\"\(number(width))\"\(dashes)"
  }
}

/// The shape of a point.
enum Marker {
  case circle
  case diamond
  case square
  case triangle
}

/// The colours, after the UK government analysis function's categorical palette.
enum Palette {
  static let paper = "#FFFFFF"
  static let ink = "#0B0C0C"
  static let quiet = "#505A5F"
  static let grid = "#DFE3E5"
  static let band = "#EEF1F3"
  static let axis = "#6F777B"
  /// What stands behind colored lines and must still be seen.
  static let faint = "#8A9297"
  /// The four categories, in order.
  static let series = ["#12436D", "#28A197", "#801650", "#F46A25"]
  /// The same hues dark enough for text.
  static let seriesText = ["#12436D", "#17665F", "#801650", "#A33A03"]
  /// The line patterns that go with them.
  static let dashes: [String?] = [nil, "8 4", "2 3", "10 3 2 3"]
  static let markers: [Marker] = [.circle, .diamond, .square, .triangle]
}
