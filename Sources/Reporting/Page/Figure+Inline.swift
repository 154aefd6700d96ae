extension Figure {
  /// The picture as a part of a page: its ids begin with `id`, so that no two are alike, and it is
  /// described by `description`.
  func inline(id: String, description: String) -> String {
    let own = DataPackage.identifier(name)
    var svg = svg
    while svg.last?.isNewline == true { svg.removeLast() }
    for part in ["title", "desc"] {
      svg = svg.replacing("id=\"\(own)-\(part)\"", with: "id=\"\(id)-\(part)\"", maxReplacements: 1)
    }
    svg = svg.replacing(
      "aria-labelledby=\"\(own)-title \(own)-desc\"",
      with: "aria-labelledby=\"\(id)-title \(id)-desc\"", maxReplacements: 1)
    let opening = "<desc id=\"\(id)-desc\">"
    guard let start = svg.firstRange(of: opening)?.upperBound,
      let end = svg[start...].firstRange(of: "</desc>")?.lowerBound
    else { return svg }
    svg.replaceSubrange(start..<end, with: Canvas.escaped(description))
    return svg
  }
}
