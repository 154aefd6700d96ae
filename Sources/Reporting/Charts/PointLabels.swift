/// Places names beside points so that they lie neither on each other nor, where there is room, on a
/// line.
struct PointLabels {
  /// A rectangle of the picture.
  struct Box {
    var x, y, width, height: Double

    func meets(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }

    /// Whether a straight line between two places touches it (Liang and Barsky 1984,
    /// doi:10.1145/357332.357333).
    func isCrossed(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double)) -> Bool {
      let (dx, dy) = (to.x - from.x, to.y - from.y)
      var (enters, leaves) = (0.0, 1.0)
      for (step, room) in [
        (-dx, from.x - x), (dx, x + width - from.x), (-dy, from.y - y), (dy, y + height - from.y),
      ] {
        if step == 0 {
          if room < 0 { return false }
        } else if step < 0 {
          enters = max(enters, room / step)
        } else {
          leaves = min(leaves, room / step)
        }
      }
      return enters <= leaves
    }
  }

  /// Where names may stand.
  var bounds: Box
  /// What no name may cover: points, and the names that stand already.
  private(set) var taken: [Box] = []
  private var segments: [(from: (x: Double, y: Double), to: (x: Double, y: Double))] = []

  init(bounds: Box) { self.bounds = bounds }

  /// Keeps names off a marker.
  mutating func avoid(x: Double, y: Double, radius: Double) {
    taken.append(Box(x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius))
  }

  /// Keeps names off a line, where they can be.
  mutating func avoid(_ path: [(x: Double, y: Double)]) {
    for (from, to) in zip(path, path.dropFirst()) { segments.append((from, to)) }
  }

  /// Writes a name beside its point, with a thin line to it where it had to go far.
  ///
  /// The nearest place that is free of points, names and lines; else of points and names.
  mutating func write(_ name: String, x: Double, y: Double, _ canvas: inout Canvas) {
    let width = TextWidth.of(name, size: 13)
    var spots: [(x: Double, y: Double)] = [
      (x + 10, y - 8), (x - 10 - width, y - 8), (x - width / 2, y - 25), (x - width / 2, y + 9),
    ]
    for step in 1...14 {
      let away = 6 * Double(step)
      for side in [-8 - away, away - 8] {
        spots += [(x + 10, y + side), (x - 10 - width, y + side)]
        if away > 18 { spots.append((x - width / 2, y + side)) }
      }
    }
    let boxes = spots.map { Box(x: $0.x, y: $0.y, width: width, height: 16) }.filter { box in
      box.x >= bounds.x && box.x + width <= bounds.x + bounds.width && box.y >= bounds.y
        && box.y + box.height <= bounds.y + bounds.height && !taken.contains { $0.meets(box) }
    }
    let box =
      boxes.first { box in !segments.contains { box.isCrossed($0.from, $0.to) } } ?? boxes.first
      ?? Box(x: x + 10, y: y - 8, width: width, height: 16)
    if abs(box.y + 8 - y) > 22 {
      let end = box.x > x ? box.x - 2 : box.x + width < x ? box.x + width + 2 : x
      let edge = end != x ? box.y + 8 : box.y > y ? box.y : box.y + 16
      canvas.line(x, y, end, edge, color: Palette.axis)
    }
    canvas.text(name, x: box.x, y: box.y + 12.5, size: 13, halo: true)
    taken.append(box)
  }
}
